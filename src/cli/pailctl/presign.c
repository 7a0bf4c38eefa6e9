/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pailctl presign. The URL alone is on standard output. The server is asked which region the bucket is in, because a URL that is signed
 * for another is of no use; where it does not answer, the URL is for the region that is configured.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "object.h"
#include "pail/aws/sigv4_presign.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"
#include "text.h"

enum { EXPIRES_DEFAULT_S = 3600, DAY_S = 86400 };

struct question {
        struct pail_ctl_object_question common;
        const char *expires_text;
        int64_t expires_s;
        bool put;
};

/* As times of mount options, and in days. */
static int parse_time(const char *text, int64_t *ret_s)
{
        size_t length = strlen(text);
        int64_t ms;
        if (length > 1 && text[length - 1] == 'd') {
                _cleanup_free_ char *days = strndup(text, length - 1);
                int64_t count;
                if (!days || pail_str_to_i64(days, &count) < 0 || count > INT64_MAX / DAY_S || count < 0)
                        return -EINVAL;
                *ret_s = count * DAY_S;
                return 0;
        }
        if (pail_str_to_duration_ms(text, &ms) < 0)
                return -EINVAL;
        *ret_s = ms / 1000;
        return 0;
}

static int check_question(void *context, struct pail_error *ret_error)
{
        struct question *question = context;
        question->expires_s = EXPIRES_DEFAULT_S;
        if (question->expires_text && parse_time(question->expires_text, &question->expires_s) < 0)
                return pail_ctl_refuse(ret_error, "presign", "--expires", "is a time: 90s, 15m, 1h or 7d");
        if (question->expires_s < 1 || question->expires_s > PAIL_SIGV4_EXPIRES_MAX_S)
                return pail_ctl_refuse(ret_error, "presign", "--expires", "is from one second to 7 days");
        if (question->put && question->common.version_id)
                return pail_ctl_refuse(ret_error, "presign", "--version-id",
                                       "names what cannot be written: leave it out, or --put");
        return 0;
}

static int print_json(const struct question *question, const struct pail_s3_presigned *presigned)
{
        char end[PAIL_CTL_TIME_SIZE];
        json_t *root = json_object();
        pail_ctl_format_time((time_t)presigned->ends_at, end);
        json_object_set_new(root, "url", pail_ctl_json_string(presigned->url));
        json_object_set_new(root, "method", json_string(question->put ? "PUT" : "GET"));
        json_object_set_new(root, "expires", json_string(end));
        json_object_set_new(root, "expires_with_credentials", json_boolean(presigned->ends_with_credentials));
        return pail_ctl_json_print(root) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int print_text(const struct pail_ctl_object *object, const struct pail_s3_presigned *presigned)
{
        char end[PAIL_CTL_TIME_SIZE];
        pail_ctl_format_time((time_t)presigned->ends_at, end);
        if (presigned->ends_with_credentials)
                fprintf(stderr,
                        "pailctl: the URL is good until %s, when the credentials of profile %s that it is signed with "
                        "expire\n",
                        end, pail_session_profile_name(object->s3->session));
        puts(presigned->url);
        return fflush(stdout) == EOF ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int find_region(struct pail_ctl_object *object, struct pail_error *ret_error)
{
        struct pail_error error = PAIL_ERROR_INIT;
        if (pail_bucket_load(object->bucket, &error) >= 0 || error.http_status != 404)
                return 0;
        *ret_error = error;
        return -ENOENT;
}

static int print_presigned(void *context, struct pail_ctl_object *object, const char **action,
                           struct pail_error *ret_error)
{
        const struct question *question = context;
        struct pail_s3_presigned presigned = { 0 };
        (void)action;
        if (pail_session_is_anonymous(object->s3->session)) {
                pail_error_set(ret_error, PAIL_ERROR_CONFIG,
                               "anonymous requests (no_sign_request) have no keys to sign a URL with");
                return -EINVAL;
        }
        int r = find_region(object, ret_error);
        if (r == 0)
                r = pail_object_presign(object->object, question->put, question->expires_s, &presigned, ret_error);
        if (r == 0)
                r = question->common.as_json ? print_json(question, &presigned) : print_text(object, &presigned);
        pail_s3_presigned_done(&presigned);
        return r;
}

static const struct pail_ctl_argument arguments[] = {
        PAIL_CTL_CONNECTION_ARGUMENTS(struct question, common.options),
        { .name = "expires", .kind = PAIL_CTL_WORD, .offset = offsetof(struct question, expires_text) },
        { .name = "put", .kind = PAIL_CTL_SWITCH, .offset = offsetof(struct question, put) },
        { .name = "version-id", .kind = PAIL_CTL_WORD, .offset = offsetof(struct question, common.version_id) },
        { .name = "json", .kind = PAIL_CTL_SWITCH, .offset = offsetof(struct question, common.as_json) },
        { .name = NULL },
};

static const struct pail_ctl_object_command command = {
        .syntax = { .command = "presign",
                    .arguments = arguments,
                    .operands_min = 1,
                    .operands_max = 1,
                    .operands_missing = "the object, s3://BUCKET/KEY," },
        .help = "Usage: pailctl presign URI [--expires TIME] [--put] [-o OPTION,...] [--profile NAME] [--json]\n"
                "Prints a URL with which anybody can read the object, or write it, until it expires. Whoever has it needs no\n"
                "credentials; it ends with those that it is signed with.\n"
                "\n"
                "  --expires TIME    1h; at most 7d\n"
                "  --put             to write: curl -T FILE URL\n"
                "  --version-id ID   a version of it that is not the current one\n"
                "  -o OPTION,...     options of pail(1): endpoint_url, region, addressing_style...\n"
                "  --profile NAME    the same as -o profile=NAME\n"
                "  --json            one JSON object instead of the URL alone\n",
        .check = check_question,
        .run = print_presigned,
};

int pail_ctl_presign(int argc, char **argv)
{
        struct question question = { 0 };
        return pail_ctl_object_main(&command, argc, argv, &question);
}
