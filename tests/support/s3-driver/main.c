/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "driver.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

static struct pail_buf answer; /* the fields of the line that is being made */

enum { ANSWER_CAP = 1 << 20 };

void field(const char *name, const char *value)
{
        pail_buf_printf(&answer, " %s=", name);
        pail_str_percent_encode(&answer, value, strlen(value), false);
}

void field_number(const char *name, uint64_t value)
{
        pail_buf_printf(&answer, " %s=%ju", name, (uintmax_t)value);
}

void begin_item(void)
{
        pail_buf_reset(&answer);
}

void end_item(void)
{
        printf("item%s\n", answer.data);
        pail_buf_reset(&answer);
}

void field_info(const struct pail_s3_object_metadata *metadata)
{
        const struct pail_s3_headers *headers = &metadata->headers;
        const struct {
                const char *name, *value;
        } strings[] = {
                { "etag", metadata->etag },
                { "version-id", metadata->version_id },
                { "content-type", headers->content_type },
                { "content-encoding", headers->content_encoding },
                { "cache-control", headers->cache_control },
                { "content-disposition", headers->content_disposition },
                { "content-language", headers->content_language },
                { "expires", headers->expires },
                { "website-redirect-location", headers->website_redirect_location },
                { "storage-class", headers->storage_class },
                { "server-side-encryption", headers->server_side_encryption },
                { "sse-kms-key-id", headers->sse_kms_key_id },
                { "object-lock-mode", headers->object_lock_mode },
                { "object-lock-retain-until-date", headers->object_lock_retain_until_date },
                { "object-lock-legal-hold", headers->object_lock_legal_hold },
        };
        for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
                if (strings[i].value)
                        field(strings[i].name, strings[i].value);
        }
        field_number("size", metadata->size_bytes);
        field_number("tags", metadata->tag_count);
        field_number("archived", metadata->archived);
        field_number("last-modified", (uint64_t)metadata->last_modified);
        field_number("date", (uint64_t)metadata->date);
        for (size_t i = 0; i < headers->metadata.count; i++) {
                char name[256];
                snprintf(name, sizeof(name), "meta-%s", headers->metadata.items[i].name);
                field(name, headers->metadata.items[i].value);
        }
}

const char *argument(const struct command *command, const char *name)
{
        size_t length = strlen(name);
        for (unsigned i = 1; i < command->count; i++) {
                if (strncmp(command->words[i], name, length) == 0 && command->words[i][length] == '=')
                        return command->words[i] + length + 1;
        }
        return NULL;
}

size_t argument_list(const struct command *command, const char *name, const char **ret_values)
{
        size_t count = 0, length = strlen(name);
        for (unsigned i = 1; i < command->count; i++) {
                if (strncmp(command->words[i], name, length) == 0 && command->words[i][length] == '=')
                        ret_values[count++] = command->words[i] + length + 1;
        }
        return count;
}

uint64_t argument_number(const struct command *command, const char *name, uint64_t otherwise)
{
        const char *text = argument(command, name);
        uint64_t value = otherwise;
        if (text && pail_str_to_u64(text, &value) < 0)
                abort();
        return value;
}

static char *borrowed(const struct command *command, const char *name)
{
        return (char *)(uintptr_t)argument(command, name);
}

void argument_headers(const struct command *command, struct pail_s3_headers *ret_headers)
{
        *ret_headers = (struct pail_s3_headers){
                .content_type = borrowed(command, "content-type"),
                .content_encoding = borrowed(command, "content-encoding"),
                .cache_control = borrowed(command, "cache-control"),
                .content_disposition = borrowed(command, "content-disposition"),
                .content_language = borrowed(command, "content-language"),
                .expires = borrowed(command, "expires"),
                .website_redirect_location = borrowed(command, "website-redirect-location"),
                .storage_class = borrowed(command, "storage-class"),
                .server_side_encryption = borrowed(command, "server-side-encryption"),
                .sse_kms_key_id = borrowed(command, "sse-kms-key-id"),
                .object_lock_mode = borrowed(command, "object-lock-mode"),
                .object_lock_retain_until_date = borrowed(command, "object-lock-retain-until-date"),
                .object_lock_legal_hold = borrowed(command, "object-lock-legal-hold"),
        };
        for (unsigned i = 1; i < command->count; i++) {
                const char *word = command->words[i], *equals = strchr(word, '=');
                if (!pail_str_starts_with(word, "meta-") || !equals)
                        continue;
                _cleanup_free_ char *name = strndup(word + 5, (size_t)(equals - word) - 5);
                if (!name || pail_http_headers_add(&ret_headers->metadata, name, equals + 1) < 0)
                        abort();
        }
}

