/* SPDX-License-Identifier: Apache-2.0 */
/* pailctl restore: asks for a readable copy of an archived object, and with --wait until it is there. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "object.h"
#include "pail/util/cleanup.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"
#include "text.h"

enum { DAYS_DEFAULT = 7, DAYS_MAX = 36500, FIRST_LOOK_MS = 1000, LONGEST_PAUSE_MS = 60000 };
enum { REQUEST_TIMEOUT = 408, TOO_MANY_REQUESTS = 429, INTERNAL_ERROR = 500, NOT_IMPLEMENTED = 501 };

static const char *const tiers[] = { "Standard", "Bulk", "Expedited" };

struct question {
        struct pail_ctl_object_question common;
        const char *days_text, *tier;
        uint64_t days; /* 0: not given */
        bool wait;
};

static int check_tier(struct question *question, struct pail_error *ret_error)
{
        for (size_t i = 0; question->tier && i < sizeof(tiers) / sizeof(tiers[0]); i++) {
                if (strcasecmp(question->tier, tiers[i]) == 0) {
                        question->tier = tiers[i];
                        return 0;
                }
        }
        return question->tier ? pail_ctl_refuse(ret_error, "restore", "--tier", "is Standard, Bulk or Expedited") : 0;
}

static int check_question(void *context, struct pail_error *ret_error)
{
        struct question *question = context;
        if (question->days_text && (pail_str_to_u64(question->days_text, &question->days) < 0 || question->days < 1 ||
                                    question->days > DAYS_MAX))
                return pail_ctl_refuse(ret_error, "restore", "--days", "is a number of days, from 1 on");
        return check_tier(question, ret_error);
}

static bool is_archive_of(const struct pail_s3_object_metadata *info)
{
        return info->archived || info->is_restoring || info->restored_until > 0;
}

static const char *state_of(const struct pail_s3_object_metadata *info)
{
        if (!is_archive_of(info))
                return "not-archived";
        if (info->is_restoring)
                return "restoring";
        return info->archived ? "archived" : "readable";
}

