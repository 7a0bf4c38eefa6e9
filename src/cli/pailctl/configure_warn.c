/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was written may refer to what is not there, as yet or because of a slip: that is said, and not refused, since profiles may be written
 * in any order. The files are read as a session will read them.
 */
#include "configure_warn.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pail/aws/profile.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

__attribute__((format(printf, 2, 3))) static void print_warning(const struct pail_configure *configure,
                                                                const char *format, ...)
{
        va_list arguments;
        va_start(arguments, format);
        fprintf(stderr, "pailctl: warning: profile %s: ", configure->profile);
        vfprintf(stderr, format, arguments);
        fputc('\n', stderr);
        va_end(arguments);
}

static const char *get_value(const struct pail_configure *configure, const struct pail_profiles *profiles,
                             const char *key)
{
        const char *value = pail_profiles_get(profiles, configure->profile, NULL, key);
        return pail_str_is_empty(value) ? NULL : value;
}

static void check_source(const struct pail_configure *configure, const struct pail_profiles *profiles)
{
        const char *source = get_value(configure, profiles, "source_profile");
        bool has_other = get_value(configure, profiles, "credential_source");
        if (!source)
                return;
        if (!pail_profiles_has(profiles, source))
                print_warning(configure, "there is no profile %s, which source_profile names", source);
        if (has_other)
                print_warning(configure, "source_profile and credential_source are both there; only one may be");
}

/* A role, and what belongs to one. */
static void check_role(const struct pail_configure *configure, const struct pail_profiles *profiles)
{
        static const char *const of_role[] = { "source_profile", "credential_source", "external_id", "mfa_serial",
                                               "duration_seconds" };
        bool has_role = get_value(configure, profiles, "role_arn");
        if (has_role && !get_value(configure, profiles, "source_profile") &&
            !get_value(configure, profiles, "credential_source") &&
            !get_value(configure, profiles, "web_identity_token_file"))
                print_warning(configure, "role_arn needs --source-profile or --credential-source as well");
        for (size_t i = 0; !has_role && i < sizeof(of_role) / sizeof(of_role[0]); i++)
                if (get_value(configure, profiles, of_role[i]))
                        print_warning(configure, "%s is of no use without a role: --role-arn", of_role[i]);
}

static void check_ca_bundle(const struct pail_configure *configure, const struct pail_profiles *profiles)
{
        const char *bundle = get_value(configure, profiles, "ca_bundle");
        if (bundle && access(bundle, R_OK) < 0)
                print_warning(configure, "ca_bundle %s: %s", bundle, strerror(errno));
        else if (bundle && *bundle != '/')
                print_warning(configure, "ca_bundle %s is looked for where pail is started: write the whole path",
                              bundle);
}

void pail_configure_warn(const struct pail_configure *configure)
{
        _cleanup_(pail_profiles_free_p) struct pail_profiles *profiles = NULL;
        if (pail_profiles_load(configure->config_file, false, configure->credentials_file, false, &profiles, NULL) < 0)
                return;
        check_source(configure, profiles);
        check_role(configure, profiles);
        check_ca_bundle(configure, profiles);
}
