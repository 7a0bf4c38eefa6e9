/* SPDX-License-Identifier: Apache-2.0 */
/* What the bucket gets, version by version: the rules torn, lost and gone. */
#include <string.h>
#include <sys/stat.h>

#include "model.h"
#include "pail/util/str.h"
#include "private.h"

static const char *author_name(int author)
{
        return author == STORE_OTHERS ? "others" : author == 0 ? "mount 0" : "mount 1";
}

void model_note_version(const struct store_version *version)
{
        static const char *const acts[] = { "put", "copy", "complete", "remove" };

        pail_sim_note("version %llu of '%s': %s by %s, %zu bytes, bytes of %llu, first byte %d",
                      (unsigned long long)version->serial, version->key, acts[version->act],
                      author_name(version->author), version->size_bytes, (unsigned long long)version->content,
                      version->size_bytes ? version->bytes[0] : -1);
}

static bool is_content(const struct content *content, const struct store_version *version)
{
        return content->size == version->size_bytes && memcmp(content->bytes, version->bytes, content->size) == 0;
}

struct match {
        struct model_file *file;
        unsigned steps;
        bool is_entitled; /* to take the place of what was there */
};

static bool was_removed_by_others(const struct store_version *version)
{
        const struct store_version *removal = version->older;

        return removal && !store_is_object(removal) && removal->author != version->author;
}

static bool is_entitled(const struct model_file *file, const struct store_version *base, unsigned steps,
                        const struct store_version *version)
{
        const struct store_version *replaced = version->replaced;
        const struct memory_weather *weather = &file->model->weather;

        if (weather->ignores_conditions || weather->refuses_conditions || file->was_renamed)
                return true;
        if (file->truncated_at > 0 && steps >= file->truncated_at)
                return true;
        if (!replaced)
                return !base || !was_removed_by_others(version);
        if (file->model->notes[replaced->serial].file == file)
                return true;
        return base && base->content == replaced->content;
}

static void match_course(struct model_file *file, const struct store_version *base, struct course course,
                         const struct store_version *version, struct match *best)
{
        struct content content = model_apply(file, base, course);
        bool entitled;

        if (!is_content(&content, version))
                return;
        entitled = is_entitled(file, base, course.to, version);
        if (!best->file || (entitled && !best->is_entitled) ||
            (entitled == best->is_entitled && file == best->file && course.to > best->steps))
                *best = (struct match){ file, course.to, entitled };
}

/* Every way in which a file can have become this version. */
static void match_file(struct model_file *file, const struct store_version *version, struct match *best)
{
        const struct store_version *base = NULL;
        bool is_empty = false;

        while (model_next_base(file, &base, &is_empty)) {
                struct course course = { .to = file->count };
                do
                        match_course(file, base, course, version, best);
                while (model_next_course(file, &course));
        }
}

/* The bucket has had the file as it was then. Two files may have been the same: then it is not known which one this is. */
static void credit(struct model_file *file, const struct store_version *version, struct match *best)
{
        struct match match = { 0 };

        match_file(file, version, &match);
        if (!match.file)
                return;
        if (match.steps > file->sent_steps)
                file->sent_steps = match.steps;
        file->sent_serial = version->serial;
        if (!best->file || (match.is_entitled && !best->is_entitled))
                *best = match;
}

/* For whoever reads a failure: what the files of this name were. */
static void describe_files(const struct model *model, const struct store_version *version)
{
        for (const struct model_file *file = model->files; file; file = file->next) {
                const struct store_version *base = NULL;
                bool is_empty = false;

                if (file->mount != version->author || !model_has_name(file, version->key))
                        continue;
                pail_sim_note("node %llu: %u steps after %u, %u sent%s", (unsigned long long)file->node, file->count,
                              file->forgotten, file->sent_steps, file->is_uncertain ? ", uncertain" : "");
                while (model_next_base(file, &base, &is_empty))
                        pail_sim_note("  a base: version %llu", base ? (unsigned long long)base->serial : 0);
                for (unsigned i = 0; i < file->count; i++)
                        pail_sim_note("  %s %zu bytes of %d at %llu%s", file->steps[i].is_cut ? "cut" : "write",
                                      file->steps[i].size, file->steps[i].id, (unsigned long long)file->steps[i].offset,
                                      file->steps[i].has_failed ? ", failed" : "");
        }
}

static void check_written(struct model *model, const struct store_version *version)
{
        struct match best = { 0 };

        for (struct model_file *file = model->files; file; file = file->next)
                if (file->mount == version->author && model_has_name(file, version->key))
                        credit(file, version, &best);
        for (struct model_file *file = model->files; file && !best.file; file = file->next)
                if (file->mount == version->author)
                        credit(file, version, &best);
        if (!best.file)
                describe_files(model, version);
        if (!best.file)
                model_broken("torn", "version %llu of '%s' is what no file was at any moment",
                             (unsigned long long)version->serial, version->key);
        if (!best.file)
                return;
        if (!best.is_entitled)
                model_broken("lost", "version %llu of '%s' takes the place of version %llu, which it is not based on",
                             (unsigned long long)version->serial, version->key,
                             (unsigned long long)(version->replaced ? version->replaced->serial : 0));
        model->notes[version->serial] = (struct model_note){ best.file, best.steps };
}

static bool is_own(const char *key)
{
        return pail_str_starts_with(key, ".pail/") || pail_str_ends_with(key, "/");
}

static bool is_link(const struct store_version *version)
{
        return version->attributes.present & PAIL_REMOTE_MODE && S_ISLNK(version->attributes.mode);
}

static bool was_written_over(const struct store_version *version)
{
        for (const struct store_version *newer = version->next; newer; newer = newer->next)
                if (newer->replaced == version)
                        return store_is_object(newer);
        return false;
}

/* Somebody may have written over it since: then it was there. */
static bool is_elsewhere(const struct model *model, const struct store_version *version)
{
        for (const struct store_version *other = model->store.first; other; other = other->next)
                if (store_is_object(other) && other->content == version->content &&
                    !pail_str_equal(other->key, version->key) &&
                    (other->until_ms == INT64_MAX || was_written_over(other)))
                        return true;
        return false;
}

/* Rule gone. What somebody else put there a moment ago may be deleted with the name: the window of a rename. */
static void check_removed(struct model *model, const struct store_version *removal)
{
        const struct store_version *version = removal->older;

        if (removal->author == STORE_OTHERS || is_own(removal->key) || model_is_removing(model, removal->author) ||
            (model->has_others && version->author != removal->author))
                return;
        if (!is_elsewhere(model, version))
                model_broken("gone", "the bytes of version %llu of '%s' are deleted, and under no other name",
                             (unsigned long long)version->serial, removal->key);
}

void model_on_change(void *context, const struct store_version *version)
{
        struct model *model = context;

        PAIL_SIM_CHECK(version->serial < MODEL_VERSIONS_MAX);
        model_note_version(version);
        if (version->act == STORE_REMOVE)
                check_removed(model, version);
        else if (version->act == STORE_COPY)
                model->notes[version->serial] = model->notes[version->source->serial];
        else if (version->author != STORE_OTHERS && !is_own(version->key) && !is_link(version))
                check_written(model, version);
}
