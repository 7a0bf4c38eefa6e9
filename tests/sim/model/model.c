/* SPDX-License-Identifier: Apache-2.0 */
/* Files, their bases and steps: the rules unsent, mixed and size. */
#include "model.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pail/util/clock.h"
#include "pail/util/str.h"
#include "private.h"

void model_broken(const char *rule, const char *format, ...)
{
        char message[256];
        va_list arguments;

        if (pail_sim_forgives(rule))
                return;
        va_start(arguments, format);
        vsnprintf(message, sizeof(message), format, arguments);
        va_end(arguments);
        pail_sim_fail("%s: %s", rule, message);
}

unsigned char model_next_id(struct model *model)
{
        PAIL_SIM_CHECK(model->last_id < UCHAR_MAX);
        return ++model->last_id;
}

/* Zeros stand between the end and what is added beyond it. */
static void reach(struct content *content, uint64_t size)
{
        if (size > content->size)
                memset(content->bytes + content->size, 0, size - content->size);
}

static void apply_step(struct content *content, const struct step *step)
{
        reach(content, step->offset);
        if (step->is_cut) {
                content->size = step->offset;
                return;
        }
        memset(content->bytes + step->offset, step->id, step->size);
        if (step->offset + step->size > content->size)
                content->size = step->offset + step->size;
}

struct content model_apply(const struct model_file *file, const struct store_version *base, struct course course)
{
        struct content content = { .size = base ? base->size_bytes : 0 };

        if (content.size)
                memcpy(content.bytes, base->bytes, content.size);
        for (unsigned i = course.from; i < course.to; i++)
                if (!file->steps[i].has_failed || course.with_failed)
                        apply_step(&content, &file->steps[i]);
        return content;
}

bool model_next_course(const struct model_file *file, struct course *course)
{
        if (course->to > course->from) {
                course->to--;
                return true;
        }
        if (!file->is_uncertain)
                return false;
        if (!course->with_failed) {
                *course = (struct course){ .from = course->from, .to = file->count, .with_failed = true };
                return true;
        }
        if (course->from >= file->count)
                return false;
        *course = (struct course){ .from = course->from + 1, .to = file->count };
        return true;
}

/* ---- Bases ---- */

static bool may_be_base(const struct model_file *file, const struct store_version *version)
{
        return file->bases[version->serial / 64] >> version->serial % 64 & 1;
}

static void add_base(struct model_file *file, const struct store_version *version)
{
        file->bases[version->serial / 64] |= UINT64_C(1) << version->serial % 64;
}

static void strike_base(struct model_file *file, const struct store_version *version)
{
        file->bases[version->serial / 64] &= ~(UINT64_C(1) << version->serial % 64);
}

bool model_next_base(const struct model_file *file, const struct store_version **at, bool *is_empty)
{
        const struct store_version *version = *at ? (*at)->next : file->model->store.first;

        if (*is_empty)
                return false;
        while (version && !may_be_base(file, version))
                version = version->next;
        *at = version;
        if (version)
                return true;
        *is_empty = true;
        return file->may_be_empty;
}

/* What the name had lately: whatever was current at some time since the oldest answer that may still be trusted. */
static void add_recent_bases(struct model_file *file, const char *path, int64_t since_ms)
{
        const struct store_version *version = store_history(&file->model->store, path);

        for (; version; version = version->older)
                if (store_is_object(version) && version->until_ms >= since_ms)
                        add_base(file, version);
}

/* ---- Files ---- */

bool model_has_name(const struct model_file *file, const char *path)
{
        for (unsigned i = 0; i < file->path_count; i++)
                if (pail_str_equal(file->paths[i], path))
                        return true;
        return false;
}

static void add_path(struct model_file *file, const char *path)
{
        if (file->path_count < MODEL_PATHS_MAX && !model_has_name(file, path))
                pail_str_copy(file->paths[file->path_count++], KERNEL_PATH_MAX, path);
}

static struct model_file *find_file(struct model *model, int mount, uint64_t node)
{
        struct model_file *file = model->files;
        while (file && (file->mount != mount || file->node != node))
                file = file->next;
        return file;
}

struct model_file *model_find_path(struct model *model, int mount, const char *path)
{
        for (struct model_file *file = model->files; file; file = file->next)
                if (file->mount == mount && !file->is_unlinked && file->path_count &&
                    pail_str_equal(file->paths[file->path_count - 1], path))
                        return file;
        return NULL;
}

