/* SPDX-License-Identifier: Apache-2.0 */
/* pailctl cp: one file or object to another place, as cp(1) does. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "command.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"
#include "transfer.h"

struct question {
        struct pail_options options;
        struct pail_ctl_words operands;
};

/* Both sides, complete: URIs with their keys, and files that are no directories. */
struct sides {
        char *source, *target;
        bool source_is_uri, target_is_uri;
};

static void sides_done(struct sides *sides)
{
        free(sides->source);
        free(sides->target);
}

static int refuse_word(struct pail_error *ret_error, const char *what, const char *why)
{
        return pail_ctl_refuse(ret_error, "cp", what, why);
}

/* What a name ends with; NULL: nothing that could be the name of a file. */
static const char *base_name(const char *name)
{
        const char *slash = strrchr(name, '/');
        const char *base = slash ? slash + 1 : name;
        return *base && !pail_str_equal(base, ".") && !pail_str_equal(base, "..") ? base : NULL;
}

static bool is_directory(const char *path)
{
        struct stat status;
        return pail_str_ends_with(path, "/") || (stat(path, &status) == 0 && S_ISDIR(status.st_mode));
}

static int check_source(const struct sides *sides, struct pail_error *ret_error)
{
        struct pail_source_object name;
        if (!sides->source_is_uri)
                return 0;
        int r = pail_source_parse_object(sides->source, &name, ret_error);
        if (r < 0)
                return r;
        bool is_object = *name.key && !pail_str_ends_with(name.key, "/");
        pail_source_object_done(&name);
        return is_object ? 0 : refuse_word(ret_error, sides->source, "names no object: cp copies one, s3://BUCKET/KEY");
}

/* "s3://bucket", "s3://bucket/dir/" and directories get the name of the source. */
static int complete_target(struct sides *sides, struct pail_error *ret_error)
{
        bool is_directory_like = !sides->target_is_uri && !pail_str_equal(sides->target, "-") &&
                                 is_directory(sides->target);
        if (sides->target_is_uri) {
                struct pail_source_object name;
                int r = pail_source_parse_object(sides->target, &name, ret_error);
                if (r < 0)
                        return r;
                is_directory_like = !*name.key || pail_str_ends_with(name.key, "/");
                pail_source_object_done(&name);
        }
        if (!is_directory_like)
                return 0;
        const char *base = pail_str_equal(sides->source, "-") ? NULL : base_name(sides->source);
        if (!base)
                return refuse_word(ret_error, sides->target, "needs the name that the copy is to have");
        _cleanup_free_ char *longer = NULL;
        bool has_slash = pail_str_ends_with(sides->target, "/");
        if (pail_str_printf(&longer, "%s%s%s", sides->target, has_slash ? "" : "/", base) < 0)
                return pail_error_set_errno(ret_error, ENOMEM, "cp");
        free(sides->target);
        sides->target = pail_steal(&longer);
        return 0;
}

static int choose_sides(const struct question *question, struct sides *sides, struct pail_error *ret_error)
{
        const char *source = question->operands.items[0], *target = question->operands.items[1];
        if (!*source || !*target)
                return refuse_word(ret_error, "''", "names no file");
        sides->source_is_uri = pail_source_is_uri(source);
        sides->target_is_uri = pail_source_is_uri(target);
        if (!sides->source_is_uri && !sides->target_is_uri)
                return refuse_word(ret_error, target,
                                   "is a file, as the source is: one of them must be s3://BUCKET/KEY");
        if (pail_str_dup(source, &sides->source) < 0 || pail_str_dup(target, &sides->target) < 0)
                return pail_error_set_errno(ret_error, ENOMEM, "cp");
        int r = check_source(sides, ret_error);
        return r < 0 ? r : complete_target(sides, ret_error);
}

/* Options of new objects that the server takes with bytes alone, or that are against what a copy keeps. */
static int check_options(const struct question *question, const struct sides *sides, struct pail_error *ret_error)
{
        if (!sides->source_is_uri || !sides->target_is_uri)
                return 0;
        if (question->options.acl)
                return refuse_word(ret_error,
                                   "acl=", "has no effect on a copy of an object, which keeps its access control list");
        if (question->options.content_type != PAIL_CONTENT_TYPE_AUTO)
                return refuse_word(ret_error,
                                   "content_type=", "has no effect on a copy of an object, which keeps its type");
        return 0;
}

static bool are_same(const struct pail_ctl_object *a, const struct pail_ctl_object *b)
{
        return pail_str_equal(a->name.bucket, b->name.bucket) && pail_str_equal(a->name.key, b->name.key);
}

/* Of a copy either side may be absent. */
static bool is_bucket_absent(const struct pail_ctl_object *object, struct pail_error *error)
{
        struct pail_error of_bucket = PAIL_ERROR_INIT;
        if (pail_bucket_load(object->bucket, &of_bucket) >= 0 || of_bucket.http_status != 404)
                return false;
        *error = of_bucket;
        return true;
}

