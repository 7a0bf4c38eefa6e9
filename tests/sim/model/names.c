/* SPDX-License-Identifier: Apache-2.0 */
/* Calls, names and attributes: the other rules. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pail/util/clock.h"
#include "pail/util/str.h"
#include "private.h"

struct model_call model_begin(struct model *model, int mount, const char *what)
{
        return (struct model_call){ .model = model,
                                    .mount = mount,
                                    .what = what,
                                    .begun_ms = pail_clock_monotonic_ms(),
                                    .serial = model->store.serial };
}

/* A run may let time go by although somebody could run: what is slow for that reason alone does not count. */
enum { SLOW_MS = 15 * 60 * 1000 };

/* Errors that are the plain answer to a call, whatever else goes on. */
static bool is_plain(int error)
{
        switch (error) {
        case ENOENT:
        case EEXIST:
        case ENOTDIR:
        case EISDIR:
        case ENOTEMPTY:
        case EINVAL:
        case ELOOP:
        case EMFILE:
                return true;
        default:
                return false;
        }
}

static bool has_reason(const struct model *model, int error)
{
        if (is_plain(error))
                return true;
        switch (error) {
        case EINTR:
                return model->has_kills;
        case ESTALE:
                return model->has_others;
        case EAGAIN:
                return false;
        case EACCES:
                return model->lacks_rights;
        case EOPNOTSUPP:
                return model->weather.has_no_copy;
        default:
                return model->has_faults;
        }
}

ssize_t model_end(const struct model_call *call, ssize_t result)
{
        int64_t took_ms = pail_clock_monotonic_ms() - call->begun_ms;

        pail_sim_note("%s of mount %d: %zd, after %lld ms", call->what, call->mount, result, (long long)took_ms);
        if (result < 0 && !has_reason(call->model, (int)-result))
                model_broken("error", "%s fails with %s, and nothing in this run gives a reason", call->what,
                             strerrorname_np((int)-result));
        if (took_ms > SLOW_MS)
                model_broken("slow", "%s took %lld ms", call->what, (long long)took_ms);
        return result;
}

void model_fchmod(struct model_file *file, mode_t mode)
{
        file->has_mode = true;
        file->mode = mode;
}

void model_chmod(struct model *model, int mount, const char *path, mode_t mode, const struct model_call *call)
{
        struct model_file *file = model_find_path(model, mount, path);

        (void)call;
        if (file)
                model_fchmod(file, mode);
}

void model_unlinked(struct model *model, int mount, const char *path)
{
        struct model_file *file;

        while ((file = model_find_path(model, mount, path)))
                file->is_unlinked = true;
}

/* A version that this rename has put under the new name. */
static const struct store_version *find_copy(const struct model_call *call, const char *from, const char *to)
{
        const struct store_version *version = store_history(&call->model->store, to);

        for (; version && version->serial > call->serial; version = version->older)
                if (version->act == STORE_COPY && version->author == call->mount &&
                    pail_str_equal(version->source->key, from))
                        return version;
        return NULL;
}

static void rename_files(struct model *model, int mount, const char *from, const char *to)
{
        size_t length = strlen(from);

        model_unlinked(model, mount, to);
        for (struct model_file *file = model->files; file; file = file->next) {
                const char *path = file->path_count ? file->paths[file->path_count - 1] : "";
                char *moved = NULL;

                if (file->mount != mount || file->is_unlinked || strncmp(path, from, length) != 0 ||
                    (path[length] && path[length] != '/'))
                        continue;
                PAIL_SIM_CHECK(pail_str_printf(&moved, "%s%s", to, path + length) == 0);
                if (file->path_count == MODEL_PATHS_MAX)
                        memmove(file->paths[0], file->paths[1], sizeof(file->paths) - KERNEL_PATH_MAX);
                else
                        file->path_count++;
                pail_str_copy(file->paths[file->path_count - 1], KERNEL_PATH_MAX, moved);
                file->was_renamed = true;
                free(moved);
        }
}

static void check_nothing_copied(const struct model_call *call, const char *from, const char *to)
{
        const struct store_version *copy = find_copy(call, from, to);

        if (copy && copy->until_ms == INT64_MAX)
                model_broken("half", "the rename of '%s' to '%s' failed, and has replaced the target (version %llu)",
                             from, to, (unsigned long long)copy->serial);
}

