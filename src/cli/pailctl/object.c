/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command on one object is a struct: its syntax, its help, a check of the question and a function that answers it. What comes before and after
 * (options, session, the URI, the error in words, the exit status) is here, once.
 */
#include "object.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/option_check.h"
#include "command.h"
#include "pail/daemon/diagnose.h"
#include "pail/s3/operations.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"
#include "text.h"

enum { TRANSFER_ATTEMPTS = 6 };

static int connect_with(struct pail_options *options, struct pail_s3_context *s3, struct pail_error *ret_error)
{
        int r = pail_option_check(options, ret_error);
        if (r == 0)
                r = pail_s3_context_open(options, s3, ret_error);
        if (r == 0)
                r = pail_s3_context_start(s3, options, NULL, NULL, ret_error);
        return r;
}

/* Nobody waits for a command as a mounted file system waits for an outage to end. */
int pail_ctl_connect(const struct pail_options *options, bool is_quick, struct pail_s3_context *ret_s3,
                     struct pail_error *ret_error)
{
        struct pail_options patience = *options; /* borrows everything */
        *ret_s3 = (struct pail_s3_context){ 0 };
        if (patience.max_attempts == 0)
                patience.max_attempts = is_quick ? PAIL_PROBE_ATTEMPTS : TRANSFER_ATTEMPTS;
        if (is_quick && patience.timeout_ms > PAIL_PROBE_TIMEOUT_MS) {
                patience.timeout_ms = PAIL_PROBE_TIMEOUT_MS;
                if (patience.request_timeout_ms > patience.timeout_ms)
                        patience.request_timeout_ms = patience.timeout_ms;
        }
        return connect_with(&patience, ret_s3, ret_error);
}

static void make_shown(const char *uri, char shown[static PAIL_CTL_SHOWN_SIZE])
{
        pail_str_copy(shown, PAIL_CTL_SHOWN_SIZE, uri);
        if (strlen(uri) >= PAIL_CTL_SHOWN_SIZE) {
                shown[PAIL_CTL_SHOWN_SIZE - sizeof("...")] = '\0';
                pail_str_trim_utf8(shown);
                memcpy(shown + strlen(shown), "...", sizeof("..."));
        }
        pail_str_make_printable(shown);
}

int pail_ctl_object_open(struct pail_s3_context *s3, const char *uri, const char *version_id,
                         struct pail_ctl_object *ret_object, struct pail_error *ret_error)
{
        *ret_object = (struct pail_ctl_object){ .s3 = s3 };
        make_shown(uri, ret_object->shown);
        int r = pail_source_parse_object(uri, &ret_object->name, ret_error);
        if (r < 0)
                return r;
        r = pail_bucket_new(s3->client, ret_object->name.bucket, &ret_object->bucket);
        if (r == 0 && *ret_object->name.key)
                r = pail_object_new_version(ret_object->bucket, ret_object->name.key, version_id, &ret_object->object);
        return r < 0 ? pail_error_set_errno(ret_error, -r, "%s", ret_object->shown) : 0;
}

void pail_ctl_object_close(struct pail_ctl_object *object)
{
        pail_object_free(object->object);
        pail_bucket_unref(object->bucket);
        pail_source_object_done(&object->name);
}

/* Whether it is only the object that is absent: HEAD has no body to tell. *error: of the bucket where that is absent. */
static bool bucket_exists(const struct pail_ctl_object *object, struct pail_error *error)
{
        struct pail_error of_bucket = PAIL_ERROR_INIT;
        if (pail_bucket_load(object->bucket, &of_bucket) >= 0 || of_bucket.http_status != 404)
                return true;
        *error = of_bucket;
        return false;
}

static bool diagnose_absence(const struct pail_ctl_object *object, struct pail_error *error)
{
        const char *version_id = object->object ? pail_object_version_id(object->object) : NULL;
        if (error->class != PAIL_ERROR_SERVICE || pail_str_equal(error->code, "NoSuchBucket"))
                return false;
        if (version_id && error->http_status == 405) {
                pail_error_set(error, PAIL_ERROR_CONFIG, "version '%.100s' of %s is a delete marker", version_id,
                               object->shown);
                return true;
        }
        if (error->http_status != 404 || !bucket_exists(object, error))
                return false;
        if (version_id)
                pail_error_set(error, PAIL_ERROR_CONFIG,
                               "there is no version '%.100s' of %s; \"pailctl versions\" lists them", version_id,
                               object->shown);
        else
                pail_error_set(error, PAIL_ERROR_CONFIG, "there is no object %s", object->shown);
        return true;
}

