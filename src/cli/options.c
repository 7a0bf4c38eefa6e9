/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An option is looked for in Pail's own table first, then among those of every FUSE file system; what is in neither is an error with a suggestion,
 * unless mount(8) says with -s that unknown options are to be passed over.
 */
#include "options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "generic_options.h"
#include "option_suggest.h"
#include "option_table.h"
#include "option_value.h"
#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/str.h"

enum { OPTION_TEXT_MAX = 64 * 1024 };

int pail_options_init(struct pail_options *options, struct pail_error *ret_error)
{
        *options = (struct pail_options){ .uid = -1, .gid = -1, .ask_mfa = pail_ask_mfa };
        for (const struct pail_option *option = pail_option_table; option->name; option++) {
                if (!option->default_value)
                        continue;
                int r = pail_option_set(options, option, option->default_value, ret_error);
                if (r < 0)
                        return r;
        }
        return 0;
}

void pail_options_done(struct pail_options *options)
{
        for (const struct pail_option *option = pail_option_table; option->name; option++)
                if (option->type == PAIL_OPTION_STRING || option->type == PAIL_OPTION_PATH)
                        free(*(char **)((char *)options + option->offset));
        for (size_t i = 0; i < options->fuse_option_count; i++)
                free(options->fuse_options[i]);
        free(options->fuse_options);
        *options = (struct pail_options){ 0 };
}

/* What one option means for another that was given before. */
static void apply_side_effects(struct pail_options *options, const struct pail_option *option)
{
        if (pail_str_equal(option->name, "allow_other") && options->allow_other)
                options->allow_root = false;
        if (pail_str_equal(option->name, "log_level"))
                options->is_log_level_given = true;
}

static int set_named(struct pail_options *options, const char *name, const char *value, struct pail_error *ret_error)
{
        const struct pail_option *option = pail_option_find(name);
        if (option) {
                int r = pail_option_set(options, option, value, ret_error);
                if (r == 0)
                        apply_side_effects(options, option);
                return r;
        }
        int r = pail_generic_option_set(options, name, value, ret_error);
        if (r != 0)
                return r < 0 ? r : 0;
        if (options->sloppy)
                return 0;
        const char *near = pail_option_suggest(name);
        if (near)
                pail_error_set(ret_error, PAIL_ERROR_CONFIG, "unknown option '%s'; did you mean '%s'?", name, near);
        else
                pail_error_set(ret_error, PAIL_ERROR_CONFIG, "unknown option '%s'; \"pail -h\" lists them", name);
        return -EINVAL;
}

/* Up to the next comma; "\," and "\\" stand for themselves. Returns what is left. */
static const char *next_item(const char *list, struct pail_buf *item)
{
        pail_buf_reset(item);
        for (; *list && *list != ','; list++) {
                if (*list == '\\' && (list[1] == ',' || list[1] == '\\'))
                        list++;
                pail_buf_append_char(item, *list);
        }
        return *list ? list + 1 : list;
}

int pail_options_parse(struct pail_options *options, const char *list, struct pail_error *ret_error)
{
        _cleanup_buf_ struct pail_buf item = PAIL_BUF_INIT(OPTION_TEXT_MAX);
        while (*list) {
                list = next_item(list, &item);
                if (item.error < 0)
                        return pail_error_set_errno(ret_error, -item.error, "options");
                if (item.length == 0)
                        continue;
                char *value = strchr(item.data, '=');
                if (value)
                        *value++ = '\0';
                int r = set_named(options, item.data, value, ret_error);
                if (r < 0)
                        return r;
        }
        return 0;
}