/* A directory: nothing of it may be in both trees. */
static void check_no_tree_copied(const struct model_call *call, const char *from, const char *to)
{
        for (const struct store_version *version = call->model->store.first; version; version = version->next)
                if (version->serial > call->serial && version->act == STORE_COPY && version->author == call->mount &&
                    version->until_ms == INT64_MAX && pail_str_starts_with(version->source->key, from) &&
                    version->source->key[strlen(from)] == '/' && pail_str_starts_with(version->key, to) &&
                    version->key[strlen(to)] == '/')
                        model_broken("half", "the rename of the directory '%s' to '%s' failed, and has left '%s'", from,
                                     to, version->key);
}

void model_renamed(const struct model_call *call, const char *from, const char *to, int result)
{
        struct model *model = call->model;

        if (result == 0) {
                if (!pail_str_equal(from, to))
                        rename_files(model, call->mount, from, to);
                return;
        }
        if (result == -EINTR || result == -ETIMEDOUT) { /* it may go on, or its answer was lost */
                struct model_file *file = model_find_path(model, call->mount, from);
                struct model_file *victim = model_find_path(model, call->mount, to);
                if (file)
                        file->is_uncertain = file->was_renamed = true;
                if (victim)
                        victim->is_uncertain = true;
                return;
        }
        check_nothing_copied(call, from, to);
        check_no_tree_copied(call, from, to);
}

void model_made(const struct model_call *call, const char *key)
{
        const struct model *model = call->model;
        const struct store_version *version = store_history(&model->store, key), *first = NULL;

        if (model->weather.ignores_conditions || model->weather.refuses_conditions)
                return;
        for (; version && version->serial > call->serial; version = version->older)
                if (version->author == call->mount && version->act != STORE_REMOVE)
                        first = version;
        if (first && first->replaced && first->replaced->author != call->mount)
                model_broken("lost", "%s made '%s', and has replaced version %llu of somebody else", call->what, key,
                             (unsigned long long)first->replaced->serial);
}

/* Has the bucket had something under the key without a gap since then, under this name? */
static bool has_been_there(const struct model *model, const char *path, uint64_t since)
{
        const struct store_version *version = store_history(&model->store, path);

        if (!store_is_object(version))
                return false;
        for (; version; version = version->older) {
                if (!store_is_object(version))
                        return version->serial < since;
                if (version->act == STORE_COPY && !pail_str_equal(version->source->key, version->key) &&
                    version->serial > since)
                        return false; /* renamed over: another file */
        }
        return true;
}

void model_seen(struct model *model, int mount, const char *path, const struct stat *status, uid_t owner)
{
        struct model_number *number = model->numbers;

        if (model->forces_owner && status->st_uid != owner)
                model_broken("owner", "'%s' shows the owner %u", path, (unsigned)status->st_uid);
        if (S_ISDIR(status->st_mode))
                return;
        while (number && (number->mount != mount || !pail_str_equal(number->path, path)))
                number = number->next;
        if (!number) {
                number = calloc(1, sizeof(*number));
                PAIL_SIM_CHECK(number && pail_str_dup(path, &number->path) == 0);
                number->mount = mount;
                number->next = model->numbers;
                model->numbers = number;
        } else if (number->number != status->st_ino && has_been_there(model, path, number->serial)) {
                model_broken("number", "st_ino of '%s' was %llu and is %llu", path, (unsigned long long)number->number,
                             (unsigned long long)status->st_ino);
        }
        number->number = status->st_ino;
        number->serial = store_history(&model->store, path) ? model->store.serial : UINT64_MAX;
}

static void check_modes(struct model *model)
{
        for (struct model_file *file = model->files; file; file = file->next) {
                const char *path = file->path_count ? file->paths[file->path_count - 1] : "";
                const struct store_version *version = store_current(&model->store, path);

                if (!file->has_mode || file->is_unlinked || file->is_uncertain || !version ||
                    model->notes[version->serial].file != file || version->author != file->mount)
                        continue;
                if ((version->attributes.mode & 07777) != file->mode)
                        model_broken("mode", "'%s' was given the mode %04o and is stored with %04o", path,
                                     (unsigned)file->mode, (unsigned)version->attributes.mode & 07777);
        }
}

void model_finish(struct model *model, struct pail_remote *const *remotes, unsigned count)
{
        check_modes(model);
        for (unsigned i = 0; i < count; i++) {
                struct memory_counters counters;
                memory_remote_counters(remotes[i], &counters);
                if (counters.open_uploads)
                        model_broken("left", "%u uploads are open", counters.open_uploads);
        }
        for (size_t i = 0; i < model->store.key_count && !model->has_faults && !model->lacks_rights; i++)
                if (store_is_object(model->store.keys[i].current) &&
                    pail_str_starts_with(model->store.keys[i].key, ".pail/"))
                        model_broken("left", "'%s' is still there", model->store.keys[i].key);
}
