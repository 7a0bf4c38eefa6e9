/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pailctl configure. With values on the command line it sets those and asks for nothing but a secret that belongs to a given key id;
 * without any it asks for the usual four, as "aws configure" does. A secret is never an argument: arguments are seen by every user.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "command.h"
#include "configure_settings.h"
#include "configure_warn.h"
#include "configure_write.h"
#include "pail/aws/profile.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/file.h"
#include "pail/util/path.h"
#include "pail/util/secret.h"
#include "pail/util/str.h"
#include "terminal.h"
#include "text.h"

enum { INPUT_CAP = 64 * 1024 };

struct request {
        struct pail_configure configure;
        bool from_stdin[PAIL_SETTINGS_COUNT];
        const char *profile, *config_file, *credentials_file; /* of the command line; NULL: not given */
        bool has_values;
};

static void request_done(struct request *request)
{
        pail_configure_done(&request->configure);
}

static void print_help(void)
{
        fputs("Usage: pailctl configure [--profile NAME] [VALUE...]\n"
              "Writes a profile into the files that the AWS command line uses. Without values it asks for them.\n"
              "\n"
              "  --profile NAME              AWS_PROFILE, else default\n"
              "  --config-file FILE          AWS_CONFIG_FILE, else ~/.aws/config\n"
              "  --credentials-file FILE     AWS_SHARED_CREDENTIALS_FILE, else ~/.aws/credentials\n"
              "\nValues:\n",
              stdout);
        for (size_t i = 0; i < PAIL_SETTINGS_COUNT; i++) {
                const struct pail_setting *setting = &pail_settings_table[i];
                char left[48];
                snprintf(left, sizeof(left), "--%s%s%s", setting->option, setting->argument ? " " : "",
                         setting->argument ? setting->argument : "");
                printf("  %-27s %s\n", left, setting->help);
        }
        fputs("\nA secret that is not on standard input is asked for at the terminal, and not shown.\n", stdout);
}

static int set_value(struct pail_configure *configure, size_t setting, const char *value)
{
        pail_secret_free(pail_steal(&configure->values[setting]));
        return pail_secret_dup(value, &configure->values[setting]);
}

static int set_path(char **target, const char *given, const char *variable, const char *fallback)
{
        const char *value = given ? given : getenv(variable);
        _cleanup_free_ char *path = NULL, *expanded = NULL;
        int r = pail_profiles_expand_file_name(pail_str_is_empty(value) ? fallback : value, &expanded);
        if (r == 0)
                r = pail_path_absolute(expanded, &path);
        if (r == 0) {
                free(*target);
                *target = pail_steal(&path);
        }
        return r;
}

/* Where what was not given is set to what the environment says. */
static int set_files_and_profile(struct request *request)
{
        struct pail_configure *configure = &request->configure;
        const char *profile = getenv("AWS_DEFAULT_PROFILE");
        if (pail_str_is_empty(profile))
                profile = getenv("AWS_PROFILE");
        if (pail_str_is_empty(profile))
                profile = "default";
        int r = pail_str_dup(request->profile ? request->profile : profile, &configure->profile);
        if (r == 0)
                r = set_path(&configure->config_file, request->config_file, "AWS_CONFIG_FILE", "~/.aws/config");
        if (r == 0)
                r = set_path(&configure->credentials_file, request->credentials_file, "AWS_SHARED_CREDENTIALS_FILE",
                             "~/.aws/credentials");
        return r;
}

static int refuse_secret(void *request, const struct pail_ctl_argument *argument, const char *value,
                         struct pail_error *ret_error)
{
        (void)request;
        (void)argument;
        (void)value;
        return pail_ctl_refuse(ret_error, "configure", "a secret",
                               "does not belong on a command line, which every user of the machine can read: "
                               "--secret-access-key-stdin, --session-token-stdin");
}

static int apply_setting(void *context, const struct pail_ctl_argument *argument, const char *value,
                         struct pail_error *ret_error)
{
        struct request *request = context;
        request->has_values = true;
        request->from_stdin[argument->index] = !value;
        int r = value ? set_value(&request->configure, argument->index, value) : 0;
        return r < 0 ? pail_error_set_errno(ret_error, -r, "configure") : 0;
}