/* A 403 that is none of a policy. */
static bool diagnose_archive(const struct pail_ctl_object *object, const char *action, struct pail_error *error)
{
        bool is_restore = pail_str_equal(action, "s3:RestoreObject");
        if (!pail_str_equal(error->code, "InvalidObjectState") &&
            !pail_str_equal(error->code, "ObjectAlreadyInActiveTierError"))
                return false;
        if (is_restore)
                pail_error_set(error, PAIL_ERROR_CONFIG, "%s is not archived", object->shown);
        else
                pail_error_set(error, PAIL_ERROR_CONFIG,
                               "%s is archived and cannot be read; \"pailctl restore\" asks for a copy that can be",
                               object->shown);
        return true;
}

void pail_ctl_diagnose(const struct pail_s3_context *s3, const char *bucket, const char *action,
                       struct pail_error *error)
{
        char mask[PAIL_CTL_MASK_SIZE] = "";
        if (s3->access_key_id && s3->access_key_id[0])
                pail_ctl_mask(s3->access_key_id, mask);
        const struct pail_s3_context_request request = { .shown_key_id = mask, .bucket = bucket, .action = action };
        pail_s3_context_diagnose_request(s3, &request, error);
}

void pail_ctl_object_diagnose(const struct pail_ctl_object *object, const char *action, struct pail_error *error)
{
        /* Of this machine, and said in words already; or of the object. */
        if (error->class == PAIL_ERROR_CONFIG || error->class == PAIL_ERROR_SYSTEM || diagnose_absence(object, error) ||
            diagnose_archive(object, action, error))
                return;
        pail_ctl_diagnose(object->s3, object->name.bucket, action, error);
}

static int refuse_no_key(const struct pail_ctl_object_command *command, const char *uri, struct pail_error *ret_error)
{
        struct pail_source_object name;
        int r = pail_source_parse_object(uri, &name, ret_error);
        if (r < 0)
                return r;
        bool has_key = *name.key;
        pail_source_object_done(&name);
        return has_key ? 0
                       : pail_ctl_refuse(ret_error, command->syntax.command, uri,
                                         "names no object: write s3://BUCKET/KEY");
}

/* 1: help is wanted. */
static int parse_question(const struct pail_ctl_object_command *command, int argc, char **argv, void *question,
                          struct pail_error *ret_error)
{
        struct pail_ctl_object_question *common = question;
        int r = pail_options_init(&common->options, ret_error);
        if (r == 0)
                r = pail_ctl_parse(&command->syntax, argc, argv, question, &common->operands, ret_error);
        if (r == 0)
                r = refuse_no_key(command, common->operands.items[0], ret_error);
        if (r == 0 && command->check)
                r = command->check(question, ret_error);
        return r;
}

static int run_command(const struct pail_ctl_object_command *command, void *question, struct pail_error *ret_error)
{
        const struct pail_ctl_object_question *common = question;
        struct pail_s3_context s3;
        struct pail_ctl_object object = { 0 };
        const char *action = NULL;
        int r = pail_ctl_connect(&common->options, true, &s3, ret_error);
        if (r == 0)
                r = pail_ctl_object_open(&s3, common->operands.items[0], common->version_id, &object, ret_error);
        if (r == 0) {
                r = command->run(question, &object, &action, ret_error);
                if (r < 0)
                        pail_ctl_object_diagnose(&object, action, ret_error);
        }
        pail_ctl_object_close(&object);
        pail_s3_context_close(&s3);
        return r;
}

int pail_ctl_object_main(const struct pail_ctl_object_command *command, int argc, char **argv, void *question)
{
        struct pail_ctl_object_question *common = question;
        struct pail_error error = PAIL_ERROR_INIT;
        int status, r = parse_question(command, argc, argv, question, &error);
        if (r < 0) {
                status = pail_ctl_fail(&error, PAIL_CTL_EXIT_USAGE);
        } else if (r > 0) {
                fputs(command->help, stdout);
                status = EXIT_SUCCESS;
        } else {
                status = run_command(command, question, &error);
                if (status < 0)
                        status = pail_ctl_fail(&error, EXIT_FAILURE);
        }
        pail_options_done(&common->options);
        free(common->operands.items);
        return status;
}
