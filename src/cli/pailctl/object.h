/* SPDX-License-Identifier: Apache-2.0 */
/* What commands on objects have in common: the way to one, its failures in words, and their course from argv to exit status. Private to the layer. */
#ifndef PAIL_CLI_PAILCTL_OBJECT_H
#define PAIL_CLI_PAILCTL_OBJECT_H

#include "arguments.h"
#include "cli/source.h"
#include "pail/daemon/s3_context.h"
#include "pail/s3/object.h"

enum { PAIL_CTL_SHOWN_SIZE = 204 };

/* An object of a URI. */
struct pail_ctl_object {
        struct pail_s3_context *s3; /* borrowed */
        struct pail_source_object name;
        char shown
                [PAIL_CTL_SHOWN_SIZE]; /* the URI as people are shown it: not too long, and without control characters */
        struct pail_bucket *bucket;
        struct pail_object *object; /* NULL: the URI has no key */
};

/*
 * Session, credentials and client, once the options go together. is_quick: for questions that a person waits for, not for transfers.
 * Failures are said in words. The connection is to be closed, also then.
 */
int pail_ctl_connect(const struct pail_options *options, bool is_quick, struct pail_s3_context *ret_s3,
                     struct pail_error *ret_error);
/* version_id NULL: the current one. To be closed, also after a failure. No request is sent. */
int pail_ctl_object_open(struct pail_s3_context *s3, const char *uri, const char *version_id,
                         struct pail_ctl_object *ret_object, struct pail_error *ret_error);
void pail_ctl_object_close(struct pail_ctl_object *object);
/* The error of a request in words for the person who asked, whose key id is masked. bucket NULL: none. action: of a policy; NULL: not one alone. */
void pail_ctl_diagnose(const struct pail_s3_context *s3, const char *bucket, const char *action,
                       struct pail_error *error);
/* The same of a request for the object. */
void pail_ctl_object_diagnose(const struct pail_ctl_object *object, const char *action, struct pail_error *error);

/* The beginning of every question about one object. */
struct pail_ctl_object_question {
        struct pail_options options;
        const char *version_id; /* NULL: not given */
        bool as_json;
        struct pail_ctl_words operands; /* the first is the URI */
};

struct pail_ctl_object_command {
        struct pail_ctl_syntax syntax;
        const char *help;
        /* What is wrong with the question: CONFIG, -EINVAL. May be NULL. */
        int (*check)(void *question, struct pail_error *ret_error);
        /*
         * EXIT_SUCCESS or EXIT_FAILURE, after what there is to say; or < 0 with *ret_error, as the request left it or in words of its own
         * (CONFIG). *action: of the request under way.
         */
        int (*run)(void *question, struct pail_ctl_object *object, const char **action, struct pail_error *ret_error);
};
/* question: zeros; it begins with a struct pail_ctl_object_question, and is released here. Returns the exit status. */
int pail_ctl_object_main(const struct pail_ctl_object_command *command, int argc, char **argv, void *question);

#endif
