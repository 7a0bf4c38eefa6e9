/* SPDX-License-Identifier: Apache-2.0 */
/* Calls and what they tell, but for bytes and names: the rules error, interrupted, slow, half, mode, times, number, owner and left. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pail/util/clock.h"
#include "pail/util/str.h"
#include "private.h"

/* A run may let time go by although somebody could run: what is slow for that reason alone does not count. */
enum { SLOW_MS = 15 * 60 * 1000 };

struct model_call model_begin(struct model *model, int mount, const char *what, const struct kernel_process *process)
{
        return (struct model_call){ .model = model,
                                    .mount = mount,
                                    .what = what,
                                    .step = model->step_clock,
                                    .process = process,
                                    .limit_ms = SLOW_MS,
                                    .begun_ms = pail_clock_monotonic_ms(),
                                    .serial = model->store.serial };
}

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

static bool has_reason(const struct model *model, int error, int64_t took_ms)
{
        if (is_plain(error))
                return true;
        switch (error) {
        case EINTR:
                return true; /* a rule of its own */
        case ETIMEDOUT:
                return model->has_faults || took_ms >= model->timeout_ms; /* time may have jumped */
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
        if (result < 0 && !has_reason(call->model, (int)-result, took_ms))
                model_broken("error", "%s fails with %s, and nothing in this run gives a reason", call->what,
                             strerrorname_np((int)-result));
        if (result == -EINTR && !call->process->is_killed && call->process->is_changing)
                model_broken("interrupted", "%s fails with EINTR, and goes on, although its caller lives", call->what);
        if (took_ms > call->limit_ms)
                model_broken("slow", "%s took %lld ms", call->what, (long long)took_ms);
        return result;
}

/* The kernel may have forgotten the name meanwhile: then it was another node, and what was set on that counts no more. */
void model_forget_changes(struct model *model, const struct model_file *but, const char *path)
{
        for (struct model_file *file = model->files; file; file = file->next)
                if (file != but && file->path_count && pail_str_equal(file->paths[file->path_count - 1], path))
                        file->set = 0;
}

/* A time that was set while something was written may be older than that. */
void model_file_changed(const struct model_call *call, struct model_file *file, unsigned set, const struct stat *wanted,
                        int result)
{
        model_forget_changes(call->model, file, file->paths[file->path_count - 1]);
        if (file->stepped > call->step && set & PAIL_FS_SET_MTIME) {
                file->set &= ~(unsigned)PAIL_FS_SET_MTIME;
                return;
        }
        if (result < 0) { /* it may happen yet, or has happened */
                file->set &= ~set;
                return;
        }
        file->set |= set;
        file->set_serial = call->model->store.serial;
        if (set & PAIL_FS_SET_MODE)
                file->mode = wanted->st_mode & 07777;
        if (set & PAIL_FS_SET_MTIME)
                file->mtime = wanted->st_mtim;
}

static void unlink_files(struct model *model, int mount, const char *path)
{
        struct model_file *file;

        while ((file = model_find_path(model, mount, path)))
                file->is_unlinked = true;
}

void model_unlinked(const struct model_call *call, const char *path, int result)
{
        if (result == 0 || result == -EINTR || result == -ETIMEDOUT)
                unlink_files(call->model, call->mount, path);
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

        unlink_files(model, mount, to);
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

/* What was there before the rename began is there no more. */
static void check_old_name(const struct model_call *call, const char *from, const char *to)
{
        const struct model *model = call->model;
        size_t length = strlen(from);

        for (size_t i = 0; i < model->store.key_count && !model->has_others && !pail_str_equal(from, to); i++) {
                const struct store_version *version = model->store.keys[i].current;
                const char *key = model->store.keys[i].key;

                if (store_is_object(version) && version->serial <= call->serial && strncmp(key, from, length) == 0 &&
                    (!key[length] || key[length] == '/'))
                        model_broken("gone", "'%s' was renamed to '%s', and version %llu of '%s' is still there", from,
                                     to, (unsigned long long)version->serial, key);
        }
}

void model_renamed(const struct model_call *call, const char *from, const char *to, int result, bool was_quiet)
{
        struct model *model = call->model;

        if (result == 0) {
                check_old_name(call, from, to);
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
        if (!was_quiet)
                return; /* what is there may be another rename's */
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

void model_seen(const struct model_call *call, const char *path, const struct stat *status, uid_t owner)
{
        struct model *model = call->model;
        int mount = call->mount;
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

static void check_attributes(const struct model_file *file, const char *path,
                             const struct pail_remote_attributes *stored)
{
        if (file->set & PAIL_FS_SET_MODE && (stored->mode & 07777) != file->mode)
                model_broken("mode", "'%s' was given the mode %04o and is stored with %04o", path, (unsigned)file->mode,
                             (unsigned)stored->mode & 07777);
        if (file->set & PAIL_FS_SET_MTIME && stored->mtime.tv_sec != file->mtime.tv_sec)
                model_broken("times", "'%s' was given the time %lld and is stored with %lld", path,
                             (long long)file->mtime.tv_sec, (long long)stored->mtime.tv_sec);
}

/* Has anybody else changed anything since? */
static bool has_changed_since(const struct model *model, const struct model_file *file)
{
        for (const struct store_version *version = model->store.first; version; version = version->next)
                if (version->serial > file->set_serial && version->author != file->mount)
                        return true;
        return false;
}

static void check_all_attributes(struct model *model)
{
        for (struct model_file *file = model->files; file; file = file->next) {
                const char *path = file->path_count ? file->paths[file->path_count - 1] : "";
                const struct store_version *version = store_current(&model->store, path);

                if (!file->is_unlinked && !file->is_uncertain && version && !has_changed_since(model, file) &&
                    model->notes[version->serial].file == file && version->author == file->mount)
                        check_attributes(file, path, &version->attributes);
        }
}

void model_finish(struct model *model, struct pail_remote *const *remotes, unsigned count)
{
        check_all_attributes(model);
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
