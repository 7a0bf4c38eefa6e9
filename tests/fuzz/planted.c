/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A target with a bug, to prove that the others would be told of theirs: the value of a key is copied into eight bytes, whatever its
 * length. tests/fuzz/run expects this one to fail.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "pail/aws/ini.h"

static volatile char seen; /* without a reader the compiler leaves the copy out */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct pail_ini *ini = NULL;

        if (pail_ini_parse("file", (const char *)data, size, &ini, NULL) < 0)
                return 0;
        for (size_t i = 0; i < pail_ini_section_count(ini); i++) {
                const char *value = pail_ini_get(ini, pail_ini_section_name(ini, i), NULL, "a");
                char *copy = malloc(8);
                if (value && copy) {
                        memcpy(copy, value, strlen(value) + 1);
                        seen = *copy;
                }
                free(copy);
        }
        pail_ini_free(ini);
        return 0;
}
