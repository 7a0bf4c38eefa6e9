/* SPDX-License-Identifier: Apache-2.0 */
/* pailctl check: its command line, and the order of the steps. */
#include <errno.h>
#include <string.h>

#include "arguments.h"
#include "check_access.h"
#include "check_gather.h"
#include "check_write.h"
#include "cli/mount_request.h"
#include "command.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

enum when { ALWAYS, OF_MOUNT /* with a source */, OF_BUCKET, OF_ACCOUNT /* without one bucket */ };

#define CAUSE(name) (1u << PAIL_CAUSE_##name)
#define ANY_CAUSE (~CAUSE(NONE))

/*
 * In the order of what each needs. One failure is shown by one step, the one that names its cause; where nothing can work without it the rest
 * is skipped.
 */
static const struct step {
        const char *name;
        enum when when;
        bool needs_write, needs_scratch;
        void (*gather)(struct pail_check *check); /* before the step; may set check->failure */
        unsigned causes;                          /* of check->failure, that this step is to name */
        bool goes_on;                             /* the others are tried in spite of it */
        pail_check_step *run;
} steps[] = {
        { "fuse", OF_MOUNT, .gather = pail_check_prepare_fuse, .causes = ANY_CAUSE, .goes_on = true,
          .run = pail_check_fuse },
        { "configuration", ALWAYS, .gather = pail_check_open, .causes = ANY_CAUSE, .run = pail_check_configuration },
        { "credentials", ALWAYS, .gather = pail_check_find_keys, .causes = ANY_CAUSE, .run = pail_check_credentials },
        { "expiry", ALWAYS, .run = pail_check_expiry },
        { "state", OF_MOUNT, .gather = pail_check_prepare_directories, .causes = ANY_CAUSE, .goes_on = true,
          .run = pail_check_state },
        { "proxy", ALWAYS, .gather = pail_check_ask_server, .causes = CAUSE(PROXY), .run = pail_check_proxy },
        { "dns", ALWAYS, .causes = CAUSE(RESOLVE), .run = pail_check_dns },
        { "connect", ALWAYS, .causes = CAUSE(CONNECT), .run = pail_check_connect },
        { "tls", ALWAYS, .causes = CAUSE(TLS), .run = pail_check_tls },
        { "endpoint", ALWAYS, .causes = CAUSE(NOT_S3) | CAUSE(UNAVAILABLE) | CAUSE(SILENT) | CAUSE(CONFIG),
          .run = pail_check_endpoint },
        { "clock", ALWAYS, .causes = CAUSE(CLOCK), .run = pail_check_clock },
        { "authentication", ALWAYS, .causes = CAUSE(KEY_ID) | CAUSE(SECRET) | CAUSE(TOKEN) | CAUSE(CREDENTIALS),
          .run = pail_check_authentication },
        { "buckets", OF_ACCOUNT, .causes = CAUSE(OTHER) | CAUSE(NO_BUCKET) | CAUSE(REGION), .run = pail_check_buckets },
        { "bucket", OF_BUCKET, .causes = CAUSE(NO_BUCKET), .run = pail_check_bucket },
        { "region", OF_BUCKET, .causes = CAUSE(REGION), .run = pail_check_region },
        { "latency", ALWAYS, .run = pail_check_latency },
        { "list", OF_BUCKET, .causes = CAUSE(DENIED) | CAUSE(OTHER), .goes_on = true, .run = pail_check_list },
        { "directories", OF_BUCKET, .run = pail_check_directories },
        { "put", OF_BUCKET, .needs_write = true, .run = pail_check_put },
        { "get", OF_BUCKET, .run = pail_check_get },
        { "conditional-put", OF_BUCKET, true, true, .run = pail_check_conditional_put },
        { "copy", OF_BUCKET, true, true, .run = pail_check_copy },
        { "copy-part", OF_BUCKET, true, true, .run = pail_check_copy_part },
        /* Behind the copies: where it is not refused, the object is one without the customer's key. */
        { "checksums", OF_BUCKET, true, true, .run = pail_check_checksums },
        { "delete", OF_BUCKET, true, true, .run = pail_check_delete },
        { "bulk-delete", OF_BUCKET, .needs_write = true, .run = pail_check_bulk_delete },
};

static bool is_step_wanted(const struct step *step, const struct pail_check *check)
{
        switch (step->when) {
        case OF_MOUNT:
                return check->preparation->is_for_mount &&
                       !check->options->profiles; /* of several: see check_several() */
        case OF_BUCKET:
                return check->bucket != NULL;
        case OF_ACCOUNT:
                return check->bucket == NULL;
        case ALWAYS:
                break;
        }
        return true;
}

