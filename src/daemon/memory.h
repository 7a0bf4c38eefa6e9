/* SPDX-License-Identifier: Apache-2.0 */
/* How much memory the process takes. Private to the layer. */
#ifndef PAIL_DAEMON_MEMORY_H
#define PAIL_DAEMON_MEMORY_H

#include <stdint.h>

/* The default of memory_limit: an eighth of what this machine or control group has, 64 MiB to 1 GiB. */
uint64_t pail_memory_default_bytes(void);
/* What of memory_limit the pool of blocks gets, the rest being for connections, requests and the program itself. */
uint64_t pail_memory_pool_bytes(uint64_t limit_bytes, unsigned max_connections);
/* FUSE worker threads, each of which holds a request of 1 MiB. */
unsigned pail_memory_threads(uint64_t limit_bytes);
/* Makes malloc give large buffers back to the system. Before any thread is started. */
void pail_memory_tune_malloc(void);

/* The smallest memory limit on the way from a control group to its root; UINT64_MAX: none. root: where the hierarchy is mounted. */
uint64_t pail_memory_cgroup_limit(const char *root, const char *group);

#endif
