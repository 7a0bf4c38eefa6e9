/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session is resolved once, when it is made: every setting is looked for in its four sources and stored, so that
 * a bad value is reported before anything is mounted. Providers of credentials go on looking for as long as the session lives, in
 * its own copy of the environment, and in the profile files as they are by then (reload.h). What changes later is guarded: the credentials by their
 * refresher, the clock offset by being atomic (one number, no order with anything else).
 */
#include "session.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "aws/config/environment.h"
#include "aws/config/settings_resolve.h"
#include "aws/credentials/providers/explicit.h"
#include "aws/credentials/providers/login_command.h"
#include "aws/credentials/reload.h"
#include "aws/credentials/service.h"
#include "pail/aws/endpoint.h"
#include "pail/aws/profile.h"
#include "pail/aws/refresh.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

struct pail_session {
        char **environment;
        char *directory; /* where relative names begin: a daemon leaves it */
        struct pail_profiles *profiles;
        struct pail_reload_stamp config_stamp, credentials_stamp; /* of the files that profiles are from */
        struct pail_settings settings;
        struct pail_endpoint_settings
                endpoint_settings; /* those of the above that choose endpoints; borrowed from it */
        struct pail_service *service;
        struct pail_provider_context context; /* all of the above, for providers */
        struct pail_refresher *refresher;     /* NULL: anonymous */
        _Atomic int64_t clock_offset_s;
};

void pail_session_free(struct pail_session *session)
{
        if (!session)
                return;
        pail_refresher_free(session->refresher);
        pail_service_free(session->service);
        pail_settings_done(&session->settings);
        pail_profiles_free(session->profiles);
        pail_environment_free(session->environment);
        free(session->directory);
        free(session);
}

static int check_explicit_keys(const struct pail_session_options *options, struct pail_error *ret_error)
{
        if (!options->access_key_id == !options->secret_access_key &&
            (options->access_key_id || !options->session_token))
                return 0;
        pail_error_set(ret_error, PAIL_ERROR_CONFIG, "an access key id and its secret are only of use together");
        return -EINVAL;
}

static void set_endpoint_settings(struct pail_session *session)
{
        const struct pail_settings *settings = &session->settings;

        session->endpoint_settings = (struct pail_endpoint_settings){
                .region = settings->region,
                .endpoint_url = settings->endpoint_url,
                .addressing_style = settings->addressing_style,
                .flags = settings->endpoint_flags,
        };
}

static int make_context(struct pail_session *session, const struct pail_session_options *options,
                        struct pail_error *ret_error)
{
        const struct pail_service_options service_options = {
                .ca_bundle = session->settings.ca_bundle,
                .no_verify_ssl = options->no_verify_ssl,
        };

        if (pail_service_new(&service_options, &session->service) < 0)
                return pail_error_set_errno(ret_error, ENOMEM, "session");
        session->context = (struct pail_provider_context){
                .profiles = session->profiles,
                .settings = &session->settings,
                .environment = session->environment,
                .directory = session->directory,
                .service = session->service,
                .ask_mfa = options->ask_mfa,
                .ask_context = options->ask_context,
        };
        return 0;
}

static int fill_chain(struct pail_session *session, const struct pail_session_options *options,
                      const enum pail_provider_kind order[static PAIL_PROVIDER_KINDS],
                      struct pail_provider_chain *chain)
{
        const struct pail_reload_recipe recipe = {
                .context = &session->context,
                .order = order,
                .with_environment = !options->profile,
                .config_required = options->config_file,
                .credentials_required = options->credentials_file,
                .config = session->config_stamp,
                .credentials = session->credentials_stamp,
        };

        if (options->access_key_id)
                return pail_provider_explicit_add(chain, options->access_key_id, options->secret_access_key,
                                                  options->session_token);
        return pail_reload_fill(chain, &recipe);
}

static int make_refresher(struct pail_session *session, const struct pail_session_options *options,
                          const enum pail_provider_kind order[static PAIL_PROVIDER_KINDS], struct pail_error *ret_error)
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
                r = fill_chain(session, options, order, chain);
        if (r == 0)
                r = pail_refresher_new(pail_steal(&chain), options->refreshed, options->refreshed_context,
                                       &session->refresher);
        return r < 0 ? pail_error_set_errno(ret_error, -r, "session") : 0;
}

static int load_profiles(struct pail_session *session, const struct pail_session_options *options,
                         struct pail_error *ret_error)
{
        struct pail_settings *settings = &session->settings;
        int r = pail_environment_copy(options->environment ? options->environment : environ, &session->environment);

        session->directory = getcwd(NULL, 0);
        if (r == 0)
                r = pail_settings_resolve_files(settings, options, session->environment);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "session");
        /* Before they are read: what is written meanwhile must look newer. */
        pail_reload_stamp_read(settings->config_file, &session->config_stamp);
        pail_reload_stamp_read(settings->credentials_file, &session->credentials_stamp);
        return pail_profiles_load(settings->config_file, options->config_file, settings->credentials_file,
                                  options->credentials_file, &session->profiles, ret_error);
}