/* Why a step is left out; NULL: it is not. */
static const char *why_skipped(const struct step *step, const struct pail_check *check)
{
        bool is_unlisted = check->cannot_list || check->list_failure.class != PAIL_ERROR_NONE;
        if (step->needs_write && !check->write)
                return "not tested: --write";
        if (step->run == pail_check_directories && check->options->no_list)
                return "not tested: no_list";
        if (step->run == pail_check_directories && is_unlisted)
                return "not tested: 'list' failed";
        if (step->needs_scratch && !check->scratch_exists)
                return "not tested: 'put' failed";
        if (step->run == pail_check_bulk_delete && (check->scratch_exists || !check->scratch_written))
                return "not tested: nothing could be written or deleted";
        return NULL;
}

/* false: the steps behind it make no sense. */
static bool run_step(const struct step *step, struct pail_check *check)
{
        const char *reason = why_skipped(step, check);
        if (reason) {
                pail_ctl_report_add(check->report, PAIL_CTL_SKIPPED, step->name, NULL, "%s", reason);
                return true;
        }
        if (step->gather)
                step->gather(check);
        if (!(step->causes & (1u << check->failure.cause))) {
                step->run(check, step->name);
                return true;
        }
        pail_ctl_report_add(check->report, PAIL_CTL_FAILED, step->name, check->failure.remedy, "%s",
                            check->failure.detail);
        check->cannot_list = check->cannot_list || step->run == pail_check_list;
        check->failure.cause = PAIL_CAUSE_NONE; /* it was told */
        return step->goes_on;
}

static void run_steps(struct pail_check *check)
{
        const char *stopped_by = NULL;
        for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
                const struct step *step = &steps[i];
                if (!is_step_wanted(step, check))
                        continue;
                if (stopped_by)
                        pail_ctl_report_add(check->report, PAIL_CTL_SKIPPED, step->name, NULL,
                                            "not tested: '%s' failed", stopped_by);
                else if (!run_step(step, check))
                        stopped_by = step->name;
        }
}

struct question {
        struct pail_options options;
        struct pail_preparation preparation;
        const char *source; /* NULL: the account alone */
        bool write, as_json;
};

static void question_done(struct question *question)
{
        pail_preparation_done(&question->preparation);
        pail_options_done(&question->options);
}

static void print_help(void)
{
        fputs("Usage: pailctl check [SOURCE] [-o OPTION,...] [--profile NAME] [--write] [--json]\n"
              "Tests step by step whether SOURCE can be mounted with these options, which are those of pail(1), and says\n"
              "what to do where it cannot. Without SOURCE: whether the server knows the profile's keys.\n"
              "\n"
              "  --profile NAME   the same as -o profile=NAME\n"
              "  --write          writes, reads and deletes a scratch object, PREFIX/.pail/check-...\n"
              "  --json           one JSON object instead of lines\n"
              "\n"
              "The exit status is 0 when nothing failed, else 1.\n",
              stdout);
}

static const struct pail_ctl_argument arguments[] = {
        PAIL_CTL_CONNECTION_ARGUMENTS(struct question, options),
        { .name = "write", .kind = PAIL_CTL_SWITCH, .offset = offsetof(struct question, write) },
        { .name = "json", .kind = PAIL_CTL_SWITCH, .offset = offsetof(struct question, as_json) },
        { .name = NULL },
};

/* 1: help is wanted. */
static int parse_question(int argc, char **argv, struct question *question, struct pail_error *ret_error)
{
        static const struct pail_ctl_syntax syntax = { .command = "check", .arguments = arguments, .operands_max = 1 };
        struct pail_ctl_words operands = { 0 };
        int r = pail_options_init(&question->options, ret_error);
        if (r == 0)
                r = pail_ctl_parse(&syntax, argc, argv, question, &operands, ret_error);
        if (r == 0 && operands.count > 0)
                question->source = operands.items[0];
        else if (r == 0 && question->write)
                r = pail_ctl_refuse(ret_error, "check", "--write", "needs a source");
        free(operands.items);
        return r;
}

static void check_account(struct question *question, unsigned account, struct pail_ctl_report *report)
{
        const struct pail_source_name *source = &question->preparation.source;
        _cleanup_(pail_check_close) struct pail_check check = {
                .preparation = &question->preparation,
                .options = &question->options,
                .account = account,
                .bucket = pail_source_name_is_all(source) ? NULL : source->bucket,
                .prefix = source->prefix,
                .write = question->write,
                .report = report,
        };
        pail_mutex_init(&check.guarded.mutex);
        run_steps(&check);
}

