/* SPDX-License-Identifier: Apache-2.0 */
#include "words.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "pail/util/str.h"

void pail_diagnosis_set_detail(struct pail_diagnosis *diagnosis, const char *format, ...)
{
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(diagnosis->detail, sizeof(diagnosis->detail), format, arguments);
        va_end(arguments);
}

void pail_diagnosis_set_remedy(struct pail_diagnosis *diagnosis, const char *format, ...)
{
        va_list arguments;
        if (diagnosis->remedy[0])
                return;
        va_start(arguments, format);
        vsnprintf(diagnosis->remedy, sizeof(diagnosis->remedy), format, arguments);
        va_end(arguments);
}

void pail_diagnosis_name_profile(const struct pail_diagnosis_context *context, char *ret_text, size_t size)
{
        if (context->access_key_id[0])
                snprintf(ret_text, size, "profile %s (access key id '%s' from the %s)", context->profile,
                         context->access_key_id, context->keys_from);
        else
                snprintf(ret_text, size, "anonymous requests (no_sign_request)");
}

/* What says no more than "403". */
static bool is_commonplace(const char *words, size_t length)
{
        static const char *const known[] = { "Access Denied", "AccessDenied", "Forbidden", "null" };
        for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
                if (strlen(known[i]) == length && strncasecmp(words, known[i], length) == 0)
                        return true;
        return length == 0;
}

void pail_diagnosis_quote(const struct pail_error *error, char *ret_text, size_t size)
{
        const char *words = error->service_words;
        size_t length = strlen(words);
        while (length > 0 && strchr(". ", words[length - 1]))
                length--;
        if (is_commonplace(words, length))
                *ret_text = '\0';
        else
                snprintf(ret_text, size, ": the server says: %.*s", (int)length, words);
}

const char *pail_diagnosis_endpoint(const struct pail_diagnosis_context *context)
{
        return context->endpoint ? context->endpoint : "AWS";
}

void pail_diagnosis_doubt_endpoint(struct pail_diagnosis *diagnosis, const struct pail_diagnosis_context *context,
                                   const char *endpoint_doubt)
{
        if (context->endpoint)
                pail_diagnosis_set_remedy(diagnosis, "%s", endpoint_doubt);
        else
                pail_diagnosis_set_remedy(diagnosis, "is the region (%s) right, and the network up?",
                                          context->region ? context->region : "us-east-1");
}
