/* SPDX-License-Identifier: Apache-2.0 */
/* The config file and, behind a line "%%", the credentials file: read one by one, and as the profiles they make together. */
#include "pail/aws/ini.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/config/shellwords.h"
#include "fuzz.h"
#include "pail/aws/profile.h"

static const char *const keys[] = { "region", "role_arn", "s3", "credential_process", "aws_access_key_id", "a" };

static void read_ini(const char *text, size_t length)
{
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_ini *ini = NULL;

        if (pail_ini_parse("file", text, length, &ini, &error) < 0) {
                fuzz_require(error.class == PAIL_ERROR_CONFIG && strncmp(error.message, "file", 4) == 0,
                             "an error names its file");
                return;
        }
        for (size_t i = 0; i < pail_ini_section_count(ini); i++) {
                const char *section = pail_ini_section_name(ini, i);
                fuzz_require(pail_ini_has_section(ini, section), "a section that is listed is there");
                for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
                        const char *value = pail_ini_get(ini, section, NULL, keys[k]);
                        fuzz_require(!value || pail_ini_has_key(ini, section, keys[k]), "a key with a value is there");
                        pail_ini_get(ini, section, keys[k], "addressing_style");
                }
        }
        pail_ini_free(ini);
}

static void split(const char *text)
{
        char *words = NULL;
        size_t count, total = 0;

        if (pail_shellwords_split(text, &words, &count) < 0)
                return;
        for (size_t i = 0; i < count; i++)
                total += strlen(words + total) + 1;
        fuzz_require(total <= strlen(text) + 1, "words are no longer than their text");
        free(words);
}

static void read_profiles(const char *config, const char *credentials)
{
        struct pail_profiles *profiles = NULL;

        if (pail_profiles_load(config, true, credentials, true, &profiles, NULL) < 0)
                return;
        for (const char *const *name = pail_profiles_names(profiles); *name; name++) {
                fuzz_require(pail_profiles_has(profiles, *name), "a profile that is listed is there");
                for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
                        const char *one = pail_profiles_get_credential(profiles, *name, keys[k]);
                        const char *both = pail_profiles_get(profiles, *name, NULL, keys[k]);
                        fuzz_require(!one || one == both, "the credentials file wins");
                        pail_profiles_get(profiles, *name, keys[k], "addressing_style");
                        if (both)
                                split(both);
                }
        }
        pail_profiles_get_section(profiles, "services", "local", "s3", "endpoint_url");
        pail_profiles_get_section(profiles, "sso-session", "x", NULL, "sso_region");
        pail_profiles_free(profiles);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const uint8_t *end = size > 0 ? memmem(data, size, "\n%%\n", 4) : NULL;
        size_t length = end ? (size_t)(end - data) : size, behind = end ? length + 4 : size;
        char config[128];

        read_ini((const char *)data, length);
        read_ini((const char *)data + behind, size - behind);
        snprintf(config, sizeof(config), "%s", fuzz_file("config", data, length));
        read_profiles(config, fuzz_file("credentials", data + behind, size - behind));
        return 0;
}
