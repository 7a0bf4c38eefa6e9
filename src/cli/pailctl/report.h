/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a check found, one line a step as it is known, or one JSON object at the end. Not thread safe. Private to the layer.
 *
 *   failed   clock            the clock of this machine differs…; set it right
 */
#ifndef PAIL_CLI_PAILCTL_REPORT_H
#define PAIL_CLI_PAILCTL_REPORT_H

#include <stdbool.h>

#include "pail/util/cleanup.h"

enum pail_ctl_status { PAIL_CTL_OK, PAIL_CTL_WARNING, PAIL_CTL_FAILED, PAIL_CTL_SKIPPED };

struct pail_ctl_report;

/* source: what is checked; NULL: no bucket. Lines are printed at once unless as_json. -ENOMEM. */
int pail_ctl_report_new(const char *source, bool as_json, struct pail_ctl_report **ret_report);
void pail_ctl_report_free(struct pail_ctl_report *report);
PAIL_DEFINE_CLEANUP(struct pail_ctl_report, pail_ctl_report_free);

/* name: stable, for programs. remedy NULL or "": none. Without memory the report fails at its end. */
void pail_ctl_report_add(struct pail_ctl_report *report, enum pail_ctl_status status, const char *name,
                         const char *remedy, const char *detail_format, ...) __attribute__((format(printf, 5, 6)));
/* Of the lines that follow: the profile that they are of, for JSON (borrowed; NULL: it is not told); is_lenient: what fails is a warning. */
void pail_ctl_report_set_profile(struct pail_ctl_report *report, const char *profile, bool is_lenient);
/* How many steps have failed so far. */
unsigned pail_ctl_report_failed(const struct pail_ctl_report *report);
/* Prints the JSON: {"source", "failed", "checks": [{"name", "status", "detail", "remedy"}]}, "profile" as set. 0, -ENOMEM, -EIO. */
int pail_ctl_report_end(struct pail_ctl_report *report);

#endif
