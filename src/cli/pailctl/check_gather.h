/* SPDX-License-Identifier: Apache-2.0 */
/* The facts of a check, and its failures in words. Private to the layer. */
#ifndef PAIL_CLI_PAILCTL_CHECK_GATHER_H
#define PAIL_CLI_PAILCTL_CHECK_GATHER_H

#include "check_facts.h"

/* What goes wrong is in check->failure then. Each takes the preparation's steps up to its own. */
void pail_check_prepare_fuse(struct pail_check *check);
void pail_check_prepare_directories(struct pail_check *check);
void pail_check_open(struct pail_check *check);       /* files of this machine, endpoint, engine */
void pail_check_find_keys(struct pail_check *check);  /* credentials, which may come over the network */
void pail_check_ask_server(struct pail_check *check); /* one unsigned and one signed request */
void pail_check_measure(struct pail_check *check);    /* more unsigned ones: the least duration counts */
void pail_check_close(struct pail_check *check);

/* What the server said of the region that was asked first; class NONE: it took it. */
void pail_check_get_region_refusal(struct pail_check *check, struct pail_error *ret_refusal);

/* An error in the words that pail says at mount. action: of the policy; NULL: none alone. */
void pail_check_diagnose(const struct pail_check *check, const struct pail_error *error, const char *action,
                         struct pail_diagnosis *ret_diagnosis);
/* The line of a request that failed: failed, or a warning. */
void pail_check_report_error(struct pail_check *check, enum pail_ctl_status status, const char *name,
                             const struct pail_error *error, const char *action);

#endif
