/* SPDX-License-Identifier: Apache-2.0 */
/* What the HTTP engine is told when it is made. */
#ifndef PAIL_HTTP_OPTIONS_H
#define PAIL_HTTP_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct pail_http_engine_options {
        unsigned threads;         /* 0: 2 */
        unsigned max_connections; /* over all threads; 0: 64 */
        int64_t connect_ms;       /* 0: 10 000 */
        int64_t first_byte_ms;    /* 0: 30 000 */
        int64_t stall_ms;         /* 0: 20 000 */
        int64_t idle_ms;          /* a kept connection is not reused after this; 0: 15 000 (S3 closes at about 20 s) */
        const char *ca_bundle;    /* file or directory; copied; NULL: curl's default */
        bool no_verify_ssl;
        const char *user_agent; /* copied */
};

#endif
