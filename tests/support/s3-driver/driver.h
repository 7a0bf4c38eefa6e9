/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program that does what it is told with the s3 layer, for tests that have a witness of their own for the result.
 * One command a line on stdin, its words percent-encoded and separated by spaces: a name, then arguments
 * "name=value". Answers on stdout: lines "item …", then one line "ok …" or "error …", values encoded in the same way.
 */
#ifndef TESTS_SUPPORT_S3_DRIVER_H
#define TESTS_SUPPORT_S3_DRIVER_H

#include <stdint.h>

#include "pail/s3/bucket.h"
#include "pail/s3/object.h"
#include "pail/s3/operations.h"
#include "pail/s3/transfer.h"

enum { WORDS_MAX = 2048 };

struct driver {
        struct pail_session *session;
        struct pail_http_engine *engine;
        struct pail_s3_client *client;
        struct pail_upload *upload; /* of the upload commands */
        int upload_fd;
};

struct command {
        char *words[WORDS_MAX]; /* decoded */
        unsigned count;
};

/* Of "name=value": the value; NULL: not given. */
const char *argument(const struct command *command, const char *name);
uint64_t argument_number(const struct command *command, const char *name, uint64_t otherwise);
/* The headers given as content-type=…, meta-NAME=…. Strings are borrowed but for the metadata's list. */
void argument_headers(const struct command *command, struct pail_s3_headers *ret_headers);
struct pail_s3_conditions argument_conditions(const struct command *command);
/* The values of all arguments of that name. */
size_t argument_list(const struct command *command, const char *name, const char **ret_values);

/* Parts of an answer line: begin_item(), fields. fields before "ok" are kept until the command has ended. */
void begin_item(void);
void end_item(void);
void field(const char *name, const char *value);
void field_number(const char *name, uint64_t value);
void field_info(const struct pail_s3_object_metadata *metadata);

typedef int command_function(struct driver *driver, const struct command *command, struct pail_error *error);
struct command_row {
        const char *name;
        command_function *run;
};
extern const struct command_row action_commands[], object_commands[], list_commands[], resource_commands[],
        transfer_commands[], version_commands[];

#endif
