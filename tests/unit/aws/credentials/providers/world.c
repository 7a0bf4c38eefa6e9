/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "aws/config/settings_resolve.h"

#include <time.h>

#include "pail/util/clock.h"

void world_open(struct world *world, void **state, const char *config, const char *credentials)
{
        const char *config_file = test_files_path(state, "config");
        const char *credentials_file = test_files_path(state, "credentials");

        *world = (struct world){ .state = state, .error = PAIL_ERROR_INIT };
        remove(config_file);
        remove(credentials_file);
        if (config)
                test_files_write(state, "config", config);
        if (credentials)
                test_files_write(state, "credentials", credentials);
        world_set(world, "HOME=%s", (const char *)*state);
        world_set(world, "PATH=%s", getenv("PATH"));
        assert_int_equal(pail_profiles_load(config_file, false, credentials_file, false, &world->profiles, NULL), 0);
        const struct pail_session_options options = {
                .profile = pail_profiles_has(world->profiles, "p") ? "p" : NULL,
                .config_file = config_file,
                .credentials_file = credentials_file,
        };
        assert_int_equal(pail_settings_resolve_files(&world->settings, &options, world->environment), 0);
        assert_int_equal(pail_settings_resolve(&world->settings, &options, world->environment, world->profiles, NULL),
                         0);
        assert_int_equal(pail_service_new(&(struct pail_service_options){ 0 }, &world->service), 0);
        assert_int_equal(pail_provider_chain_new(&world->chain), 0);
        world->context = (struct pail_provider_context){
                .profiles = world->profiles,
                .settings = &world->settings,
                .environment = world->environment,
                .service = world->service,
        };
}

void world_close(struct world *world)
{
        pail_credentials_done(&world->found);
        pail_provider_chain_free(world->chain);
        pail_service_free(world->service);
        pail_settings_done(&world->settings);
        pail_profiles_free(world->profiles);
        while (world->variables > 0)
                free(world->environment[--world->variables]);
}

void world_set(struct world *world, const char *format, ...)
{
        char *variable = NULL;
        size_t i = 0;
        va_list arguments;

        va_start(arguments, format);
        assert_true(vasprintf(&variable, format, arguments) > 0);
        va_end(arguments);
        while (i < world->variables && strncmp(world->environment[i], variable, strcspn(variable, "=") + 1) != 0)
                i++;
        assert_true(i < WORLD_VARIABLES);
        if (i == world->variables)
                world->variables++;
        else
                free(world->environment[i]);
        world->environment[i] = variable;
}

int world_load(struct world *world)
{
        pail_credentials_done(&world->found);
        world->error = PAIL_ERROR_INIT;
        return pail_provider_chain_load(world->chain, &world->found, &world->error);
}

void world_refuses(struct world *world, int r, const char *words)
{
        int got = world_load(world);

        if (got != r)
                fail_msg("%d instead of %d: %s", got, r, world->error.message);
        assert_int_equal(world->error.class, PAIL_ERROR_CREDENTIALS);
        assert_contains(world->error.message, words);
        assert_null(strstr(world->error.message, "SECRET"));
}

void assert_contains(const char *text, const char *part)
{
        if (!strstr(text, part))
                fail_msg("\"%s\" is not in \"%s\"", part, text);
}

const char *time_from_now(int64_t seconds)
{
        static char texts[4][32];
        static unsigned next;
        char *text = texts[next++ % 4];
        time_t time = (time_t)(pail_clock_now().tv_sec + seconds);
        struct tm tm;

        assert_non_null(gmtime_r(&time, &tm));
        strftime(text, sizeof(texts[0]), "%Y-%m-%dT%H:%M:%SZ", &tm);
        return text;
}

const char *keys_json(const char *id, int64_t seconds)
{
        static char text[512];

        snprintf(text, sizeof(text),
                 "{\"Code\": \"Success\", \"AccessKeyId\": \"%s\", \"SecretAccessKey\": \"SECRET/%s\", "
                 "\"Token\": \"SECRET+token\", \"AccountId\": \"123456789012\", \"Expiration\": \"%s\"}",
                 id, id, time_from_now(seconds));
        return text;
}
