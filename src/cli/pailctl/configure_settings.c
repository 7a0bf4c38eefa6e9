/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of settings, and what is wrong with a value. Checks look for what a person confuses or cuts off when pasting, and say so without the
 * value, which may be a secret.
 */
#include "configure_settings.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "pail/aws/endpoint.h"
#include "pail/aws/session.h"
#include "pail/util/cleanup.h"
#include "pail/util/secret.h"
#include "pail/util/str.h"

static int refuse_setting(struct pail_error *ret_error, const char *what)
{
        pail_error_set(ret_error, PAIL_ERROR_CONFIG, "%s", what);
        return -EINVAL;
}

static int check_key_id(const char *value, struct pail_error *ret_error)
{
        return strpbrk(value, " \t/+=")
                       ? refuse_setting(ret_error, "an access key id has no blanks and none of / + =: is it the "
                                                   "secret access key?")
                       : 0;
}

static int check_secret(const char *value, struct pail_error *ret_error)
{
        return strpbrk(value, " \t") ? refuse_setting(ret_error, "the secret access key has a blank in it") : 0;
}

static int check_token(const char *value, struct pail_error *ret_error)
{
        return strpbrk(value, " \t") ? refuse_setting(ret_error, "the session token has a blank in it") : 0;
}

static int check_region(const char *value, struct pail_error *ret_error)
{
        size_t length = strlen(value);
        if (length > 63 || value[strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789-")])
                return refuse_setting(ret_error, "a region is a name like eu-central-1");
        return 0;
}

/* As a session of the profile would see it. */
static int check_endpoint(const char *value, struct pail_error *ret_error)
{
        static char *const no_environment[] = { NULL };
        const struct pail_session_options options = {
                .endpoint_url = value,
                .region = "us-east-1",
                .config_file = "/dev/null",
                .credentials_file = "/dev/null",
                .no_sign_request = true,
                .environment = no_environment,
        };
        _cleanup_(pail_session_free_p) struct pail_session *session = NULL;
        _cleanup_(pail_endpoint_done) struct pail_endpoint endpoint = { 0 };
        int r = pail_session_new(&options, &session, ret_error);
        return r < 0 ? r
                     : pail_endpoint_resolve(pail_session_endpoint_settings(session), NULL, NULL, &endpoint, ret_error);
}

static int check_role(const char *value, struct pail_error *ret_error)
{
        return pail_str_starts_with(value, "arn:")
                       ? 0
                       : refuse_setting(ret_error, "a role is an ARN like arn:aws:iam::123456789012:role/name");
}

static int check_source(const char *value, struct pail_error *ret_error)
{
        static const char *const sources[] = { "Environment", "Ec2InstanceMetadata", "EcsContainer" };
        for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
                if (pail_str_equal(value, sources[i]))
                        return 0;
        return refuse_setting(ret_error, "a source of credentials is Environment, Ec2InstanceMetadata or EcsContainer");
}

static int check_duration(const char *value, struct pail_error *ret_error)
{
        uint64_t seconds;
        return pail_str_to_u64(value, &seconds) == 0 && seconds >= 900
                       ? 0
                       : refuse_setting(ret_error, "a duration is a number of seconds, at least 900");
}

const struct pail_setting pail_settings_table[PAIL_SETTINGS_COUNT] = {
        [PAIL_SETTING_KEY_ID] = { "access-key-id", "ID", "aws_access_key_id", "AWS access key ID", "access key id",
                                  true, false, check_key_id },
        [PAIL_SETTING_SECRET] = { "secret-access-key-stdin", NULL, "aws_secret_access_key", "AWS secret access key",
                                  "its secret, the first line of standard input", true, true, check_secret },
        [PAIL_SETTING_TOKEN] = { "session-token-stdin", NULL, "aws_session_token", NULL,
                                 "session token, the next line of standard input", true, true, check_token },
        [PAIL_SETTING_REGION] = { "region", "NAME", "region", "Default region name", "region", .check = check_region },
        [PAIL_SETTING_ENDPOINT] = { "endpoint-url", "URL", "endpoint_url", "Endpoint URL, for servers other than AWS",
                                    "where S3 is served", .check = check_endpoint },
        [PAIL_SETTING_ROLE] = { "role-arn", "ARN", "role_arn", NULL, "role to take on", .check = check_role },
        [PAIL_SETTING_SOURCE_PROFILE] = { "source-profile", "NAME", "source_profile", NULL,
                                          "profile whose keys ask for the role" },
        [PAIL_SETTING_CREDENTIAL_SOURCE] = { "credential-source", "NAME", "credential_source", NULL,
                                             "or Environment, Ec2InstanceMetadata, EcsContainer",
                                             .check = check_source },
        [PAIL_SETTING_EXTERNAL_ID] = { "external-id", "ID", "external_id", NULL, "that the role asks for" },
        [PAIL_SETTING_MFA_SERIAL] = { "mfa-serial", "ARN", "mfa_serial", NULL, "device whose code the role asks for" },
        [PAIL_SETTING_SESSION_NAME] = { "role-session-name", "NAME", "role_session_name", NULL,
                                        "shown in the logs of the role's account" },
        [PAIL_SETTING_DURATION] = { "duration-seconds", "NUMBER", "duration_seconds", NULL, "of the role's credentials",
                                    .check = check_duration },
        [PAIL_SETTING_CA_BUNDLE] = { "ca-bundle", "FILE", "ca_bundle", NULL, "certificates to trust" },
};

void pail_configure_done(struct pail_configure *configure)
{
        for (size_t i = 0; i < PAIL_SETTINGS_COUNT; i++)
                pail_secret_free(configure->values[i]);
        free(configure->profile);
        free(configure->config_file);
        free(configure->credentials_file);
        *configure = (struct pail_configure){ 0 };
}

static int check_profile(const char *profile, struct pail_error *ret_error)
{
        size_t length = strlen(profile);
        if (length == 0 || strpbrk(profile, "]'\"\\\t") || profile[0] == ' ' || profile[length - 1] == ' ' ||
            pail_str_equal(profile, "DEFAULT"))
                return refuse_setting(
                        ret_error, "a profile's name has no quotes, backslashes, brackets, tabs or blanks at its ends, "
                                   "and is not DEFAULT");
        return 0;
}

int pail_configure_check(const struct pail_configure *configure, struct pail_error *ret_error)
{
        int r = check_profile(configure->profile, ret_error);
        for (size_t i = 0; r == 0 && i < PAIL_SETTINGS_COUNT; i++) {
                const struct pail_setting *setting = &pail_settings_table[i];
                if (configure->values[i] && setting->check)
                        r = setting->check(configure->values[i], ret_error);
        }
        return r;
}
