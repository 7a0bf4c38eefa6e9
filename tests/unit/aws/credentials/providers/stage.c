/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include "../../../support/test.h"
#include "../../files.h"
#include "aws/config/settings_resolve.h"
#include "aws/credentials/service.h"
#include "pail/util/buf.h"
#include "pail/util/clock.h"
#include "pail/util/str.h"

static void setf(struct stage *stage, const char *name, const char *value)
{
        char variable[4200];

        snprintf(variable, sizeof(variable), "%s=%s", name, value);
        stage_set(stage, variable);
}

void stage_set(struct stage *stage, const char *variable)
{
        assert_true(stage->variables + 1 < TEST_COUNT(stage->environment));
        stage->environment[stage->variables++] = strdup(variable);
}

void stage_begin(struct stage *stage, void **state)
{
        *stage = (struct stage){ .script = script_new() };
        setf(stage, "HOME", *state);
        setf(stage, "AWS_ENDPOINT_URL_STS", script_url(stage->script));
        setf(stage, "AWS_ENDPOINT_URL_SSO", script_url(stage->script));
        setf(stage, "AWS_ENDPOINT_URL_SSO_OIDC", script_url(stage->script));
        stage_set(stage, "AWS_EC2_METADATA_DISABLED=true");
}

void stage_open(struct stage *stage, void **state, const char *config, const char *credentials, const char *profile)
{
        const struct pail_session_options options = { .profile = profile };
        struct pail_settings *settings = &stage->settings;

        test_files_write(state, ".aws/config", config ? config : "");
        test_files_write(state, ".aws/credentials", credentials ? credentials : "");
        assert_int_equal(pail_settings_resolve_files(settings, &options, stage->environment), 0);
        if (pail_profiles_load(settings->config_file, false, settings->credentials_file, false, &stage->profiles,
                               &stage->error) < 0 ||
            pail_settings_resolve(settings, &options, stage->environment, stage->profiles, &stage->error) < 0)
                fail_msg("%s", stage->error.message);
        assert_int_equal(pail_service_new(&(struct pail_service_options){ 0 }, &stage->service), 0);
        stage->context = (struct pail_provider_context){
                .profiles = stage->profiles,
                .settings = settings,
                .environment = stage->environment,
                .service = stage->service,
        };
        assert_int_equal(pail_provider_chain_new(&stage->chain), 0);
}

int stage_load(struct stage *stage)
{
        pail_credentials_done(&stage->credentials);
        stage->error = PAIL_ERROR_INIT;
        return pail_provider_chain_load(stage->chain, &stage->credentials, &stage->error);
}

void stage_expect_key(struct stage *stage, const char *access_key_id, const char *provider)
{
        if (stage_load(stage) < 0)
                fail_msg("%s", stage->error.message);
        assert_string_equal(stage->credentials.access_key_id, access_key_id);
        assert_string_equal(stage->credentials.provider, provider);
}

void stage_expect_error(struct stage *stage, enum pail_error_class class, const char *words)
{
        assert_true(stage_load(stage) < 0);
        assert_null(stage->credentials.access_key_id);
        if (words && !strstr(stage->error.message, words))
                fail_msg("\"%s\" is not in \"%s\"", words, stage->error.message);
        assert_string_equal(pail_error_class_name(stage->error.class), pail_error_class_name(class));
        assert_null(strstr(stage->error.message, "SECRET"));
}

void stage_close(struct stage *stage)
{
        pail_credentials_done(&stage->credentials);
        pail_provider_chain_free(stage->chain);
        stage->chain = NULL;
        pail_service_free(stage->service);
        stage->service = NULL;
        pail_settings_done(&stage->settings);
        pail_profiles_free(stage->profiles);
        stage->profiles = NULL;
}

void stage_end(struct stage *stage)
{
        stage_close(stage);
        while (stage->variables > 0)
                free(stage->environment[--stage->variables]);
        script_free(stage->script);
}

static const char *in_an_hour(void)
{
        static char text[32];
        time_t time = pail_clock_now().tv_sec + 3600;
        struct tm parts;

        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&time, &parts));
        return text;
}

const char *stage_sts_answer(const char *access_key_id)
{
        static char text[1024];

        snprintf(
                text, sizeof(text),
                "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><AssumedRoleUser>"
                "<Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn></AssumedRoleUser><Credentials><AccessKeyId>%s"
                "</AccessKeyId><SecretAccessKey>SECRET</SecretAccessKey><SessionToken>token of %s</SessionToken>"
                "<Expiration>%s</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>",
                access_key_id, access_key_id, in_an_hour());
        return text;
}

const char *stage_sts_error(const char *code)
{
        static char text[512];

        snprintf(
                text, sizeof(text),
                "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>%s</Code>"
                "<Message>SECRET words</Message></Error><RequestId>1</RequestId></ErrorResponse>",
                code);
        return text;
}

const char *stage_sso_answer(const char *access_key_id)
{
        static char text[512];

        snprintf(
                text, sizeof(text),
                "{\"roleCredentials\": {\"accessKeyId\": \"%s\", \"secretAccessKey\": \"SECRET\", \"sessionToken\": \"t\", "
                "\"expiration\": %lld}}",
                access_key_id, (long long)(pail_clock_now().tv_sec + 3600) * 1000);
        return text;
}

const char *stage_form_value(const struct asked *asked, const char *name)
{
        static char value[4096];
        _cleanup_buf_ struct pail_buf decoded = PAIL_BUF_INIT(sizeof(value) - 1);
        size_t length = strlen(name);

        for (const char *field = asked->body; field; field = strchr(field, '&')) {
                field += *field == '&';
                if (strncmp(field, name, length) != 0 || field[length] != '=')
                        continue;
                snprintf(value, sizeof(value), "%.*s", (int)strcspn(field + length + 1, "&"), field + length + 1);
                assert_int_equal(pail_str_percent_decode(&decoded, value, true), 0);
                pail_str_copy(value, sizeof(value), decoded.data);
                return value;
        }
        return NULL;
}
