/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of pail/fs/shared.h. Immutable but for what is guarded: its parts have locks of their own. */
#ifndef PAIL_FS_SHARED_PRIVATE_H
#define PAIL_FS_SHARED_PRIVATE_H

#include <stdatomic.h>

#include "pail/fs/shared.h"
#include "pail/store/spool.h"
#include "pail/util/mutex.h"
#include "pail/util/workpool.h"

struct pail_fs;

struct pail_fs_shared {
        atomic_uint references;
        struct pail_content_engine *engine;
        struct pail_workpool *mutations; /* each changing call runs here, so that an interrupted one still ends */
        struct pail_workpool *queries;   /* second legs of parallel questions, attributes ahead of the caller */
        struct pail_workpool *uploads;   /* parts of files that are still written */
        struct pail_spool_budget *budget;
        struct {
                struct pail_mutex mutex; /* before any tree's */
                struct pail_fs *trees;   /* all of them: whose sent parts make room in the spool */
        } guarded;
};

/* A tree begins and ends. */
void pail_fs_shared_add(struct pail_fs *fs);
void pail_fs_shared_remove(struct pail_fs *fs);

#endif
