/* SPDX-License-Identifier: Apache-2.0 */
/* Where requests go: an endpoint URL, a region and a bucket's name (or whatever stands in its place), each on a line of its own. */
#include "pail/aws/endpoint.h"
#include "pail/aws/session.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "pail/util/str.h"

/* What reaches a request line or a header must not break it. */
static void check_text(const char *text)
{
        for (const char *at = text; *at; at++)
                fuzz_require((unsigned char)*at > ' ' && *at != 0x7f, "an endpoint has no blanks and controls");
}

static void resolve(const struct pail_session *session, const char *bucket)
{
        struct pail_endpoint endpoint = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;

        if (pail_endpoint_resolve(pail_session_endpoint_settings(session), bucket, NULL, &endpoint, &error) < 0) {
                fuzz_require(error.class != PAIL_ERROR_NONE && *error.message, "an error has a class and words");
                return;
        }
        check_text(endpoint.origin);
        check_text(endpoint.base_url);
        check_text(endpoint.host);
        check_text(endpoint.path_prefix);
        fuzz_require(pail_str_starts_with(endpoint.origin, endpoint.is_https ? "https://" : "http://"), "a scheme");
        fuzz_require(!strpbrk(endpoint.host, "/@?#\\"), "a host is a host");
        pail_endpoint_done(&endpoint);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static char home[] = "HOME=/nowhere";
        char *environment[] = { home, NULL };
        char *text = malloc(size + 1), *rest = text;

        fuzz_require(text != NULL, "memory");
        if (size > 0)
                memcpy(text, data, size);
        text[size] = '\0';
        const char *url = strsep(&rest, "\n"), *region = strsep(&rest, "\n"), *bucket = rest;
        const struct pail_session_options options = {
                .access_key_id = "a",
                .secret_access_key = "b",
                .endpoint_url = url && *url ? url : NULL,
                .region = region && *region ? region : NULL,
                .environment = environment,
        };
        struct pail_session *session = NULL;
        if (pail_session_new(&options, &session, NULL) == 0) {
                resolve(session, NULL);
                if (bucket && *bucket)
                        resolve(session, bucket);
                pail_session_free(session);
        }
        free(text);
        return 0;
}
