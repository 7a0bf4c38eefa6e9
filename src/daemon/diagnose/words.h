/* SPDX-License-Identifier: Apache-2.0 */
/* What sentences about failures are made of. Private to the layer. */
#ifndef PAIL_DAEMON_DIAGNOSE_WORDS_H
#define PAIL_DAEMON_DIAGNOSE_WORDS_H

#include <stdbool.h>

#include "pail/daemon/diagnosis.h"
#include "pail/util/error.h"

/* One for a kind of failure: fills cause, detail and remedy. */
typedef void pail_diagnosis_sentence(struct pail_diagnosis *diagnosis, const struct pail_error *error,
                                     const struct pail_diagnosis_context *context);

void pail_diagnosis_set_detail(struct pail_diagnosis *diagnosis, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
/* One that was set by who knows more is kept. */
void pail_diagnosis_set_remedy(struct pail_diagnosis *diagnosis, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
/* "work (access key id 'AKIA' from the environment)" */
void pail_diagnosis_name_profile(const struct pail_diagnosis_context *context, char *ret_text, size_t size);
/* ": the server says: WORDS", without the full stop; "" where it said nothing that its code does not say. */
void pail_diagnosis_quote(const struct pail_error *error, char *ret_text, size_t size);
/* Its URL, or "AWS". */
const char *pail_diagnosis_endpoint(const struct pail_diagnosis_context *context);
/* What to look at when the server is not the one that it should be. */
void pail_diagnosis_doubt_endpoint(struct pail_diagnosis *diagnosis, const struct pail_diagnosis_context *context,
                                   const char *endpoint_doubt);

#endif
