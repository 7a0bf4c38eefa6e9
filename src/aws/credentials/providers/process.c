/* SPDX-License-Identifier: Apache-2.0 */
/*
 * credential_process: a program of the user's prints credentials ("Process credential provider", AWS SDKs and Tools reference). Its
 * command line is split as a shell would, but there is no shell. When what it printed has an expiry, it is run again before that.
 */
#include "process.h"

#include <errno.h>
#include <string.h>

#include "answer.h"
#include "aws/config/json.h"
#include "aws/config/shellwords.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"
#include "process_run.h"

enum { PROCESS_TIME_MS = 60 * 1000, PROCESS_VERSION = 1 };

#define KEY "credential_process"

struct state {
        const struct pail_provider_context *context;
        char *profile;
};

static int check_version(const char *who, const struct json_t *object, struct pail_error *ret_error)
{
        int64_t version;
        int r = pail_json_need_integer(who, object, "Version", &version, ret_error);

        if (r == 0 && version != PROCESS_VERSION) {
                pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS, "%s has \"Version\" %lld; only %d is known", who,
                               (long long)version, PROCESS_VERSION);
                r = -EINVAL;
        }
        return r;
}

int pail_process_parse(const char *text, size_t length, struct pail_credentials *ret_credentials,
                       struct pail_error *ret_error)
{
        static const struct pail_provider_answer_format format = {
                .id = "AccessKeyId",
                .secret = "SecretAccessKey",
                .token = "SessionToken",
                .account = "AccountId",
                .expiration = "Expiration",
        };
        static const char who[] = "the program's output";
        _cleanup_json_ struct json_t *object = NULL;
        int r = pail_json_parse(who, text, length, &object, ret_error);

        if (r == 0)
                r = check_version(who, object, ret_error);
        return r < 0 ? r : pail_provider_answer_read_fresh(who, &format, object, ret_credentials, ret_error);
}

static int split_command(const char *command, char **ret_words, char ***ret_arguments, struct pail_error *ret_error)
{
        _cleanup_free_ char *words = NULL;
        char **arguments;
        size_t count = 0;
        int r = pail_shellwords_split(command, &words, &count);

        if (r == -EINVAL || (r == 0 && count == 0)) {
                pail_error_set(ret_error, PAIL_ERROR_CREDENTIALS,
                               r < 0 ? "a quote is not closed, or a backslash ends the value" : "no program is named");
                return -EINVAL;
        }
        arguments = r == 0 ? calloc(count + 1, sizeof(*arguments)) : NULL;
        if (!arguments)
                return pail_error_set_errno(ret_error, ENOMEM, "cannot run it");
        char *at = words;
        for (size_t i = 0; i < count; i++, at += strlen(at) + 1)
                arguments[i] = at;
        *ret_words = pail_steal(&words);
        *ret_arguments = arguments;
        return 0;
}

static int run_command(const struct state *state, const char *command, struct pail_credentials *ret_credentials,
                       struct pail_error *ret_error)
{
        _cleanup_free_ char *words = NULL;
        _cleanup_free_ char **arguments = NULL;
        _cleanup_buf_wipe_ struct pail_buf output = PAIL_BUF_INIT_SECRET(PAIL_JSON_MAX_BYTES);
        int r;

        r = split_command(command, &words, &arguments, ret_error);
        if (r == 0)
                r = pail_process_run(arguments, state->context->environment, PROCESS_TIME_MS, &output, ret_error);
        return r == 0 ? pail_process_parse(output.data, output.length, ret_credentials, ret_error) : r;
}

static int process_load(void *argument, struct pail_credentials *ret_credentials, struct pail_error *ret_error)
{
        const struct state *state = argument;
        const struct pail_profiles *profiles = state->context->profiles;
        const char *command = pail_profiles_get(profiles, state->profile, NULL, KEY);
        const char *account = pail_profiles_get(profiles, state->profile, NULL, "aws_account_id");
        int r;

        if (!command)
                return -ENOENT;
        r = run_command(state, command, ret_credentials, ret_error);
        if (r == 0 && !ret_credentials->account_id && !pail_str_is_empty(account)) {
                r = pail_str_dup(account, &ret_credentials->account_id);
                if (r < 0) {
                        pail_credentials_done(ret_credentials);
                        pail_error_set_errno(ret_error, -r, "cannot keep the account id");
                }
        }
        if (r < 0)
                pail_error_prefix(ret_error, "profile \"%s\", " KEY " in %s", state->profile,
                                  pail_provider_context_key_file(state->context, state->profile, KEY));
        return r;
}

static void process_free(void *argument)
{
        struct state *state = argument;

        if (!state)
                return;
        free(state->profile);
        free(state);
}

int pail_provider_process_add(struct pail_provider_chain *chain, const struct pail_provider_context *context,
                              const char *profile)
{
        static const struct pail_provider provider = {
                .name = "custom-process",
                .load = process_load,
                .free_state = process_free,
        };
        struct state *state = calloc(1, sizeof(*state));

        if (!state || pail_str_dup(profile, &state->profile) < 0) {
                process_free(state);
                return -ENOMEM;
        }
        state->context = context;
        return pail_provider_chain_add(chain, &provider, state);
}
