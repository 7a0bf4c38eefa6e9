/* SPDX-License-Identifier: Apache-2.0 */
/* Failures of requests, in words that name the cause and the remedy: what pail says at mount and pailctl in a check. */
#ifndef PAIL_DAEMON_DIAGNOSE_H
#define PAIL_DAEMON_DIAGNOSE_H

#include "pail/daemon/diagnosis.h"
#include "pail/util/error.h"

/* error->class may be NONE: the cause is NONE then, too. */
void pail_diagnose(const struct pail_error *error, const struct pail_diagnosis_context *context,
                   struct pail_diagnosis *ret_diagnosis);
/* Replaces the message by one for the person who mounts: detail and remedy in one line. */
void pail_diagnose_message(struct pail_error *error, const struct pail_diagnosis_context *context);

#endif
