/* SPDX-License-Identifier: Apache-2.0 */
/* What stands before the mount point on the command line. Parsed again, what came out is the same. */
#include "cli/source.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "pail/aws/arn.h"
#include "pail/util/str.h"

/* A caller's stack holds anything: what the parser does not fill must not matter. */
static void fill_stack(void)
{
        volatile char garbage[2 * 1024];
        for (size_t i = 0; i < sizeof(garbage); i++)
                garbage[i] = (char)0xa5;
}

static void check_prefix(const char *prefix)
{
        size_t length = strlen(prefix);
        fuzz_require(length == 0 || prefix[length - 1] == '/', "a prefix ends with a slash");
        fuzz_require(length <= 1024, "a prefix fits into a key");
        fuzz_require(prefix[0] != '/' && !strstr(prefix, "//"), "a prefix has no empty component");
        fuzz_require(!pail_str_starts_with(prefix, "./") && !pail_str_starts_with(prefix, "../") &&
                             !strstr(prefix, "/./") && !strstr(prefix, "/../"),
                     "a prefix is below its bucket");
}

static void check_again(const struct pail_source_name *source)
{
        struct pail_source_name again = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        char *text = NULL;
        fuzz_require(pail_str_printf(&text, "s3://%s/%s", source->bucket, source->prefix) == 0, "memory");
        fuzz_require(pail_source_parse(text, &again, &error) == 0, "what came out can be parsed");
        fuzz_require(pail_str_equal(again.bucket, source->bucket) && pail_str_equal(again.prefix, source->prefix),
                     "parsed again it is the same");
        pail_source_name_done(&again);
        free(text);
}

static void check_source(const struct pail_source_name *source, const char *text)
{
        fuzz_require(pail_str_equal(source->text, text), "the text is kept");
        fuzz_require(*pail_source_name_label(source), "a label says something");
        check_prefix(source->prefix);
        if (pail_source_name_is_all(source)) {
                fuzz_require(pail_str_equal(text, "s3://") && !*source->prefix, "all buckets have one spelling");
                return;
        }
        fuzz_require(pail_arn_is(source->bucket) || pail_source_name_is_bucket(source->bucket), "a bucket has a name");
        check_again(source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct pail_source_name source = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        char *text = malloc(size + 1);

        fuzz_require(text != NULL, "memory");
        if (size > 0)
                memcpy(text, data, size);
        text[size] = '\0';
        fill_stack();
        if (pail_source_parse(text, &source, &error) == 0)
                check_source(&source, text);
        else
                fuzz_require(error.class == PAIL_ERROR_CONFIG && *error.message && !source.text,
                             "an error has words and leaves nothing behind");
        pail_source_name_done(&source);
        free(text);
        return 0;
}
