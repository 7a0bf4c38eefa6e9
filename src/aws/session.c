/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session is resolved once, when it is made: every setting is looked for in its four places and stored as a string, so that
 * nothing later reads the environment or a file, and a bad value is reported before anything is mounted. What changes later
 * is guarded: the credentials by their refresher, the clock offset by being atomic (one number, no order with anything else).
 */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "aws/environment.h"
#include "aws/providers/providers.h"
#include "aws/refresh.h"
#include "aws/settings.h"
#include "pail/aws/profile.h"
#include "pail/aws/session.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

struct pail_session {
        struct pail_profiles *profiles;
        struct pail_settings settings;
        struct pail_refresher *refresher; /* NULL: anonymous */
        _Atomic int64_t clock_offset_s;
};

void pail_session_free(struct pail_session *session)
{
        if (!session)
                return;
        pail_refresher_free(session->refresher);
        pail_settings_done(&session->settings);
        pail_profiles_free(session->profiles);
        free(session);
}
PAIL_DEFINE_CLEANUP(struct pail_session, pail_session_free);
PAIL_DEFINE_CLEANUP(struct pail_provider_chain, pail_provider_chain_free);

static int check_explicit_keys(const struct pail_session_options *options, struct pail_error *ret_error)
{
        if (!options->access_key_id == !options->secret_access_key &&
            (options->access_key_id || !options->session_token))
                return 0;
        pail_error_set(ret_error, PAIL_ERROR_CONFIG, "an access key id and its secret are only of use together");
        return -EINVAL;
}

static int fill_chain(const struct pail_session *session, const struct pail_session_options *options,
                      char *const *environment, struct pail_provider_chain *chain)
{
        /* botocore's order: roles, web identities and single sign-on before the shared credentials file, the others behind it. */
        static const char *const before[] = { "role_arn",       "web_identity_token_file", "sso_session",
                                              "sso_account_id", "sso_role_name",           NULL };
        static const char *const behind[] = { "login_session", "credential_process", NULL };
        const struct pail_settings *settings = &session->settings;
        int r = 0;

        if (options->access_key_id)
                return pail_provider_explicit_add(chain, options->access_key_id, options->secret_access_key,
                                                  options->session_token);
        if (!options->profile)
                r = pail_provider_env_add(chain, environment);
        if (r == 0)
                r = pail_provider_unsupported_add(chain, session->profiles, settings->profile, before);
        if (r == 0)
                r = pail_provider_shared_add(chain, session->profiles, settings->profile, settings->credentials_file);
        if (r == 0)
                r = pail_provider_unsupported_add(chain, session->profiles, settings->profile, behind);
        if (r == 0)
                r = pail_provider_config_add(chain, session->profiles, settings->profile, settings->config_file);
        return r;
}

static int make_refresher(struct pail_session *session, const struct pail_session_options *options,
                          char *const *environment, struct pail_error *ret_error)
{
        _cleanup_(pail_provider_chain_free_p) struct pail_provider_chain *chain = NULL;
        int r;

        if (options->no_sign_request)
                return 0;
        r = check_explicit_keys(options, ret_error);
        if (r < 0)
                return r;
        r = pail_provider_chain_new(&chain);
        if (r == 0)
                r = fill_chain(session, options, environment, chain);
        if (r == 0)
                r = pail_refresher_new(pail_steal(&chain), &session->refresher);
        return r < 0 ? pail_error_set_errno(ret_error, -r, "session") : 0;
}

static int load_profiles(struct pail_session *session, const struct pail_session_options *options,
                         char *const *environment, struct pail_error *ret_error)
{
        struct pail_settings *settings = &session->settings;
        int r = pail_settings_files(settings, options, environment);

        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "session");
        return pail_profiles_load(settings->config_file, options->config_file, settings->credentials_file,
                                  options->credentials_file, &session->profiles, ret_error);
}

int pail_session_new(const struct pail_session_options *options, struct pail_session **ret_session,
                     struct pail_error *ret_error)
{
        _cleanup_(pail_session_free_p) struct pail_session *session = calloc(1, sizeof(*session));
        char *const *environment = options->environment ? options->environment : environ;
        int r;

        if (!session)
                return pail_error_set_errno(ret_error, ENOMEM, "session");
        r = load_profiles(session, options, environment, ret_error);
        if (r == 0)
                r = pail_settings_resolve(&session->settings, options, environment, session->profiles, ret_error);
        if (r == 0)
                r = make_refresher(session, options, environment, ret_error);
        if (r < 0)
                return r;
        *ret_session = pail_steal(&session);
        return 0;
}

const char *pail_session_profile_name(const struct pail_session *session)
{
        return session->settings.profile;
}

const char *pail_session_region_name(const struct pail_session *session)
{
        return session->settings.region;
}

const char *pail_session_endpoint_url(const struct pail_session *session)
{
        return session->settings.endpoint_url;
}

const char *pail_session_ca_bundle(const struct pail_session *session)
{
        return session->settings.ca_bundle;
}

enum pail_addressing_style pail_session_addressing_style(const struct pail_session *session)
{
        return session->settings.addressing_style;
}

bool pail_session_is_anonymous(const struct pail_session *session)
{
        return !session->refresher;
}

const char *const *pail_session_available_profiles(const struct pail_session *session)
{
        return pail_profiles_names(session->profiles);
}

unsigned pail_session_max_attempts(const struct pail_session *session)
{
        return session->settings.max_attempts;
}

enum pail_retry_mode pail_session_retry_mode(const struct pail_session *session)
{
        return session->settings.retry_mode;
}

enum pail_when pail_session_request_checksum_calculation(const struct pail_session *session)
{
        return session->settings.request_checksum_calculation;
}

enum pail_when pail_session_response_checksum_validation(const struct pail_session *session)
{
        return session->settings.response_checksum_validation;
}

const char *pail_session_profile_value(const struct pail_session *session, const char *block, const char *key)
{
        return pail_profiles_get(session->profiles, session->settings.profile, block, key);
}

int pail_session_get_credentials(struct pail_session *session, struct pail_credentials *ret_frozen,
                                 struct pail_error *ret_error)
{
        const struct pail_settings *settings = &session->settings;
        int r;

        if (!session->refresher) {
                *ret_frozen = (struct pail_credentials){ 0 };
                return 0;
        }
        r = pail_refresher_get(session->refresher, ret_frozen, ret_error);
        if (r == -ENOENT)
                pail_error_prefix(ret_error, "profile \"%s\" (%s%s, %s%s)", settings->profile,
                                  PAIL_SETTINGS_FILE(settings->credentials_file),
                                  PAIL_SETTINGS_FILE(settings->config_file));
        return r;
}

int pail_session_peek_credentials(struct pail_session *session, struct pail_credentials *ret_frozen)
{
        if (session->refresher)
                return pail_refresher_peek(session->refresher, ret_frozen);
        *ret_frozen = (struct pail_credentials){ 0 };
        return 0;
}

int64_t pail_session_clock_offset_s(const struct pail_session *session)
{
        return atomic_load_explicit(&session->clock_offset_s, memory_order_relaxed);
}

void pail_session_set_clock_offset_s(struct pail_session *session, int64_t offset_s)
{
        atomic_store_explicit(&session->clock_offset_s, offset_s, memory_order_relaxed);
}