static int print_json(const struct pail_ctl_object *object, const struct pail_s3_object_metadata *info)
{
        char until[PAIL_CTL_TIME_SIZE];
        json_t *root = json_object();
        pail_ctl_format_time(info->restored_until, until);
        json_object_set_new(root, "uri", pail_ctl_json_string(object->name.text));
        json_object_set_new(root, "state", json_string(state_of(info)));
        json_object_set_new(
                root, "storage_class",
                pail_ctl_json_string(info->headers.storage_class ? info->headers.storage_class : "STANDARD"));
        json_object_set_new(root, "readable_until", pail_ctl_json_string(info->restored_until > 0 ? until : NULL));
        return pail_ctl_json_print(root) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int print_state(const struct question *question, const struct pail_ctl_object *object,
                       const struct pail_s3_object_metadata *info)
{
        const char *class = info->headers.storage_class ? info->headers.storage_class : "STANDARD";
        char until[PAIL_CTL_TIME_SIZE];
        pail_ctl_format_time(info->restored_until, until);
        if (!is_archive_of(info))
                printf("%s is not archived (storage class %s): it can be read as it is\n", object->shown, class);
        else if (info->is_restoring)
                printf("%s is being restored, which takes minutes to days%s\n", object->shown,
                       question->wait ? "" : "; --wait waits for it");
        else if (info->archived)
                printf("%s: a restore was asked for\n", object->shown);
        else if (info->restored_until > 0)
                printf("%s can be read until %s\n", object->shown, until);
        else
                printf("%s can be read\n", object->shown);
        return fflush(stdout) == EOF ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* Asks for a restore, or puts the end of one off, unless there is nothing to ask for. */
static int request_restore(const struct question *question, struct pail_ctl_object *object,
                           struct pail_error *ret_error)
{
        const struct pail_s3_object_metadata *info = pail_object_metadata(object->object);
        bool stays = pail_str_equal(info->headers.storage_class, "INTELLIGENT_TIERING");
        enum pail_s3_restore_state state;
        if (!is_archive_of(info) || info->is_restoring || (!info->archived && question->days == 0))
                return 0;
        if (stays && question->days > 0)
                return pail_ctl_refuse(ret_error, "restore", "--days",
                                       "has no meaning for the class INTELLIGENT_TIERING, whose objects stay restored");
        unsigned days = question->days > 0 ? (unsigned)question->days : DAYS_DEFAULT;
        int r = pail_object_restore(object->object, stays ? 0 : days, question->tier, &state, ret_error);
        if (r >= 0)
                r = pail_object_load(object->object, ret_error);
        return r;
}

static void pause_for(int64_t ms)
{
        const struct timespec pause = { .tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000 };
        (void)nanosleep(&pause, NULL);
}

static void show_waiting(int64_t started_ms)
{
        long long s = (long long)(pail_clock_monotonic_ms() - started_ms) / 1000;
        if (isatty(STDERR_FILENO))
                fprintf(stderr, "\rbeing restored: %lld:%02lld:%02lld ", s / 3600, s / 60 % 60, s % 60);
}

/* The server or the way to it is out of order, which a wait of hours outlasts. */
static bool is_outage(const struct pail_error *error)
{
        switch (error->class) {
        case PAIL_ERROR_RESOLVE:
        case PAIL_ERROR_CONNECT:
        case PAIL_ERROR_TIMEOUT:
        case PAIL_ERROR_TRANSFER:
                return true;
        default:
                return error->http_status == REQUEST_TIMEOUT || error->http_status == TOO_MANY_REQUESTS ||
                       (error->http_status >= INTERNAL_ERROR && error->http_status != NOT_IMPLEMENTED);
        }
}

static void show_outage(const struct pail_error *error)
{
        if (isatty(STDERR_FILENO))
                fprintf(stderr, "\rno answer for now, still waiting: %s\n", error->message);
}

/* 1: it can be read; 0: not yet, or the server does not answer at the moment, which is told when it begins. */
static int load_archive_state(struct pail_ctl_object *object, bool *is_out, struct pail_error *ret_error)
{
        struct pail_error error = PAIL_ERROR_INIT;
        int r = pail_object_load(object->object, &error);
        bool was_out = *is_out;
        *is_out = r < 0 && is_outage(&error);
        if (*is_out && !was_out)
                show_outage(&error);
        if (r < 0 && !*is_out)
                *ret_error = error;
        return r < 0 ? *is_out ? 0 : r : !pail_object_metadata(object->object)->archived;
}

/* Soon at first, since a restore may have been asked for days ago; then every minute. */
static int wait_until_readable(struct pail_ctl_object *object, struct pail_error *ret_error)
{
        int64_t started_ms = pail_clock_monotonic_ms(), pause_ms = FIRST_LOOK_MS;
        bool is_out = false;
        int r = !pail_object_metadata(object->object)->archived;
        while (r == 0) {
                show_waiting(started_ms);
                pause_for(pause_ms);
                pause_ms = pause_ms * 2 < LONGEST_PAUSE_MS ? pause_ms * 2 : LONGEST_PAUSE_MS;
                r = load_archive_state(object, &is_out, ret_error);
        }
        if (pause_ms > FIRST_LOOK_MS && isatty(STDERR_FILENO))
                fputc('\n', stderr);
        return r < 0 ? r : 0;
}

static int restore_object(void *context, struct pail_ctl_object *object, const char **action,
                          struct pail_error *ret_error)
{
        const struct question *question = context;
        *action = "s3:GetObject";
        int r = pail_object_load(object->object, ret_error);
        if (r < 0)
                return r;
        *action = "s3:RestoreObject";
        r = request_restore(question, object, ret_error);
        if (r < 0)
                return r;
        if (question->wait && pail_object_metadata(object->object)->archived) {
                if (!question->common.as_json)
                        print_state(question, object, pail_object_metadata(object->object));
                *action = "s3:GetObject";
                r = wait_until_readable(object, ret_error);
        }
        if (r < 0)
                return r;
        const struct pail_s3_object_metadata *info = pail_object_metadata(object->object);
        return question->common.as_json ? print_json(object, info) : print_state(question, object, info);
}

static const struct pail_ctl_argument arguments[] = {
        PAIL_CTL_CONNECTION_ARGUMENTS(struct question, common.options),
        { .name = "days", .kind = PAIL_CTL_WORD, .offset = offsetof(struct question, days_text) },
        { .name = "tier", .kind = PAIL_CTL_WORD, .offset = offsetof(struct question, tier) },
        { .name = "version-id", .kind = PAIL_CTL_WORD, .offset = offsetof(struct question, common.version_id) },
        { .name = "wait", .kind = PAIL_CTL_SWITCH, .offset = offsetof(struct question, wait) },
        { .name = "json", .kind = PAIL_CTL_SWITCH, .offset = offsetof(struct question, common.as_json) },
        { .name = NULL },
};

static const struct pail_ctl_object_command command = {
        .syntax = { .command = "restore",
                    .arguments = arguments,
                    .operands_min = 1,
                    .operands_max = 1,
                    .operands_missing = "the object, s3://BUCKET/KEY," },
        .help = "Usage: pailctl restore URI [--days N] [--tier TIER] [--wait] [-o OPTION,...] [--profile NAME] [--json]\n"
                "Asks for a readable copy of an object in the classes GLACIER and DEEP_ARCHIVE, or that INTELLIGENT_TIERING\n"
                "has archived. That takes minutes to days.\n"
                "\n"
                "  --days N          how long the copy is kept: 7 days; of one that is there, how long from now on\n"
                "  --tier TIER       Standard, Bulk (cheaper and slower) or Expedited (dearer and faster)\n"
                "  --wait            comes back when the object can be read\n"
                "  --version-id ID   a version of it that is not the current one\n"
                "  -o OPTION,...     options of pail(1): endpoint_url, region, requester_pays...\n"
                "  --profile NAME    the same as -o profile=NAME\n"
                "  --json            one JSON object instead of lines\n",
        .check = check_question,
        .run = restore_object,
};

int pail_ctl_restore(int argc, char **argv)
{
        struct question question = { 0 };
        return pail_ctl_object_main(&command, argc, argv, &question);
}
