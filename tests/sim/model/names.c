/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rule names: which names there are, as far as this can be told from the outside. What is known of a name is what the last call on it said, as
 * long as no other call touched it at the same time. A move touches everything below its two names. A change whose caller left
 * goes on: its names are never known again. Directories are known only when mkdir made them: others may be implied by what is in them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pail/util/str.h"
#include "private.h"

struct model_name {
        int mount;
        char path[KERNEL_PATH_MAX];
        enum { IS_UNKNOWN, IS_ABSENT, IS_THERE } state;
        uint64_t touched; /* names_clock, when something that changes it last began or ended */
        struct model_name *next;
};

struct model_naming {
        struct model *model;
        int mount;
        const char *what;
        enum model_naming_kind kind;
        char path[KERNEL_PATH_MAX], to[KERNEL_PATH_MAX];
        uint64_t begun; /* names_clock */
        bool is_quiet;  /* nothing else touched it at the beginning */
        bool is_over;
        struct model_naming *next;
};

struct model_listing {
        const struct model_call *call;
        char path[KERNEL_PATH_MAX];
        uint64_t begun;
        unsigned count;
        char names[64][KERNEL_PATH_MAX];
};

static bool is_at_or_below(const char *path, const char *top)
{
        size_t length = strlen(top);
        return strncmp(path, top, length) == 0 && (!path[length] || path[length] == '/');
}

static bool touches(const struct model_naming *naming, int mount, const char *path)
{
        if (naming->mount != mount || naming->kind == MODEL_LOOKS)
                return false;
        if (naming->kind != MODEL_MOVES)
                return pail_str_equal(naming->path, path);
        return is_at_or_below(path, naming->path) || is_at_or_below(path, naming->to);
}

static bool is_touched(const struct model *model, int mount, const char *path, const struct model_naming *but)
{
        for (const struct model_naming *naming = model->namings; naming; naming = naming->next)
                if (naming != but && touches(naming, mount, path))
                        return true;
        return false;
}

bool model_is_replacing(const struct model *model, int mount, const char *path)
{
        for (const struct model_naming *naming = model->namings; naming; naming = naming->next)
                if (naming->kind != MODEL_MAKES && touches(naming, mount, path))
                        return true;
        return false;
}

bool model_is_removing(const struct model *model, int mount)
{
        for (const struct model_naming *naming = model->namings; naming; naming = naming->next)
                if (naming->mount == mount && naming->kind == MODEL_REMOVES)
                        return true;
        return false;
}

static struct model_name *need_name(struct model *model, int mount, const char *path)
{
        struct model_name *name = model->names;

        while (name && (name->mount != mount || !pail_str_equal(name->path, path)))
                name = name->next;
        if (name)
                return name;
        name = calloc(1, sizeof(*name));
        PAIL_SIM_CHECK(name);
        name->mount = mount;
        pail_str_copy(name->path, sizeof(name->path), path);
        name->touched = ++model->names_clock;
        name->next = model->names;
        model->names = name;
        return name;
}

static void touch_all(struct model *model, const struct model_naming *naming)
{
        for (struct model_name *name = model->names; name; name = name->next)
                if (touches(naming, name->mount, name->path))
                        name->touched = ++model->names_clock;
}

struct model_naming *model_naming_begin(const struct model_call *call, enum model_naming_kind kind, const char *path,
                                        const char *to)
{
        struct model *model = call->model;
        struct model_naming *naming = calloc(1, sizeof(*naming));

        PAIL_SIM_CHECK(naming);
        naming->model = model;
        naming->mount = call->mount;
        naming->what = call->what;
        naming->kind = kind;
        pail_str_copy(naming->path, sizeof(naming->path), path);
        pail_str_copy(naming->to, sizeof(naming->to), to ? to : "");
        need_name(model, call->mount, naming->path);
        if (to)
                need_name(model, call->mount, to);
        touch_all(model, naming);
        naming->begun = model->names_clock;
        naming->is_quiet = !is_touched(model, call->mount, naming->path, naming) &&
                           !(to && is_touched(model, call->mount, to, naming));
        naming->next = model->namings;
        model->namings = naming;
        return naming;
}

static bool is_looked_at(const struct model *model)
{
        return !model->has_others && !model->has_faults && !model->lacks_rights && !model->has_lost_files;
}

static bool is_quiet(const struct model_naming *naming, const struct model_name *name)
{
        return naming->is_quiet && name->touched <= naming->begun;
}

/* Does the answer agree with what is known? */
static void check_answer(const struct model_naming *naming, const struct model_name *name, int result)
{
        bool says_there = result == 0 || result == -EEXIST;
        bool says_absent = result == -ENOENT && !strchr(naming->to, '/'); /* or there is no such directory */

        if (!is_looked_at(naming->model) || !is_quiet(naming, name))
                return;
        if (naming->kind == MODEL_MAKES && result == 0)
                return;
        if (name->state == IS_THERE && says_absent)
                model_broken("names", "%s does not find '%s', which is there", naming->what, name->path);
        if (name->state == IS_ABSENT && says_there)
                model_broken("names", "%s finds '%s', which is not there", naming->what, name->path);
}

