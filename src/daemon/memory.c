/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memory_limit bounds what grows with the load. Three users share it: the pool of blocks (fs), curl's receive and send
 * buffers (about half a MiB a busy connection), and FUSE's requests (1 MiB for each thread that has seen one). The last two cannot be
 * charged to the pool one by one, so a part is set aside for them. What remains is the program's own 30 MiB or so.
 */
#include "memory.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pail/util/buf.h"
#include "pail/util/file.h"
#include "pail/util/str.h"

#define MIB(n) ((uint64_t)(n) << 20)

static uint64_t read_limit(const char *path)
{
        _cleanup_buf_ struct pail_buf text = PAIL_BUF_INIT(4096);
        uint64_t bytes;
        if (pail_file_read(path, &text) < 0 || pail_str_to_u64(pail_str_strip(text.data), &bytes) < 0)
                return UINT64_MAX; /* absent, or "max" */
        return bytes;
}

uint64_t pail_memory_cgroup_limit(const char *root, const char *group)
{
        uint64_t smallest = UINT64_MAX;
        _cleanup_free_ char *path = NULL;
        if (pail_str_dup(group, &path) < 0)
                return smallest;
        for (;;) {
                _cleanup_free_ char *file = NULL;
                if (pail_str_printf(&file, "%s%s/memory.max", root, pail_str_equal(path, "/") ? "" : path) < 0)
                        return smallest;
                uint64_t bytes = read_limit(file);
                if (bytes < smallest)
                        smallest = bytes;
                char *slash = strrchr(path, '/');
                if (!slash || !*path)
                        return smallest;
                *slash = '\0';
        }
}

/* The group of this process in the unified hierarchy ("0::/user.slice"), and that of version 1 as containers show it. */
static uint64_t control_group_bytes(void)
{
        uint64_t smallest = read_limit("/sys/fs/cgroup/memory/memory.limit_in_bytes");
        _cleanup_buf_ struct pail_buf text = PAIL_BUF_INIT(64 * 1024);
        if (pail_file_read("/proc/self/cgroup", &text) < 0)
                return smallest;
        char *save = NULL;
        for (char *line = strtok_r(text.data, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
                if (!pail_str_starts_with(line, "0::"))
                        continue;
                uint64_t bytes = pail_memory_cgroup_limit("/sys/fs/cgroup", line + strlen("0::"));
                if (bytes < smallest)
                        smallest = bytes;
        }
        return smallest;
}

static uint64_t clamp(uint64_t value, uint64_t min, uint64_t max)
{
        return value < min ? min : value > max ? max : value;
}

uint64_t pail_memory_default_bytes(void)
{
        long pages = sysconf(_SC_PHYS_PAGES), page_size = sysconf(_SC_PAGESIZE);
        uint64_t machine = pages > 0 && page_size > 0 ? (uint64_t)pages * (uint64_t)page_size : MIB(512);
        uint64_t group = control_group_bytes();
        return clamp((group < machine ? group : machine) / 8, MIB(64), MIB(1024));
}

uint64_t pail_memory_pool_bytes(uint64_t limit_bytes, unsigned max_connections)
{
        uint64_t aside = MIB(16) + (uint64_t)max_connections * MIB(1) / 2;
        return limit_bytes - clamp(aside, 0, limit_bytes / 4);
}

unsigned pail_memory_threads(uint64_t limit_bytes)
{
        return (unsigned)clamp(limit_bytes / MIB(4), 16, 64);
}

void pail_memory_tune_malloc(void)
{
        /* Fixed, since glibc would raise it to the largest buffer ever freed, and then keep such buffers. */
        mallopt(M_MMAP_THRESHOLD, 512 * 1024);
        mallopt(M_TRIM_THRESHOLD, 1024 * 1024);
        mallopt(M_ARENA_MAX, 4);
}