static struct model_file *need_file(struct model *model, int mount, uint64_t node, const char *path)
{
        struct model_file *file = find_file(model, mount, node);

        if (!file) {
                file = calloc(1, sizeof(*file));
                PAIL_SIM_CHECK(file);
                file->model = model;
                file->mount = mount;
                file->node = node;
                file->next = model->files;
                model->files = file;
        }
        add_path(file, path);
        return file;
}

/* Nobody has it open and the bucket has it: what it is from now on is based on what the bucket has. */
static void begin_anew(struct model_file *file)
{
        if (file->opens > 0 || file->sent_steps < file->count || file->is_uncertain ||
            model_steps(file) < file->forgotten + file->count)
                return;
        file->forgotten += file->count;
        file->count = file->sent_steps = file->truncated_at = 0;
        file->may_be_empty = file->was_renamed = file->has_read = false;
        memset(file->bases, 0, sizeof(file->bases));
}

static void add_bases(struct model_file *file, const struct model_call *call, const char *path)
{
        if (file->opens > 0 && file->has_read && !file->is_uncertain)
                return;
        add_recent_bases(file, path, call->begun_ms - file->model->ttl_ms);
        if (file->sent_serial)
                for (const struct store_version *version = file->model->store.first; version; version = version->next)
                        if (version->serial == file->sent_serial)
                                add_base(file, version);
}

void model_changed(const struct model_call *call, const char *path, const struct kernel_inode *inode, unsigned set,
                   const struct stat *wanted, int result)
{
        struct model_file *file = find_file(call->model, call->mount, kernel_inode_id(inode));

        model_forget_changes(call->model, file, path);
        if (file)
                model_file_changed(call, file, set, wanted, result);
}

struct model_file *model_opened(const struct model_call *call, const struct kernel_file *opened, int flags)
{
        struct model_file *file = need_file(call->model, call->mount, kernel_inode_id(opened->inode), opened->path);

        if (!(flags & O_TRUNC) || opened->was_created)
                begin_anew(file); /* else it was before the truncation */
        if (opened->was_created)
                file->may_be_empty = true;
        else
                add_bases(file, call, opened->path);
        file->opens++;
        file->is_unlinked = file->is_unlinked || kernel_inode_is_unlinked(opened->inode);
        if (opened->was_created && file->count == 0)
                model_step_ended(file, model_cut_begun(file, 0), false); /* an empty file is sent too */
        if (opened->was_created && flags & O_TRUNC)
                file->truncated_at = file->count;
        return file;
}

unsigned model_truncating(struct model_file *file)
{
        unsigned step = model_cut_begun(file, 0);

        file->truncated_at = file->count;
        file->may_be_empty = true;
        return step;
}

struct model_file *model_touched(const struct model_call *call, const struct kernel_inode *inode, const char *path)
{
        struct model_file *file = need_file(call->model, call->mount, kernel_inode_id(inode), path);

        begin_anew(file);
        add_bases(file, call, path);
        file->is_unlinked = file->is_unlinked || kernel_inode_is_unlinked(inode);
        return file;
}

void model_closed(struct model_file *file)
{
        file->opens--;
}

static unsigned add_step(struct model_file *file, struct step step)
{
        PAIL_SIM_CHECK(file->count < MODEL_STEPS_MAX);
        file->set &= ~(unsigned)PAIL_FS_SET_MTIME;
        file->stepped = ++file->model->step_clock;
        file->steps[file->count++] = step;
        return file->forgotten + file->count - 1;
}

unsigned model_step_begun(struct model_file *file, uint64_t offset, size_t size, unsigned char id)
{
        PAIL_SIM_CHECK(offset + size <= MODEL_SIZE_MAX);
        return add_step(file, (struct step){ .offset = offset, .size = size, .id = id });
}

unsigned model_cut_begun(struct model_file *file, uint64_t size)
{
        return add_step(file, (struct step){ .is_cut = true, .offset = size });
}

/* A call that failed may have done its work, or not. */
void model_step_ended(struct model_file *file, unsigned step, bool failed)
{
        PAIL_SIM_CHECK(step >= file->forgotten);
        file->steps[step - file->forgotten].has_ended = true;
        file->steps[step - file->forgotten].has_failed = failed;
        if (failed)
                file->is_uncertain = true;
}