static int parse_request(int argc, char **argv, struct request *request, struct pail_error *ret_error)
{
        enum { FIXED = 5 };
        /* What people will try is spelled out, so that it is no abbreviation of the options that read standard input. */
        struct pail_ctl_argument arguments[FIXED + PAIL_SETTINGS_COUNT + 1] = {
                { .name = "profile", .kind = PAIL_CTL_WORD, .offset = offsetof(struct request, profile) },
                { .name = "config-file", .kind = PAIL_CTL_WORD, .offset = offsetof(struct request, config_file) },
                { .name = "credentials-file",
                  .kind = PAIL_CTL_WORD,
                  .offset = offsetof(struct request, credentials_file) },
                { .name = "secret-access-key", .kind = PAIL_CTL_CALL_OPTIONAL, .apply = refuse_secret },
                { .name = "session-token", .kind = PAIL_CTL_CALL_OPTIONAL, .apply = refuse_secret },
        };
        const struct pail_ctl_syntax syntax = { .command = "configure",
                                                .arguments = arguments,
                                                .hides_operands = true };
        struct pail_ctl_words none = { 0 };
        for (size_t i = 0; i < PAIL_SETTINGS_COUNT; i++)
                arguments[FIXED + i] = (struct pail_ctl_argument){
                        .name = pail_settings_table[i].option,
                        .kind = pail_settings_table[i].argument ? PAIL_CTL_CALL : PAIL_CTL_CALL_ALONE,
                        .apply = apply_setting,
                        .index = i,
                };
        int r = pail_ctl_parse(&syntax, argc, argv, request, &none, ret_error);
        if (r != 0)
                return r;
        r = set_files_and_profile(request);
        return r < 0 ? pail_error_set_errno(ret_error, -r, "configure: the home directory") : 0;
}

/* The next line of what was read; *at moves behind it. */
static int read_secret_line(char **at, struct pail_configure *configure, size_t setting, struct pail_error *ret_error)
{
        char *line = *at, *end = strchr(line, '\n');
        if (!*line) {
                pail_error_set(ret_error, PAIL_ERROR_CONFIG, "--%s: there is no line for it on standard input",
                               pail_settings_table[setting].option);
                return -EINVAL;
        }
        *at = end ? end + 1 : line + strlen(line);
        if (end)
                *end = '\0';
        int r = set_value(configure, setting, pail_str_strip(line));
        return r < 0 ? pail_error_set_errno(ret_error, -r, "configure") : 0;
}

static int read_stdin(struct request *request, struct pail_error *ret_error)
{
        _cleanup_buf_ struct pail_buf input = PAIL_BUF_INIT_SECRET(INPUT_CAP);
        int r = pail_file_read("/dev/stdin", &input);
        char *at = input.data;
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "standard input");
        for (size_t i = 0; r == 0 && i < PAIL_SETTINGS_COUNT; i++)
                if (request->from_stdin[i])
                        r = read_secret_line(&at, &request->configure, i, ret_error);
        if (r == 0 && *pail_str_strip(at)) {
                pail_error_set(ret_error, PAIL_ERROR_CONFIG, "standard input has more lines than were asked for");
                return -EINVAL;
        }
        return r;
}

/* "AWS access key ID [****************ABCD]: ". Of a secret not even its end is shown. */
static void make_prompt(const struct pail_setting *setting, const char *current, char *prompt, size_t size)
{
        char mask[PAIL_CTL_MASK_SIZE];
        const char *question = setting->question ? setting->question : setting->help;
        if (pail_str_is_empty(current))
                current = "none";
        else if (setting->in_credentials) {
                pail_ctl_mask(setting->is_secret ? "" : current, mask);
                current = mask;
        }
        snprintf(prompt, size, "%s [%s]: ", question, current);
}

