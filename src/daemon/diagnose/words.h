/* SPDX-License-Identifier: Apache-2.0 */
/* What the tables of explain.c are made of: one function for a kind of failure, which fills cause, detail and remedy. Private to explain*.c. */
#ifndef PAIL_DAEMON_DIAGNOSE_WORDS_H
#define PAIL_DAEMON_DIAGNOSE_WORDS_H

#include <stdbool.h>

#include "pail/daemon/diagnose.h"

typedef void pail_explain_say(struct pail_explanation *explanation, const struct pail_error *error,
                              const struct pail_explain_context *context);

void pail_explain_set_detail(struct pail_explanation *explanation, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
/* One that was set by who knows more is kept. */
void pail_explain_set_remedy(struct pail_explanation *explanation, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
/* "work (access key id 'AKIA' from the environment)" */
void pail_explain_name_profile(const struct pail_explain_context *context, char *ret_text, size_t size);
/* ": the server says: WORDS", without the full stop; "" where it said nothing that its code does not say. */
void pail_explain_quote(const struct pail_error *error, char *ret_text, size_t size);
/* Its URL, or "AWS". */
const char *pail_explain_endpoint(const struct pail_explain_context *context);
/* What to look at when the server is not the one that it should be. */
void pail_explain_doubt_endpoint(struct pail_explanation *explanation, const struct pail_explain_context *context,
                                 const char *endpoint_doubt);

/* No answer, or none of S3 (explain_transport.c). */
pail_explain_say pail_explain_unreachable, pail_explain_silent, pail_explain_certificate, pail_explain_no_s3,
        pail_explain_broken, pail_explain_unavailable;
/* An answer of S3 that says no (explain_denied.c). */
pail_explain_say pail_explain_denied, pail_explain_account, pail_explain_page;

#endif
