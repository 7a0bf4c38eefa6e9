/* SPDX-License-Identifier: Apache-2.0 */
/* Rule kept: what could not be sent lies in lost+found. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pail/util/str.h"
#include "private.h"

struct lost {
        char key[KERNEL_PATH_MAX]; /* by its note */
        char bytes[2 * MODEL_SIZE_MAX];
        size_t size;
};

/* What unsent steps wrote, and nothing wrote over or cut off: 0 elsewhere. false: nobody knows. */
static bool find_owed(const struct model_file *file, char owed[static 2 * MODEL_SIZE_MAX])
{
        memset(owed, 0, 2 * MODEL_SIZE_MAX);
        for (unsigned i = 0; i < file->count; i++) {
                const struct step *step = &file->steps[i];

                if (step->has_failed || !step->has_ended)
                        return false; /* what was interrupted may have happened at any time */
                if (i < file->sent_steps)
                        continue;
                if (step->is_cut)
                        memset(owed + step->offset, 0, 2 * MODEL_SIZE_MAX - step->offset);
                else
                        memset(owed + step->offset, step->id, step->size);
        }
        return true;
}

/* A file may have failed several times. What one copy holds is no longer owed. */
static void settle(const struct lost *lost, char *owed)
{
        for (size_t i = 0; i < lost->size; i++)
                if (lost->bytes[i] == owed[i])
                        owed[i] = 0;
}

static bool is_any(const char *owed)
{
        for (size_t i = 0; i < 2 * MODEL_SIZE_MAX; i++)
                if (owed[i])
                        return true;
        return false;
}

static size_t read_file(const char *path, char *bytes, size_t size)
{
        FILE *stream = fopen(path, "re");
        size_t count;

        PAIL_SIM_CHECK(stream);
        count = fread(bytes, 1, size, stream);
        fclose(stream);
        return count;
}

static void read_lost(const char *directory, const char *name, struct lost *lost)
{
        char *path = NULL, *note_path = NULL, note[1024];

        PAIL_SIM_CHECK(pail_str_printf(&path, "%s/%s", directory, name) == 0);
        PAIL_SIM_CHECK(pail_str_printf(&note_path, "%s.txt", path) == 0);
        lost->size = read_file(path, lost->bytes, sizeof(lost->bytes));
        note[read_file(note_path, note, sizeof(note) - 1)] = 0;
        if (sscanf(note, "Key: %63[^\n]", lost->key) != 1)
                model_broken("kept", "the note of '%s' names no key", name);
        free(note_path);
        free(path);
}

static unsigned read_all_lost(const char *directory, struct lost **ret_lost)
{
        DIR *stream = opendir(directory);
        struct lost *all = NULL;
        unsigned count = 0;
        struct dirent *entry;

        PAIL_SIM_CHECK(stream);
        while ((entry = readdir(stream))) {
                if (entry->d_name[0] == '.' || pail_str_ends_with(entry->d_name, ".txt"))
                        continue;
                all = reallocarray(all, count + 1, sizeof(*all));
                PAIL_SIM_CHECK(all);
                memset(&all[count], 0, sizeof(*all));
                read_lost(directory, entry->d_name, &all[count++]);
        }
        closedir(stream);
        *ret_lost = all;
        return count;
}

static const char *last_of(const char *path)
{
        const char *slash = strrchr(path, '/');
        return slash ? slash + 1 : path;
}

/* Directories may have moved while the file was opened: the last component counts. */
static bool names_file(const struct lost *lost, const struct model_file *file)
{
        for (unsigned i = 0; i < file->path_count; i++)
                if (pail_str_equal(last_of(lost->key), last_of(file->paths[i])))
                        return true;
        return false;
}

void model_look_for_lost(struct model *model, int mount, const char *state_directory)
{
        char directory[PATH_MAX], owed[2 * MODEL_SIZE_MAX];
        struct lost *all;
        unsigned count;

        snprintf(directory, sizeof(directory), "%s/lost+found", state_directory);
        count = read_all_lost(directory, &all);
        for (const struct model_file *file = model->files; file; file = file->next) {
                if (file->mount != mount || file->is_unlinked || !find_owed(file, owed) ||
                    model_is_replacing(model, mount, file->paths[file->path_count - 1]))
                        continue;
                for (unsigned i = 0; i < count; i++)
                        if (names_file(&all[i], file))
                                settle(&all[i], owed);
                if (is_any(owed))
                        model_broken("kept", "what was written to '%s' is neither in the bucket nor in lost+found",
                                     file->paths[file->path_count - 1]);
        }
        free(all);
}
