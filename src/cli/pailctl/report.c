/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines are printed as they come, because a person waits; the JSON is one object and comes at the end. An error (no memory, a closed pipe) is kept and
 * returned by the end, so that the steps need not look after it.
 */
#include "report.h"

#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>

#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"
#include "text.h"

enum { LINE_MAX_BYTES = 4096 };

static const char *const status_names[] = {
        [PAIL_CTL_OK] = "ok",
        [PAIL_CTL_WARNING] = "warning",
        [PAIL_CTL_FAILED] = "failed",
        [PAIL_CTL_SKIPPED] = "skipped",
};

struct pail_ctl_report {
        json_t *root, *checks; /* NULL: lines are printed instead; checks is borrowed from root */
        const char *profile;
        bool is_lenient;
        unsigned failed;
        int error;
};

void pail_ctl_report_free(struct pail_ctl_report *report)
{
        if (!report)
                return;
        json_decref(report->root);
        free(report);
}

int pail_ctl_report_new(const char *source, bool as_json, struct pail_ctl_report **ret_report)
{
        _cleanup_(pail_ctl_report_free_p) struct pail_ctl_report *report = calloc(1, sizeof(*report));
        if (!report)
                return -ENOMEM;
        if (as_json) {
                report->root = json_object();
                report->checks = json_array();
                if (json_object_set_new(report->root, "source", pail_ctl_json_string(source)) < 0 ||
                    json_object_set_new(report->root, "checks", report->checks) < 0)
                        return -ENOMEM;
        }
        *ret_report = pail_steal(&report);
        return 0;
}

static int add_json(struct pail_ctl_report *report, enum pail_ctl_status status, const char *name, const char *detail,
                    const char *remedy)
{
        json_t *item = json_object();
        if (json_array_append_new(report->checks, item) < 0 ||
            json_object_set_new(item, "name", json_string(name)) < 0 ||
            json_object_set_new(item, "status", json_string(status_names[status])) < 0 ||
            json_object_set_new(item, "detail", pail_ctl_json_string(detail)) < 0 ||
            json_object_set_new(item, "remedy", pail_ctl_json_string(pail_str_is_empty(remedy) ? NULL : remedy)) < 0)
                return -ENOMEM;
        if (report->profile && json_object_set_new(item, "profile", pail_ctl_json_string(report->profile)) < 0)
                return -ENOMEM;
        return 0;
}

static int print_line(enum pail_ctl_status status, const char *name, char *detail, const char *remedy)
{
        pail_str_make_printable(detail);
        printf("%-8s %-16s %s%s%s\n", status_names[status], name, detail, pail_str_is_empty(remedy) ? "" : "; ",
               pail_str_is_empty(remedy) ? "" : remedy);
        return fflush(stdout) == EOF ? -EIO : 0; /* who waits sees how far it is */
}

void pail_ctl_report_add(struct pail_ctl_report *report, enum pail_ctl_status status, const char *name,
                         const char *remedy, const char *detail_format, ...)
{
        char detail[LINE_MAX_BYTES];
        va_list arguments;
        va_start(arguments, detail_format);
        vsnprintf(detail, sizeof(detail), detail_format, arguments);
        va_end(arguments);
        pail_str_trim_utf8(detail);
        if (report->is_lenient && status == PAIL_CTL_FAILED)
                status = PAIL_CTL_WARNING;
        report->failed += status == PAIL_CTL_FAILED;
        int r = report->root ? add_json(report, status, name, detail, remedy)
                             : print_line(status, name, detail, remedy);
        if (report->error == 0)
                report->error = r;
}

void pail_ctl_report_set_profile(struct pail_ctl_report *report, const char *profile, bool is_lenient)
{
        report->profile = profile;
        report->is_lenient = is_lenient;
}

unsigned pail_ctl_report_failed(const struct pail_ctl_report *report)
{
        return report->failed;
}

int pail_ctl_report_end(struct pail_ctl_report *report)
{
        if (report->error < 0 || !report->root)
                return report->error;
        if (json_object_set_new(report->root, "failed", json_integer(report->failed)) < 0)
                return -ENOMEM;
        return pail_ctl_json_print(pail_steal(&report->root));
}
