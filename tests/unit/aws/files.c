/* SPDX-License-Identifier: Apache-2.0 */
#include "files.h"

#include <ftw.h>
#include <sys/stat.h>

#include "../support/test.h"

int test_files_setup(void **state)
{
        const char *base = getenv("TMPDIR");
        char *path = NULL;

        if (asprintf(&path, "%s/pail-test-aws.XXXXXX", base && *base ? base : "/tmp") < 0)
                return -1;
        *state = path;
        return mkdtemp(path) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *position)
{
        (void)status;
        (void)type;
        (void)position;
        return remove(path);
}

int test_files_teardown(void **state)
{
        int r = nftw(*state, remove_one, 8, FTW_DEPTH | FTW_PHYS);

        free(*state);
        return r;
}

const char *test_files_path(void **state, const char *name)
{
        static char paths[4][4096];
        static unsigned next;
        char *path = paths[next++ % 4];

        snprintf(path, sizeof(paths[0]), "%s/%s", (const char *)*state, name);
        return path;
}

const char *test_files_write(void **state, const char *name, const char *text)
{
        const char *path = test_files_path(state, name), *slash = strchr(name, '/');

        if (slash) {
                char directory[4096];
                snprintf(directory, sizeof(directory), "%s/%.*s", (const char *)*state, (int)(slash - name), name);
                mkdir(directory, 0700);
        }
        FILE *file = fopen(path, "we");
        assert_non_null(file);
        assert_true(fputs(text, file) >= 0);
        assert_int_equal(fclose(file), 0);
        return path;
}
