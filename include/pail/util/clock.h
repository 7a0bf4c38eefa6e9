/* SPDX-License-Identifier: Apache-2.0 */
/* The time, from one place, so that tests can set it. Thread safe. */
#ifndef PAIL_UTIL_CLOCK_H
#define PAIL_UTIL_CLOCK_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

int64_t pail_clock_monotonic_ms(void);
/* Wall clock. */
struct timespec pail_clock_now(void);

/* Tests only: adds to both clocks. A wait that is under way notices at its next wake-up. */
void pail_clock_test_advance(int64_t ms);

/* "20130524T000000Z"; times before 1970 or after 9999 are clamped. */
void pail_clock_format_amz(time_t time, char ret_text[static 17]);
/* ISO 8601 as S3 writes it ("2009-10-12T17:50:30.000Z", fraction optional; "+02:00" for Z also passes). -EINVAL */
int pail_clock_parse_iso8601(const char *text, struct timespec *ret_time);
/*
 * The same as people and their programs write it, for the expiry of credentials: also basic ISO 8601 ("20091012T175030Z"), a blank for the
 * "T", RFC 1123 ("Mon, 12 Oct 2009 17:50:30 GMT"), and as zone Z, UTC, GMT, +02:00, +0200 or +02, with or without a blank before it. A
 * time without a zone is none. -EINVAL
 */
int pail_clock_parse_lenient(const char *text, struct timespec *ret_time);
/* The HTTP date of RFC 9110 §5.6.7 ("Sun, 06 Nov 1994 08:49:37 GMT", and its two obsolete forms). -EINVAL */
int pail_clock_parse_http(const char *text, time_t *ret_time);

#endif
