/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sources of credentials that speak JSON. The first character says which; then comes what it answers, or first what is in its
 * file and, behind a line "%%", what it answers.
 */
#include <stdlib.h>
#include <string.h>

#include "aws/credentials/providers/process.h"
#include "fuzz.h"
#include "sources.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        (void)argc;
        (void)argv;
        sources_prepare();
        return 0;
}

static void ask_process(const uint8_t *data, size_t size)
{
        struct pail_credentials found = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;

        if (pail_process_parse((const char *)data, size, &found, &error) < 0)
                fuzz_require(error.class == PAIL_ERROR_CREDENTIALS, "an error is one of credentials");
        else
                fuzz_require(found.access_key_id && found.secret_access_key, "credentials are complete");
        pail_credentials_done(&found);
}

static void ask_with_file(const char *profile, void (*write_token)(const char *text), const uint8_t *data, size_t size)
{
        char *text = fuzz_take_text(&data, &size);

        write_token(text);
        free(text);
        sources_ask(profile, data, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        if (size == 0)
                return 0;
        const uint8_t *rest = data + 1;
        switch (*data % 8) {
        case 0: /* '0' */
                ask_process(rest, size - 1);
                break;
        case 1:
                sources_ask("container", rest, size - 1);
                break;
        case 2:
                sources_ask("machine", rest, size - 1);
                break;
        case 3:
                sources_write_login_token(NULL);
                sources_ask("login", rest, size - 1);
                break;
        case 4:
                ask_with_file("login", sources_write_login_token, rest, size - 1);
                break;
        case 5:
                sources_write_sso_token(NULL);
                sources_ask("sso", rest, size - 1);
                break;
        default:
                ask_with_file("sso", sources_write_sso_token, rest, size - 1);
                break;
        }
        return 0;
}
