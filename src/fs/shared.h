/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of pail/fs/shared.h. Immutable: its parts have locks of their own. */
#ifndef PAIL_FS_SHARED_PRIVATE_H
#define PAIL_FS_SHARED_PRIVATE_H

#include <stdatomic.h>

#include "pail/fs/shared.h"
#include "pail/util/workpool.h"

struct pail_fs_shared {
        atomic_uint references;
        struct pail_content_engine *engine;
        struct pail_workpool *mutations; /* each changing call runs here, so that an interrupted one still ends */
        struct pail_workpool *queries;   /* second legs of parallel questions, attributes ahead of the caller */
        struct pail_workpool *uploads;   /* parts of files that are still written */
};

#endif