/* Those that fail are told elsewhere. */
static void prepare_before(struct pail_preparation *preparation, enum pail_prepare_step step)
{
        while (preparation->next < step)
                pail_prepare(preparation, preparation->next, NULL);
}

/* One step that is of the mount and of none of its profiles. */
static void check_local(struct question *question, const char *name, enum pail_prepare_step last, pail_check_step *run,
                        struct pail_ctl_report *report)
{
        struct pail_check check = { .preparation = &question->preparation, .report = report };
        struct pail_error error = PAIL_ERROR_INIT;
        prepare_before(&question->preparation, last);
        if (pail_prepare(&question->preparation, last, &error) == 0)
                run(&check, name);
        else
                pail_ctl_report_add(report, PAIL_CTL_FAILED, name, NULL, "%s", error.message);
}

/* Which of them a mount would have. */
static void report_accounts(const struct question *question, struct pail_ctl_report *report)
{
        const struct pail_accounts *accounts = pail_buckets_accounts(question->preparation.buckets);
        _cleanup_buf_ struct pail_buf broken = PAIL_BUF_INIT(64 * 1024);
        unsigned count = pail_accounts_count(accounts), failed = 0;
        for (unsigned i = 0; i < count; i++) {
                if (!pail_accounts_failure(accounts, i))
                        continue;
                pail_buf_printf(&broken, "%s%s", failed++ > 0 ? ", " : "", pail_accounts_names(accounts)[i]);
        }
        if (failed == 0)
                pail_ctl_report_add(report, PAIL_CTL_OK, "profiles", NULL, "%u can be used", count);
        else if (failed < count)
                pail_ctl_report_add(report, PAIL_CTL_WARNING, "profiles", "the others are mounted",
                                    "of %u, these cannot be used: %s", count, broken.data);
        else
                pail_ctl_report_add(report, PAIL_CTL_FAILED, "profiles", "see above why",
                                    "none of the profiles can be used (%s)", question->options.profiles);
}

/* profiles=a:b: what fails with one leaves the others to be mounted, and is a warning. */
static void check_several(struct question *question, struct pail_ctl_report *report)
{
        struct pail_preparation *preparation = &question->preparation;
        if (preparation->is_for_mount)
                check_local(question, "fuse", PAIL_PREPARE_DRIVER, pail_check_fuse, report);
        if (preparation->is_for_mount)
                check_local(question, "state", PAIL_PREPARE_DIRECTORIES, pail_check_state, report);
        prepare_before(preparation, PAIL_PREPARE_STEPS);
        if (!preparation->buckets)
                return;
        const struct pail_accounts *accounts = pail_buckets_accounts(preparation->buckets);
        for (unsigned i = 0; i < pail_accounts_count(accounts); i++) {
                pail_ctl_report_set_profile(report, pail_accounts_names(accounts)[i], true);
                check_account(question, i, report);
        }
        pail_ctl_report_set_profile(report, NULL, false);
        report_accounts(question, report);
}

static int run_check(struct question *question)
{
        struct pail_error error = PAIL_ERROR_INIT;
        _cleanup_(pail_ctl_report_free_p) struct pail_ctl_report *report = NULL;
        int r = pail_ctl_report_new(question->source, question->as_json, &report);
        if (r == 0) {
                if (question->options.profiles)
                        check_several(question, report);
                else
                        check_account(question, 0, report);
                r = pail_ctl_report_end(report);
        }
        if (r < 0) {
                pail_error_set_errno(&error, -r, "check");
                return pail_ctl_fail(&error, EXIT_FAILURE);
        }
        return pail_ctl_report_failed(report) > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int pail_ctl_check(int argc, char **argv)
{
        struct pail_error error = PAIL_ERROR_INIT;
        _cleanup_(question_done) struct question question = { .preparation = PAIL_PREPARATION_INIT };
        int r = parse_question(argc, argv, &question, &error);
        if (r < 0)
                return pail_ctl_fail(&error, PAIL_CTL_EXIT_USAGE);
        if (r > 0) {
                print_help();
                return EXIT_SUCCESS;
        }
        question.preparation.options = &question.options;
        question.preparation.is_for_mount = question.source != NULL;
        if (pail_mount_request_check(&question.options, question.source ? question.source : "s3://",
                                     &question.preparation.source, &error) < 0)
                return pail_ctl_fail(&error, PAIL_CTL_EXIT_USAGE);
        return run_check(&question);
}