static int ask_for_setting(struct request *request, int terminal, const struct pail_profiles *profiles, size_t index,
                           struct pail_error *ret_error)
{
        const struct pail_setting *setting = &pail_settings_table[index];
        char prompt[512];
        _cleanup_buf_ struct pail_buf answer = PAIL_BUF_INIT_SECRET(INPUT_CAP);
        make_prompt(setting, pail_profiles_get(profiles, request->configure.profile, NULL, setting->key), prompt,
                    sizeof(prompt));
        int r = pail_terminal_ask(terminal, prompt, setting->is_secret, &answer);
        if (r == 0) {
                const char *value = answer.length > 0 ? pail_str_strip(answer.data) : "";
                if (*value)
                        r = set_value(&request->configure, index, value);
        }
        if (r == -ENODATA)
                pail_error_set(ret_error, PAIL_ERROR_CONFIG, "the input ended: nothing was changed");
        else if (r < 0)
                pail_error_set_errno(ret_error, -r, "the terminal");
        return r;
}

/* Which of the settings are asked for. */
static bool is_asked(const struct request *request, size_t index)
{
        if (!request->has_values)
                return pail_settings_table[index].question;
        /* A terminal as standard input shows what is typed. */
        if (request->from_stdin[index])
                return isatty(STDIN_FILENO);
        return index == PAIL_SETTING_SECRET && request->configure.values[PAIL_SETTING_KEY_ID];
}

static int ask_for_settings(struct request *request, struct pail_error *ret_error)
{
        _cleanup_(pail_profiles_free_p) struct pail_profiles *profiles = NULL;
        const struct pail_configure *configure = &request->configure;
        _cleanup_close_ int terminal = -1;
        int r = pail_profiles_load(configure->config_file, false, configure->credentials_file, false, &profiles,
                                   ret_error);
        for (size_t i = 0; r == 0 && i < PAIL_SETTINGS_COUNT; i++) {
                if (!is_asked(request, i))
                        continue;
                if (terminal < 0)
                        terminal = pail_terminal_open();
                if (terminal < 0) {
                        pail_error_set(
                                ret_error, PAIL_ERROR_CONFIG,
                                "there is no terminal to ask at: give the values as options, and secrets on standard "
                                "input (\"pailctl configure -h\")");
                        return -ENXIO;
                }
                r = ask_for_setting(request, terminal, profiles, i, ret_error);
        }
        return r;
}

static int collect_values(struct request *request, struct pail_error *ret_error)
{
        bool reads_stdin = false;
        for (size_t i = 0; i < PAIL_SETTINGS_COUNT; i++)
                reads_stdin = reads_stdin || request->from_stdin[i];
        int r = reads_stdin && !isatty(STDIN_FILENO) ? read_stdin(request, ret_error) : 0;
        return r < 0 ? r : ask_for_settings(request, ret_error);
}

static int set_profile(struct request *request, struct pail_error *ret_error)
{
        const struct pail_configure *configure = &request->configure;
        bool wrote_credentials = false, wrote_config = false;
        int r = collect_values(request, ret_error);
        if (r == 0)
                r = pail_configure_check(configure, ret_error);
        if (r == 0)
                r = pail_configure_write(configure, &wrote_credentials, &wrote_config, ret_error);
        if (r < 0)
                return r;
        if (wrote_credentials)
                printf("profile %s: wrote %s\n", configure->profile, configure->credentials_file);
        if (wrote_config)
                printf("profile %s: wrote %s\n", configure->profile, configure->config_file);
        if (!wrote_credentials && !wrote_config)
                printf("profile %s: nothing to change\n", configure->profile);
        pail_configure_warn(configure);
        return 0;
}

int pail_ctl_configure(int argc, char **argv)
{
        struct pail_error error = PAIL_ERROR_INIT;
        _cleanup_(request_done) struct request request = { 0 };
        int r = parse_request(argc, argv, &request, &error);
        if (r < 0)
                return pail_ctl_fail(&error, PAIL_CTL_EXIT_USAGE);
        if (r > 0) {
                print_help();
                return EXIT_SUCCESS;
        }
        return set_profile(&request, &error) < 0 ? pail_ctl_fail(&error, EXIT_FAILURE) : EXIT_SUCCESS;
}
