/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of the token service, in XML: to AssumeRole, and behind an 'w' as the first character to AssumeRoleWithWebIdentity. */
#include "fuzz.h"
#include "sources.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        (void)argc;
        (void)argv;
        sources_prepare();
        return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        int is_web = size > 0 && *data == 'w';

        sources_ask(is_web ? "web" : "role", data + is_web, size - (size_t)is_web);
        return 0;
}