struct pail_s3_conditions argument_conditions(const struct command *command)
{
        return (struct pail_s3_conditions){
                .if_match = argument(command, "if-match"),
                .if_none_match = argument(command, "if-none-match") != NULL,
        };
}

static command_function *find(const char *name)
{
        const struct command_row *const tables[] = { action_commands,   object_commands,   list_commands,
                                                     resource_commands, transfer_commands, version_commands };
        for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
                for (const struct command_row *row = tables[i]; row->name; row++) {
                        if (strcmp(row->name, name) == 0)
                                return row->run;
                }
        }
        return NULL;
}

static void parse(char *line, struct command *ret_command)
{
        *ret_command = (struct command){ 0 };
        for (char *word = strsep(&line, " "); word; word = strsep(&line, " ")) {
                struct pail_buf decoded;
                pail_buf_init(&decoded, ANSWER_CAP);
                if (ret_command->count == WORDS_MAX || pail_str_percent_decode(&decoded, word, false) < 0 ||
                    pail_buf_steal(&decoded, &ret_command->words[ret_command->count++], NULL) < 0)
                        abort();
        }
}

static void print_error(int r, const struct pail_error *error)
{
        pail_buf_reset(&answer);
        field("errno", strerrorname_np(-r));
        field("class", pail_error_class_name(error->class));
        field("code", error->code);
        field_number("status", (uint64_t)error->http_status);
        field("region", error->region);
        field("message", error->message);
        printf("error%s\n", answer.data);
}

static void run(struct driver *driver, char *line)
{
        struct command command;
        parse(line, &command);
        command_function *function = find(command.words[0]);
        struct pail_error error = PAIL_ERROR_INIT;
        pail_buf_reset(&answer);
        int r = function ? function(driver, &command, &error) : -ENOSYS;
        if (r < 0)
                print_error(r, &error);
        else
                printf("ok%s\n", answer.data);
        fflush(stdout);
        for (unsigned i = 0; i < command.count; i++)
                free(command.words[i]);
}

static int start(struct driver *driver, struct pail_error *error)
{
        static const struct pail_session_options none = { 0 };
        int r = pail_session_new(&none, &driver->session, error);
        if (r < 0)
                return r;
        const struct pail_http_engine_options engine = { .user_agent = "s3-driver",
                                                         .ca_bundle = pail_session_ca_bundle(driver->session) };
        r = pail_http_engine_new(&engine, &driver->engine, error);
        if (r < 0)
                return r;
        const char *timeout = getenv("DRIVER_TIMEOUT_MS");
        struct pail_s3_client_options options = { .timeout_ms = 60000 };
        if (timeout)
                (void)pail_str_to_i64(timeout, &options.timeout_ms);
        return pail_s3_client_new(driver->session, driver->engine, &options, &driver->client, error);
}

int main(void)
{
        struct driver driver = { .upload_fd = -1 };
        struct pail_error error = PAIL_ERROR_INIT;
        pail_buf_init(&answer, ANSWER_CAP);
        int r = start(&driver, &error);
        if (r < 0) {
                print_error(r, &error);
        } else {
                printf("ok\n");
                fflush(stdout);
        }
        _cleanup_free_ char *line = NULL;
        size_t allocated = 0;
        ssize_t length;
        while (r >= 0 && (length = getline(&line, &allocated, stdin)) > 0) {
                line[length - 1] = '\0';
                run(&driver, line);
        }
        pail_upload_free(driver.upload);
        if (driver.upload_fd >= 0)
                close(driver.upload_fd);
        if (driver.client)
                pail_s3_client_drain(driver.client);
        pail_http_engine_free(driver.engine);
        pail_s3_client_free(driver.client);
        pail_session_free(driver.session);
        pail_buf_done(&answer);
        return r < 0;
}
