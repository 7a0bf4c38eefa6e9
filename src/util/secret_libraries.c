/* SPDX-License-Identifier: Apache-2.0 */
#include <libxml/xmlmemory.h>
#include <openssl/crypto.h>

#include "pail/util/secret.h"

static void *crypto_malloc(size_t size, const char *file, int line)
{
        (void)file, (void)line;
        return pail_secret_malloc(size);
}

static void *crypto_realloc(void *pointer, size_t size, const char *file, int line)
{
        (void)file, (void)line;
        return pail_secret_realloc(pointer, size);
}

static void crypto_free(void *pointer, const char *file, int line)
{
        (void)file, (void)line;
        pail_secret_free(pointer);
}

void pail_secret_adopt_libraries(void)
{
        /* Refused by a library that has allocated already, in a program that embeds us: then its memory stays where it is. */
        (void)CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free);
        (void)xmlMemSetup(pail_secret_free, pail_secret_malloc, pail_secret_realloc, pail_secret_strdup);
}
