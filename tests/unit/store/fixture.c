/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "pail/util/cleanup.h"
#include "pail/util/file.h"
#include "pail/util/str.h"

#include "../support/test.h"

static char start_directory[TEXT_SIZE], directory[TEXT_SIZE];
struct pail_spool *spool;
struct pail_spool_budget *budget;

int fixture_setup(void **state)
{
        (void)state;
        const char *base = getenv("TMPDIR");
        snprintf(directory, sizeof(directory), "%s/pail-test-spool.XXXXXX", base && *base ? base : "/tmp");
        umask(022);
        return getcwd(start_directory, sizeof(start_directory)) && mkdtemp(directory) && chdir(directory) == 0 ? 0 : -1;
}

int fixture_teardown(void **state)
{
        (void)state;
        char command[TEXT_SIZE + 16];
        pail_spool_free(spool);
        spool = NULL;
        pail_spool_budget_free(budget);
        budget = NULL;
        snprintf(command, sizeof(command), "rm -rf '%s'", directory);
        return chdir(start_directory) == 0 && system(command) == 0 ? 0 : -1;
}

unsigned open_spool(uint64_t limit_bytes)
{
        unsigned recovered = 99;
        assert_null(spool);
        assert_int_equal(pail_spool_budget_new(limit_bytes, &budget), 0);
        assert_int_equal(pail_spool_new(SPOOL_DIRECTORY, LOST_DIRECTORY, budget, &spool, &recovered), 0);
        return recovered;
}

void close_spool(void)
{
        assert_int_equal(pail_spool_budget_used_bytes(budget), 0);
        pail_spool_free(spool);
        spool = NULL;
        pail_spool_budget_free(budget);
        budget = NULL;
}

struct pail_spool_file *new_file(const char *key)
{
        struct pail_spool_file *file = NULL;
        assert_int_equal(pail_spool_file_new(spool, key, &file), 0);
        return file;
}

int fill(struct pail_spool_file *file, char c, size_t size, uint64_t offset)
{
        _cleanup_free_ char *data = malloc(size ? size : 1);
        assert_non_null(data);
        memset(data, c, size);
        return pail_spool_file_write(file, data, size, offset);
}

void assert_bytes(int fd, char c, size_t size, off_t offset)
{
        _cleanup_free_ char *data = malloc(size);
        assert_non_null(data);
        assert_int_equal(pail_file_pread_all(fd, data, size, offset), 0);
        for (size_t i = 0; i < size; i++)
                if (data[i] != c)
                        fail_msg("byte %zu from offset %lld is %d, not %d", i, (long long)offset, data[i], c);
}

void assert_present(const struct pail_spool_file *file, const char *expected)
{
        const struct pail_extents *present = pail_spool_file_present(file);
        char text[TEXT_SIZE] = "";
        size_t used = 0;
        for (size_t i = 0; i < present->count; i++)
                used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%llu-%llu", i ? " " : "",
                                         (unsigned long long)present->items[i].start,
                                         (unsigned long long)present->items[i].end);
        assert_string_equal(text, expected);
}

static unsigned count_names(const char *path, bool are_notes, char ret_last[static TEXT_SIZE])
{
        _cleanup_closedir_ DIR *dir = opendir(path);
        assert_non_null(dir);
        unsigned count = 0;
        for (const struct dirent *entry; (entry = readdir(dir));) {
                if (entry->d_name[0] == '.' || pail_str_ends_with(entry->d_name, ".txt") != are_notes)
                        continue;
                snprintf(ret_last, TEXT_SIZE, "%s/%s", path, entry->d_name);
                count++;
        }
        return count;
}

unsigned count_spooled(void)
{
        char last[TEXT_SIZE];
        return count_names(SPOOL_DIRECTORY, false, last);
}

unsigned count_lost(char ret_last[static TEXT_SIZE])
{
        return count_names(LOST_DIRECTORY, false, ret_last);
}

unsigned count_notes(char ret_last[static TEXT_SIZE])
{
        return count_names(LOST_DIRECTORY, true, ret_last);
}

void limit_file_size(uint64_t bytes)
{
        struct rlimit limit;
        assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
        limit.rlim_cur = bytes ? bytes : limit.rlim_max;
        signal(SIGXFSZ, SIG_IGN);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}
