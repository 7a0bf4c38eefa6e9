/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Resolves endpoints as it is told on stdin: another implementation then tells whether it agrees. A record has
 *   env NAME=VALUE (repeated), config (a file, as explicit option), region, endpoint_url,
 *   bucket (a name or an ARN; none: the service), control (the control endpoint of directory buckets)
 * and the answer is
 *   url (of the key "key", or of the service), region, name, signing ("v4", "v4a", "v4-express"), warning (repeated)
 * or "refused" with the message; then end.
 */
#include <stdio.h>
#include <string.h>

#include "pail/aws/endpoint.h"
#include "pail/aws/session.h"
#include "pail/util/cleanup.h"
#include "record.h"

static struct pail_session *open_session(const struct record *record, struct pail_error *error)
{
        char *environment[RECORD_MAX_LINES + 1] = { NULL };
        struct pail_session *session = NULL;
        const struct pail_session_options options = {
                .region = record_get(record, "region"),
                .endpoint_url = record_get(record, "endpoint_url"),
                .config_file = record_get(record, "config"),
                .credentials_file = "/dev/null",
                .no_sign_request = true,
                .environment = environment,
        };
        size_t count = 0;

        for (size_t i = 0; i < record->count; i++)
                if (strcmp(record->lines[i].word, "env") == 0)
                        environment[count++] = record->lines[i].fields[0];
        return pail_session_new(&options, &session, error) < 0 ? NULL : session;
}

static void print_endpoint(const struct pail_endpoint *endpoint, bool has_key)
{
        static const char *const signings[] = {
                [PAIL_SIGNING_V4] = "v4", [PAIL_SIGNING_V4A] = "v4a", [PAIL_SIGNING_EXPRESS] = "v4-express"
        };
        char url[8192];

        snprintf(url, sizeof(url), "%s%s%s", endpoint->origin, endpoint->path_prefix,
                 has_key                    ? "/key"
                 : endpoint->path_prefix[0] ? ""
                                            : "/");
        record_print("url", url);
        record_print("region", endpoint->signing_region);
        record_print("name", endpoint->signing_name);
        record_print("signing", signings[endpoint->signing]);
}

static void answer(const struct record *record)
{
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_endpoint endpoint = { 0 };
        const char *bucket = record_get(record, "bucket");
        _cleanup_(pail_session_free_p) struct pail_session *session = open_session(record, &error);
        int r = session ? 0 : -1;

        if (r == 0)
                r = record_get(record, "control")
                            ? pail_endpoint_resolve_control(pail_session_endpoint_settings(session), bucket, NULL,
                                                            &endpoint, &error)
                            : pail_endpoint_resolve(pail_session_endpoint_settings(session), bucket, NULL, &endpoint,
                                                    &error);
        if (r < 0) {
                record_print("refused", error.message);
                return;
        }
        print_endpoint(&endpoint, bucket);
        for (const char *const *warning = pail_session_warnings(session); *warning; warning++)
                record_print("warning", *warning);
        pail_endpoint_done(&endpoint);
}

int main(void)
{
        static struct record record;

        for (; record_read(&record); record_done(&record)) {
                answer(&record);
                record_print("end", NULL);
        }
        return fflush(stdout) == 0 ? 0 : 1;
}
