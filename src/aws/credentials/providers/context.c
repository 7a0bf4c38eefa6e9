/* SPDX-License-Identifier: Apache-2.0 */
#include "context.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "aws/config/settings.h"

const char *pail_provider_context_key_file(const struct pail_provider_context *context, const char *profile,
                                           const char *key)
{
        const struct pail_settings *settings = context->settings;
        const char *file = pail_profiles_get_credential(context->profiles, profile, key) ? settings->credentials_file
                                                                                         : settings->config_file;

        return file ? file : "the config file";
}

int pail_provider_context_refuse(const struct pail_provider_context *context, const char *profile,
                                 struct pail_error *ret_error, const char *format, ...)
{
        const char *file = context->settings->config_file;
        char what[256];
        va_list arguments;

        va_start(arguments, format);
        vsnprintf(what, sizeof(what), format, arguments);
        va_end(arguments);
        pail_error_set(ret_error, PAIL_ERROR_CONFIG, "profile \"%s\" in %s: %s", profile,
                       file ? file : "the shared files", what);
        return -EINVAL;
}