int pail_session_new_in_order(const struct pail_session_options *options,
                              const enum pail_provider_kind order[static PAIL_PROVIDER_KINDS],
                              struct pail_session **ret_session, struct pail_error *ret_error)
{
        _cleanup_(pail_session_free_p) struct pail_session *session = calloc(1, sizeof(*session));
        int r;

        if (!session)
                return pail_error_set_errno(ret_error, ENOMEM, "session");
        r = load_profiles(session, options, ret_error);
        if (r == 0)
                r = pail_settings_resolve(&session->settings, options, session->environment, session->profiles,
                                          ret_error);
        if (r == 0)
                r = make_context(session, options, ret_error);
        if (r == 0)
                r = make_refresher(session, options, order, ret_error);
        if (r < 0)
                return r;
        set_endpoint_settings(session);
        *ret_session = pail_steal(&session);
        return 0;
}

int pail_session_new(const struct pail_session_options *options, struct pail_session **ret_session,
                     struct pail_error *ret_error)
{
        return pail_session_new_in_order(options, pail_chain_order, ret_session, ret_error);
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

const char *pail_session_config_file(const struct pail_session *session)
{
        return session->settings.config_file;
}

const char *pail_session_credentials_file(const struct pail_session *session)
{
        return session->settings.credentials_file;
}

const char *pail_session_ca_bundle(const struct pail_session *session)
{
        return session->settings.ca_bundle;
}

enum pail_addressing_style pail_session_addressing_style(const struct pail_session *session)
{
        return session->settings.addressing_style;
}

const struct pail_endpoint_settings *pail_session_endpoint_settings(const struct pail_session *session)
{
        return &session->endpoint_settings;
}

const struct pail_endpoint_flags *pail_session_endpoint_flags(const struct pail_session *session)
{
        return &session->settings.endpoint_flags;
}

bool pail_session_signs_payload(const struct pail_session *session)
{
        return session->settings.payload_signing_enabled;
}

const char *const *pail_session_warnings(const struct pail_session *session)
{
        static const char *const none[] = { NULL };

        return session->settings.warnings ? (const char *const *)session->settings.warnings : none;
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

/* Where nothing was found, says where was looked, and what gives credentials. */
static int say_where_searched(const struct pail_session *session, int r, struct pail_error *ret_error)
{
        const struct pail_settings *settings = &session->settings;
        char hint[PAIL_SETTINGS_HINT_SIZE], command[PAIL_LOGIN_COMMAND_SIZE], found[sizeof(ret_error->message)];

        if (r != -ENOENT || !ret_error)
                return r;
        pail_settings_hint_at_section(settings, session->profiles, hint);
        if (!*hint) {
                pail_login_command("pailctl configure", "--profile", settings->profile, command);
                snprintf(hint, sizeof(hint), "; run: %s (access keys), aws configure sso or aws login", command);
        }
        pail_str_copy(found, sizeof(found), ret_error->message);
        pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS, "profile \"%s\" (%s%s, %s%s): %s%s", settings->profile,
                       PAIL_SETTINGS_FILE(settings->credentials_file), PAIL_SETTINGS_FILE(settings->config_file), found,
                       hint);
        return r;
}

int pail_session_get_credentials(struct pail_session *session, int64_t deadline_ms, struct pail_credentials *ret_frozen,
                                 struct pail_error *ret_error)
{
        if (session->refresher)
                return say_where_searched(
                        session, pail_refresher_get(session->refresher, deadline_ms, ret_frozen, ret_error), ret_error);
        *ret_frozen = (struct pail_credentials){ 0 };
        return 0;
}

int pail_session_peek_credentials(struct pail_session *session, struct pail_credentials *ret_frozen,
                                  struct pail_error *ret_error)
{
        if (session->refresher)
                return say_where_searched(session, pail_refresher_peek(session->refresher, ret_frozen, ret_error),
                                          ret_error);
        *ret_frozen = (struct pail_credentials){ 0 };
        return 0;
}

bool pail_session_refuse_credentials(struct pail_session *session, const struct pail_credentials *refused,
                                     enum pail_refusal refusal)
{
        return session->refresher && pail_refresher_refuse(session->refresher, refused, refusal);
}

int pail_session_peek_others(struct pail_session *session, const struct pail_credentials *refused,
                             struct pail_credentials *ret_frozen, struct pail_error *ret_error)
{
        if (!session->refresher)
                return 1;
        return say_where_searched(
                session, pail_refresher_peek_others(session->refresher, refused, ret_frozen, ret_error), ret_error);
}

int64_t pail_session_clock_offset_s(const struct pail_session *session)
{
        return atomic_load_explicit(&session->clock_offset_s, memory_order_relaxed);
}

void pail_session_set_clock_offset_s(struct pail_session *session, int64_t offset_s)
{
        atomic_store_explicit(&session->clock_offset_s, offset_s, memory_order_relaxed);
}