static void learn(struct model_naming *naming, int result)
{
        struct model_name *name = need_name(naming->model, naming->mount, naming->path);

        if (!is_quiet(naming, name))
                name->state = naming->kind == MODEL_LOOKS ? name->state : IS_UNKNOWN;
        else if (naming->kind == MODEL_REMOVES)
                name->state = result == 0 || result == -ENOENT ? IS_ABSENT
                              : result == -EISDIR              ? name->state
                                                               : IS_UNKNOWN;
        else if (result == 0 || result == -EEXIST)
                name->state = IS_THERE;
        else if (result == -ENOENT && naming->kind == MODEL_LOOKS)
                name->state = IS_ABSENT;
}

/* What is known of a name below from is true of the one below to. */
static void move_names(struct model_naming *naming, int result)
{
        struct model *model = naming->model;
        size_t length = strlen(naming->path);

        if (pail_str_equal(naming->path, naming->to) || result == -EINVAL || result == -ENOTEMPTY ||
            result == -ENOENT || result == -ENOTDIR || result == -EISDIR)
                return;
        for (struct model_name *name = model->names; name; name = name->next)
                if (name->mount == naming->mount && is_at_or_below(name->path, naming->to))
                        name->state = IS_UNKNOWN;
        for (struct model_name *name = model->names; name; name = name->next) {
                char moved[2 * KERNEL_PATH_MAX];
                struct model_name *target;

                if (name->mount != naming->mount || !is_at_or_below(name->path, naming->path))
                        continue;
                snprintf(moved, sizeof(moved), "%s%s", naming->to, name->path + length);
                PAIL_SIM_CHECK(strlen(moved) < KERNEL_PATH_MAX);
                target = need_name(model, naming->mount, moved);
                target->state = result == 0 && is_quiet(naming, name) ? name->state : IS_UNKNOWN;
                name->state = result == 0 && is_quiet(naming, name) ? IS_ABSENT : IS_UNKNOWN;
        }
}

static void forget_naming(struct model *model, struct model_naming *naming)
{
        struct model_naming **at = &model->namings;

        while (*at != naming)
                at = &(*at)->next;
        *at = naming->next;
        free(naming);
}

bool model_naming_end(struct model_naming *naming, int result)
{
        struct model *model = naming->model;
        struct model_name *name = need_name(model, naming->mount, naming->path);
        bool was_quiet = is_quiet(naming, name) &&
                         (!*naming->to || is_quiet(naming, need_name(model, naming->mount, naming->to)));
        bool may_go_on = result == -EINTR || result == -ETIMEDOUT;

        check_answer(naming, name, result);
        if (naming->kind == MODEL_MOVES)
                move_names(naming, result);
        else
                learn(naming, result);
        touch_all(model, naming);
        if (!may_go_on || naming->kind == MODEL_LOOKS)
                forget_naming(model, naming);
        return was_quiet;
}

/* ---- Listings ---- */

struct model_listing *model_listing_begin(const struct model_call *call, const char *path)
{
        struct model_listing *listing = calloc(1, sizeof(*listing));

        PAIL_SIM_CHECK(listing);
        listing->call = call;
        pail_str_copy(listing->path, sizeof(listing->path), path);
        listing->begun = call->model->names_clock;
        return listing;
}

static bool is_listed(const struct model_listing *listing, const char *name)
{
        for (unsigned i = 0; i < listing->count; i++)
                if (pail_str_equal(listing->names[i], name))
                        return true;
        return false;
}

void model_listed(struct model_listing *listing, const char *name)
{
        if (is_listed(listing, name))
                model_broken("names", "readdir of '%s' tells '%s' twice", listing->path, name);
        PAIL_SIM_CHECK(listing->count < sizeof(listing->names) / sizeof(listing->names[0]));
        pail_str_copy(listing->names[listing->count++], KERNEL_PATH_MAX, name);
}

/* The last component, when the name is directly in the directory. */
static const char *name_in(const char *path, const char *directory)
{
        size_t length = strlen(directory);

        if (length && (strncmp(path, directory, length) != 0 || path[length] != '/'))
                return NULL;
        path += length ? length + 1 : 0;
        return strchr(path, '/') ? NULL : path;
}

static void check_listed(const struct model_listing *listing, const struct model_name *name)
{
        const struct model *model = listing->call->model;
        const char *last = name_in(name->path, listing->path);

        if (!last || name->mount != listing->call->mount || name->touched > listing->begun ||
            is_touched(model, name->mount, name->path, NULL))
                return;
        if (name->state == IS_THERE && !is_listed(listing, last))
                model_broken("names", "readdir of '%s' does not tell '%s', which is there", listing->path, last);
        if (name->state == IS_ABSENT && is_listed(listing, last))
                model_broken("names", "readdir of '%s' tells '%s', which is not there", listing->path, last);
}

void model_listing_end(struct model_listing *listing, int result)
{
        const struct model *model = listing->call->model;

        for (const struct model_name *name = model->names; name && result == 0 && is_looked_at(model);
             name = name->next)
                check_listed(listing, name);
        free(listing);
}

void model_names_done(struct model *model)
{
        while (model->namings)
                forget_naming(model, model->namings);
        for (struct model_name *name = model->names, *next; name; name = next) {
                next = name->next;
                free(name);
        }
}