unsigned model_steps(const struct model_file *file)
{
        unsigned steps = 0;
        while (steps < file->count && file->steps[steps].has_ended)
                steps++;
        return file->forgotten + steps;
}

void model_send_failed(struct model_file *file, int error)
{
        file->is_uncertain = true;
        file->model->has_lost_files = file->model->has_lost_files || error != -EINTR;
}

void model_sent(const struct model_file *file, unsigned steps)
{
        if (file->is_unlinked || file->is_uncertain || file->forgotten + file->sent_steps >= steps ||
            model_is_replacing(file->model, file->mount, file->paths[file->path_count - 1]))
                return;
        model_broken("unsent", "'%s' was closed or synced with %u steps, and the bucket has had only %u",
                     file->paths[file->path_count - 1], steps, file->forgotten + file->sent_steps);
}

/* ---- Rule mixed ---- */

static size_t slice_size(const struct content *content, uint64_t offset, size_t wanted)
{
        size_t left = offset >= content->size ? 0 : content->size - offset;
        return left > wanted ? wanted : left;
}

/*
 * A read while something is written may see some of it, and not all: each byte, and the size, is of a moment between the beginning and the end.
 * Where nothing was written meanwhile, that is one moment.
 */
static bool can_read(const struct model_file *file, const struct store_version *base, unsigned from, uint64_t offset,
                     size_t wanted, const char *bytes, size_t size)
{
        bool explained[MODEL_SIZE_MAX] = { false }, has_size = false;

        PAIL_SIM_CHECK(size <= MODEL_SIZE_MAX);
        for (unsigned steps = from > file->forgotten ? from - file->forgotten : 0; steps <= file->count; steps++) {
                struct content content = model_apply(file, base, (struct course){ .to = steps });

                has_size = has_size || slice_size(&content, offset, wanted) == size;
                for (size_t i = 0; i < size; i++)
                        explained[i] = explained[i] ||
                                       bytes[i] == (offset + i < content.size ? content.bytes[offset + i] : 0);
        }
        for (size_t i = 0; i < size && has_size; i++)
                has_size = explained[i];
        return has_size;
}

void model_read(struct model_file *file, unsigned steps_before, uint64_t offset, size_t wanted, const char *bytes,
                size_t size)
{
        const struct store_version *base = NULL;
        bool is_empty = false, is_any = false;

        if (file->is_uncertain)
                return;
        while (model_next_base(file, &base, &is_empty)) {
                if (can_read(file, base, steps_before, offset, wanted, bytes, size))
                        is_any = true;
                else if (base)
                        strike_base(file, base);
                else
                        file->may_be_empty = false;
        }
        if (!is_any)
                model_broken("mixed", "%zu bytes at %llu of '%s' (first %d) come from no version that it can be", size,
                             (unsigned long long)offset, file->paths[file->path_count - 1],
                             size ? (unsigned char)bytes[0] : -1);
        file->has_read = file->has_read || size > 0;
}

void model_size(struct model_file *file, unsigned steps_before, uint64_t size)
{
        const struct store_version *base = NULL;
        unsigned from = steps_before > file->forgotten ? steps_before - file->forgotten : 0;
        bool is_empty = false, is_any = false;

        if (file->is_uncertain)
                return;
        while (model_next_base(file, &base, &is_empty)) {
                is_any = true;
                for (unsigned steps = from; steps <= file->count; steps++)
                        if (model_apply(file, base, (struct course){ .to = steps }).size == size)
                                return;
        }
        if (is_any)
                model_broken("size", "'%s' is shown with %llu bytes, which it never had since",
                             file->paths[file->path_count - 1], (unsigned long long)size);
}

void model_init(struct model *model, struct pail_sim *sim)
{
        *model = (struct model){ .sim = sim };
        store_init(&model->store);
        model->store.on_change = model_on_change;
        model->store.context = model;
}

void model_done(struct model *model)
{
        for (struct model_file *file = model->files, *next; file; file = next) {
                next = file->next;
                free(file);
        }
        model_names_done(model);
        for (struct model_number *number = model->numbers, *next; number; number = next) {
                next = number->next;
                free(number->path);
                free(number);
        }
        store_done(&model->store);
}
