/* SPDX-License-Identifier: Apache-2.0 */
#include "bucket.h"

#include "fuzz.h"

/* Never freed: the engine's thread is there until the end. */
static struct pail_session *session;
static struct pail_http_engine *engine;
static struct pail_s3_client *client;

struct pail_s3_client *bucket_client(void)
{
        static char home[] = "HOME=/nowhere";
        char *environment[] = { home, NULL };
        const struct pail_session_options session_options = {
                .access_key_id = "a",
                .secret_access_key = "b",
                .endpoint_url = "http://127.0.0.1",
                .region = "us-east-1",
                .environment = environment,
        };

        if (client)
                return client;
        fuzz_require(
                pail_session_new(&session_options, &session, NULL) == 0 &&
                        pail_http_engine_new(&(struct pail_http_engine_options){ 0 }, &engine, NULL) == 0 &&
                        pail_s3_client_new(session, engine, &(struct pail_s3_client_options){ 0 }, &client, NULL) == 0,
                "a client");
        return client;
}

void bucket_check(int r, const struct pail_error *error)
{
        fuzz_require(r <= 0, "an operation returns 0 or a negative errno");
        if (r < 0)
                fuzz_require(error->class != PAIL_ERROR_NONE && *error->message && pail_s3_errno(error) < 0,
                             "an error has a class, words and an errno");
}
