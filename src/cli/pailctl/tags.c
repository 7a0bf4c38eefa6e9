/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pailctl tags. S3 only knows all tags at once: a change is to read, to merge and to write, so that of two changes at the same time one may
 * be lost.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "object.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"
#include "text.h"

enum { TAGGING_CAP = 64 * 1024 };

struct question {
        struct pail_ctl_object_question common;
        struct pail_ctl_words removed;
};

struct tag {
        char *key, *value;
};

struct tags {
        struct tag *items;
        size_t count;
};

static void tags_done(struct tags *tags)
{
        for (size_t i = 0; i < tags->count; i++) {
                free(tags->items[i].key);
                free(tags->items[i].value);
        }
        free(tags->items);
}

static struct tag *find_tag(const struct tags *tags, const char *key)
{
        for (size_t i = 0; i < tags->count; i++)
                if (pail_str_equal(tags->items[i].key, key))
                        return &tags->items[i];
        return NULL;
}

static int set_tag(struct tags *tags, const char *key, const char *value)
{
        struct tag *tag = find_tag(tags, key);
        if (tag)
                return pail_str_replace(&tag->value, value);
        struct tag *longer = reallocarray(tags->items, tags->count + 1, sizeof(*longer));
        if (!longer)
                return -ENOMEM;
        tags->items = longer;
        tag = &longer[tags->count++];
        *tag = (struct tag){ 0 };
        int r = pail_str_dup(key, &tag->key);
        return r < 0 ? r : pail_str_dup(value, &tag->value);
}

static void remove_tag(struct tags *tags, struct tag *tag)
{
        free(tag->key);
        free(tag->value);
        *tag = tags->items[--tags->count];
}

static int decode_text(const char *encoded, char **ret_text)
{
        _cleanup_buf_ struct pail_buf text = PAIL_BUF_INIT(TAGGING_CAP);
        int r = pail_str_percent_decode(&text, encoded, true);
        return r < 0 ? r : pail_buf_steal(&text, ret_text, NULL);
}

/* tagging: the query form, taken apart. */
static int read_tags(char *tagging, struct tags *tags)
{
        int r = 0;
        for (char *pair; r == 0 && (pair = strsep(&tagging, "&"));) {
                _cleanup_free_ char *key = NULL, *value = NULL;
                char *encoded_key = strsep(&pair, "=");
                if (!*encoded_key)
                        continue;
                r = decode_text(encoded_key, &key);
                if (r == 0)
                        r = decode_text(pair ? pair : "", &value);
                if (r == 0)
                        r = set_tag(tags, key, value);
        }
        return r;
}

static int write_tags(const struct tags *tags, char **ret_tagging)
{
        _cleanup_buf_ struct pail_buf tagging = PAIL_BUF_INIT(TAGGING_CAP);
        for (size_t i = 0; i < tags->count; i++) {
                const struct tag *tag = &tags->items[i];
                if (i > 0)
                        pail_buf_append_char(&tagging, '&');
                pail_str_percent_encode(&tagging, tag->key, strlen(tag->key), false);
                pail_buf_append_char(&tagging, '=');
                pail_str_percent_encode(&tagging, tag->value, strlen(tag->value), false);
        }
        return pail_buf_steal(&tagging, ret_tagging, NULL);
}

static int compare_keys(const void *a, const void *b)
{
        return strcmp(((const struct tag *)a)->key, ((const struct tag *)b)->key);
}

