/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Included before every file of src/ by the build: functions that are never right here do not compile.
 * The headers that declare them come first, so that the declarations themselves are not poisoned.
 */
#ifndef PAIL_UTIL_POISON_H
#define PAIL_UTIL_POISON_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <openssl/evp.h> /* names parameters "rand" */

#pragma GCC poison strcpy strcat sprintf vsprintf strncpy strncat strtok gets atoi atol atoll atof
#pragma GCC poison asctime localtime gmtime tmpnam tempnam mktemp rand srand

#endif