/* Who could load the source may read it: what is refused after that is the target, unless the source is what changed or is archived. */
static bool is_about_target(const struct pail_ctl_transfer *transfer, struct pail_error *error)
{
        if (!transfer->source || !transfer->target)
                return transfer->target;
        if (error->http_status == 404)
                return is_bucket_absent(transfer->target, error);
        return pail_object_metadata(transfer->source->object) && !pail_str_equal(error->code, "InvalidObjectState");
}

static void diagnose_transfer(const struct pail_ctl_transfer *transfer, struct pail_error *error)
{
        if (is_about_target(transfer, error))
                pail_ctl_object_diagnose(transfer->target, "s3:PutObject", error);
        else
                pail_ctl_object_diagnose(transfer->source, "s3:GetObject", error);
}

static int transfer_between(const struct question *question, const struct sides *sides, struct pail_ctl_object *source,
                            struct pail_ctl_object *target, int *ret_signal, struct pail_error *ret_error)
{
        const struct pail_ctl_transfer transfer = {
                .options = &question->options,
                .path = !sides->source_is_uri   ? sides->source
                        : !sides->target_is_uri ? sides->target
                                                : NULL,
                .source = sides->source_is_uri ? source : NULL,
                .target = sides->target_is_uri ? target : NULL,
        };
        if (transfer.source && transfer.target && are_same(source, target)) {
                pail_error_set(ret_error, PAIL_ERROR_CONFIG, "%s and %s are the same object", sides->source,
                               sides->target);
                return -EINVAL;
        }
        int r = pail_ctl_transfer_run(&transfer, ret_signal, ret_error);
        if (r < 0 && *ret_signal == 0)
                diagnose_transfer(&transfer, ret_error);
        return r;
}

static int copy_between_sides(const struct question *question, const struct sides *sides, int *ret_signal,
                              struct pail_error *ret_error)
{
        struct pail_ctl_object source = { 0 }, target = { 0 };
        struct pail_s3_context s3;
        int r = pail_ctl_connect(&question->options, false, &s3, ret_error);
        if (r == 0 && sides->source_is_uri)
                r = pail_ctl_object_open(&s3, sides->source, NULL, &source, ret_error);
        if (r == 0 && sides->target_is_uri)
                r = pail_ctl_object_open(&s3, sides->target, NULL, &target, ret_error);
        if (r == 0)
                r = transfer_between(question, sides, &source, &target, ret_signal, ret_error);
        pail_ctl_object_close(&source);
        pail_ctl_object_close(&target);
        pail_s3_context_close(&s3);
        return r;
}

static const struct pail_ctl_argument arguments[] = {
        PAIL_CTL_CONNECTION_ARGUMENTS(struct question, options),
        { .name = NULL },
};

/* 1: help is wanted. */
static int parse_question(int argc, char **argv, struct question *question, struct sides *sides,
                          struct pail_error *ret_error)
{
        static const struct pail_ctl_syntax syntax = {
                .command = "cp",
                .arguments = arguments,
                .operands_min = 2,
                .operands_max = 2,
                .operands_missing = "a source or a target",
        };
        int r = pail_options_init(&question->options, ret_error);
        if (r == 0)
                r = pail_ctl_parse(&syntax, argc, argv, question, &question->operands, ret_error);
        if (r == 0)
                r = choose_sides(question, sides, ret_error);
        return r == 0 ? check_options(question, sides, ret_error) : r;
}

static void print_help(void)
{
        fputs("Usage: pailctl cp FILE|URI FILE|URI [-o OPTION,...] [--profile NAME]\n"
              "Copies a file to an object, an object to a file, or an object to another on the server. What is there is\n"
              "replaced, once the copy is complete. \"-\" is standard input or output.\n"
              "\n"
              "  -o OPTION,...     options of pail(1): endpoint_url, storage_class, sse, part_size...; acl and content_type\n"
              "                    have no meaning for an object that is copied to another\n"
              "  --profile NAME    the same as -o profile=NAME\n",
              stdout);
}

/* As whoever started us expects of a program that a signal ended. */
static int end_by_signal(int signal_number, const struct pail_error *error)
{
        (void)pail_ctl_fail(error, EXIT_FAILURE);
        signal(signal_number, SIG_DFL);
        raise(signal_number);
        return EXIT_FAILURE;
}

static int end_transfer(int r, int signal_number, const struct pail_error *error)
{
        if (r < 0)
                return signal_number > 0 ? end_by_signal(signal_number, error) : pail_ctl_fail(error, EXIT_FAILURE);
        if (signal_number > 0)
                fputs("pailctl: the signal came too late: the copy is complete\n", stderr);
        return EXIT_SUCCESS;
}

int pail_ctl_cp(int argc, char **argv)
{
        _cleanup_(sides_done) struct sides sides = { 0 };
        struct question question = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        int signal_number = 0, r = parse_question(argc, argv, &question, &sides, &error);
        bool is_understood = r >= 0;
        if (r > 0)
                print_help();
        else if (r == 0)
                r = copy_between_sides(&question, &sides, &signal_number, &error);
        pail_options_done(&question.options);
        free(question.operands.items);
        return is_understood ? end_transfer(r, signal_number, &error) : pail_ctl_fail(&error, PAIL_CTL_EXIT_USAGE);
}