static int print_json(const struct pail_ctl_object *object, const struct tags *tags)
{
        json_t *root = json_object(), *items = json_object();
        json_object_set_new(root, "uri", pail_ctl_json_string(object->name.text));
        json_object_set_new(root, "tags", items);
        for (size_t i = 0; i < tags->count; i++)
                json_object_set_new(items, tags->items[i].key, pail_ctl_json_string(tags->items[i].value));
        return pail_ctl_json_print(root) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int print_tags(const struct question *question, const struct pail_ctl_object *object, struct tags *tags)
{
        if (tags->count > 1)
                qsort(tags->items, tags->count, sizeof(*tags->items), compare_keys);
        if (question->common.as_json)
                return print_json(object, tags);
        for (size_t i = 0; i < tags->count; i++) {
                pail_str_make_printable(tags->items[i].key);
                pail_str_make_printable(tags->items[i].value);
                printf("%s=%s\n", tags->items[i].key, tags->items[i].value);
        }
        return fflush(stdout) == EOF ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int load_tags(struct pail_ctl_object *object, struct tags *tags, struct pail_error *ret_error)
{
        _cleanup_free_ char *tagging = NULL;
        int r = pail_object_tagging(object->object, &tagging, ret_error);
        if (r < 0)
                return r;
        r = read_tags(tagging, tags);
        return r < 0 ? pail_error_set_errno(ret_error, -r, "the tags of %s", object->shown) : 0;
}

static int store_tags(struct pail_ctl_object *object, const struct tags *tags, struct pail_error *ret_error)
{
        _cleanup_free_ char *tagging = NULL;
        int r = write_tags(tags, &tagging);
        if (r < 0)
                return pail_error_set_errno(ret_error, -r, "the tags of %s", object->shown);
        return pail_object_put_tagging(object->object, tagging, ret_error);
}

/* The words were looked at by check(). */
static int merge_changes(const struct question *question, const struct pail_ctl_object *object, struct tags *tags,
                         struct pail_error *ret_error)
{
        for (size_t i = 0; i < question->removed.count; i++) {
                struct tag *tag = find_tag(tags, question->removed.items[i]);
                if (!tag) {
                        pail_error_set(ret_error, PAIL_ERROR_CONFIG,
                                       "there is no tag '%.128s' on %s; nothing was changed",
                                       question->removed.items[i], object->shown);
                        return -ENOENT;
                }
                remove_tag(tags, tag);
        }
        for (size_t i = 1; i < question->common.operands.count; i++) {
                const char *word = question->common.operands.items[i], *equals = strchr(word, '=');
                _cleanup_free_ char *key = strndup(word, (size_t)(equals - word));
                if (!key || set_tag(tags, key, equals + 1) < 0)
                        return pail_error_set_errno(ret_error, ENOMEM, "tags");
        }
        return 0;
}

static int show_or_change_tags(void *context, struct pail_ctl_object *object, const char **action,
                               struct pail_error *ret_error)
{
        const struct question *question = context;
        _cleanup_(tags_done) struct tags tags = { 0 };
        bool changes = question->common.operands.count > 1 || question->removed.count > 0;
        *action = "s3:GetObjectTagging";
        int r = load_tags(object, &tags, ret_error);
        if (r < 0 || !changes)
                return r < 0 ? r : print_tags(question, object, &tags);
        r = merge_changes(question, object, &tags, ret_error);
        if (r < 0)
                return r;
        *action = tags.count > 0 ? "s3:PutObjectTagging" : "s3:DeleteObjectTagging";
        r = store_tags(object, &tags, ret_error);
        if (r < 0)
                return r;
        return question->common.as_json ? print_tags(question, object, &tags) : EXIT_SUCCESS;
}

static int check_question(void *context, struct pail_error *ret_error)
{
        const struct question *question = context;
        const struct pail_ctl_words *words = &question->common.operands;
        for (size_t i = 1; i < words->count; i++) {
                const char *equals = strchr(words->items[i], '=');
                if (!equals || equals == words->items[i])
                        return pail_ctl_refuse(ret_error, "tags", words->items[i], "is no tag: write KEY=VALUE");
        }
        return 0;
}

static const struct pail_ctl_argument arguments[] = {
        PAIL_CTL_CONNECTION_ARGUMENTS(struct question, common.options),
        { .name = "remove", .kind = PAIL_CTL_WORDS, .offset = offsetof(struct question, removed) },
        { .name = "json", .kind = PAIL_CTL_SWITCH, .offset = offsetof(struct question, common.as_json) },
        { .name = NULL },
};

static const struct pail_ctl_object_command command = {
        .syntax = { .command = "tags",
                    .arguments = arguments,
                    .operands_min = 1,
                    .operands_max = SIZE_MAX,
                    .operands_missing = "the object, s3://BUCKET/KEY," },
        .help = "Usage: pailctl tags URI [KEY=VALUE...] [--remove KEY]... [-o OPTION,...] [--profile NAME] [--json]\n"
                "Shows the tags of an object, or changes those that are named and keeps the others.\n"
                "\n"
                "  --remove KEY      takes a tag off; may be given several times\n"
                "  -o OPTION,...     options of pail(1): endpoint_url, region...\n"
                "  --profile NAME    the same as -o profile=NAME\n"
                "  --json            one JSON object instead of lines: the tags that the object then has\n",
        .check = check_question,
        .run = show_or_change_tags,
};

int pail_ctl_tags(int argc, char **argv)
{
        struct question question = { 0 };
        int status = pail_ctl_object_main(&command, argc, argv, &question);
        free(question.removed.items);
        return status;
}
