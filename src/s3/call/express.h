/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions with directory buckets: credentials of five minutes that CreateSession gives for one bucket, which most requests to it are
 * signed with. One session for each bucket of a client, made by the first request that needs it and renewed as pail/aws/refresh.h says: ahead of
 * its end, by one request, while the others go on with the old one. Thread safe.
 */
#ifndef PAIL_SRC_S3_CALL_EXPRESS_H
#define PAIL_SRC_S3_CALL_EXPRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "pail/aws/credentials.h"
#include "pail/util/error.h"

struct pail_s3_client;
struct pail_s3_express;

typedef int pail_s3_session_maker(struct pail_s3_client *client, const char *bucket,
                                  struct pail_credentials *ret_credentials, struct pail_error *ret_error);
/* client: handed to create_session and not looked at. */
int pail_s3_express_new(pail_s3_session_maker *create_session, struct pail_s3_client *client,
                        struct pail_s3_express **ret_express);
/* Waits for a CreateSession under way. Nobody may be inside a call. */
void pail_s3_express_free(struct pail_s3_express *express);

/* A frozen copy, as pail_session_get_credentials() and the others have it of the session's own. */
int pail_s3_express_get(struct pail_s3_express *express, const char *bucket, int64_t deadline_ms,
                        struct pail_credentials *ret_frozen, struct pail_error *ret_error);
int pail_s3_express_peek(struct pail_s3_express *express, const char *bucket, struct pail_credentials *ret_frozen,
                         struct pail_error *ret_error);
bool pail_s3_express_refuse(struct pail_s3_express *express, const char *bucket,
                            const struct pail_credentials *refused);
int pail_s3_express_peek_others(struct pail_s3_express *express, const char *bucket,
                                const struct pail_credentials *refused, struct pail_credentials *ret_frozen,
                                struct pail_error *ret_error);

#endif
