/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens sessions as it is told on stdin and prints what they resolved to. A record has
 *   env NAME=VALUE (repeated), config, credentials (the files, as explicit options), profile, region, endpoint_url
 *   value KEY (repeated) or value BLOCK KEY: a value of the profile to print
 *   no_verify_ssl (of the services of credentials), mfa (the code that somebody types), swap NUMBER (two neighbours of the chain, from 0
 *   on, change places)
 * and the answer is
 *   profile, region, endpoint_url, available (repeated), value (repeated), then id, secret, token and provider, or "none" with the
 *   message and "class", "code" and "errno"; or "refused" with the message for a session that could not be made; then end.
 * With "ini FILE" instead, values are read straight from that file: value SECTION BLOCK KEY, BLOCK empty for a key of the section.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "aws/session.h"
#include "pail/aws/ini.h"
#include "pail/aws/session.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"
#include "record.h"

static void print_session(const struct record *record, struct pail_session *session)
{
        record_print("profile", pail_session_profile_name(session));
        record_print("region", pail_session_region_name(session));
        record_print("endpoint_url", pail_session_endpoint_url(session));
        for (const char *const *name = pail_session_available_profiles(session); *name; name++)
                record_print("available", *name);
        for (size_t i = 0; i < record->count; i++) {
                const struct record_line *line = &record->lines[i];
                bool block = line->count > 1;
                if (strcmp(line->word, "value") == 0)
                        record_print("value", pail_session_profile_value(session, block ? line->fields[0] : NULL,
                                                                         line->fields[block ? 1 : 0]));
        }
}

static void print_credentials(struct pail_session *session)
{
        _cleanup_(pail_credentials_done) struct pail_credentials frozen = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;

        int r = pail_session_get_credentials(session, INT64_MAX, &frozen, &error);
        if (r < 0) {
                record_print("none", error.message);
                record_print("class", pail_error_class_name(error.class));
                record_print("code", error.code);
                record_print("errno", strerrorname_np(-r));
                return;
        }
        record_print("id", frozen.access_key_id);
        record_print("secret", frozen.secret_access_key);
        record_print("token", frozen.session_token);
        record_print("provider", frozen.provider);
}

static int type_code(void *context, const char *serial, char *ret_code, size_t size)
{
        (void)serial;
        pail_str_copy(ret_code, size, context);
        return 0;
}

static int open_session(const struct record *record, const struct pail_session_options *options,
                        struct pail_session **ret_session, struct pail_error *ret_error)
{
        const char *swap = record_get(record, "swap");
        enum pail_provider_kind order[PAIL_PROVIDER_KINDS];
        uint64_t number;

        if (!swap)
                return pail_session_new(options, ret_session, ret_error);
        memcpy(order, pail_chain_order, sizeof(order));
        if (pail_str_to_u64(swap, &number) < 0 || number + 1 >= PAIL_PROVIDER_KINDS) {
                pail_error_set(ret_error, PAIL_ERROR_CONFIG, "no two such places");
                return -EINVAL;
        }
        order[number] = pail_chain_order[number + 1];
        order[number + 1] = pail_chain_order[number];
        return pail_session_new_in_order(options, order, ret_session, ret_error);
}

static void answer_session(const struct record *record)
{
        _cleanup_(pail_session_free_p) struct pail_session *session = NULL;
        char *environment[RECORD_MAX_LINES + 1] = { NULL };
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_session_options options = {
                .profile = record_get(record, "profile"),
                .region = record_get(record, "region"),
                .endpoint_url = record_get(record, "endpoint_url"),
                .config_file = record_get(record, "config"),
                .credentials_file = record_get(record, "credentials"),
                .no_verify_ssl = record_get(record, "no_verify_ssl"),
                .environment = environment,
                .ask_context = (char *)(uintptr_t)record_get(record, "mfa"),
        };
        size_t count = 0;

        if (options.ask_context)
                options.ask_mfa = type_code;

        for (size_t i = 0; i < record->count; i++)
                if (strcmp(record->lines[i].word, "env") == 0)
                        environment[count++] = record->lines[i].fields[0];
        if (open_session(record, &options, &session, &error) < 0) {
                record_print("refused", error.message);
                return;
        }
        print_session(record, session);
        print_credentials(session);
}

static void answer_ini(const struct record *record, const char *file)
{
        _cleanup_(pail_ini_free_p) struct pail_ini *ini = NULL;
        struct pail_error error = PAIL_ERROR_INIT;

        if (pail_ini_load(file, &ini, &error) < 0) {
                record_print("refused", error.message);
                return;
        }
        for (size_t i = 0; i < pail_ini_section_count(ini); i++)
                record_print("section", pail_ini_section_name(ini, i));
        for (size_t i = 0; i < record->count; i++) {
                const struct record_line *line = &record->lines[i];
                if (strcmp(line->word, "value") == 0 && line->count == 3)
                        record_print("value",
                                     pail_ini_get(ini, line->fields[0], line->fields[1][0] ? line->fields[1] : NULL,
                                                  line->fields[2]));
        }
}

int main(void)
{
        static struct record record;

        for (; record_read(&record); record_done(&record)) {
                const char *ini = record_get(&record, "ini");
                if (ini)
                        answer_ini(&record, ini);
                else
                        answer_session(&record);
                record_print("end", NULL);
                if (fflush(stdout) != 0)
                        return 1;
        }
        return 0;
}
