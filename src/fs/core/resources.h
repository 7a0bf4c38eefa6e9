/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of pail/fs/shared.h: what all volumes of a mount use. Immutable but for what is guarded: its parts have locks of their own. */
#ifndef PAIL_FS_CORE_RESOURCES_H
#define PAIL_FS_CORE_RESOURCES_H

#include <stdatomic.h>

#include "pail/store/spool.h"
#include "pail/util/mutex.h"
#include "pail/util/workpool.h"

struct pail_fs;
struct pail_data_engine;

struct pail_fs_shared {
        atomic_uint refs;
        struct pail_data_engine *engine;
        struct pail_workpool *operations; /* each changing call runs here, so that an interrupted one still ends */
        struct pail_workpool *queries;    /* second legs of parallel questions, attributes ahead of the caller */
        struct pail_workpool *uploads;    /* parts of files that are still written */
        struct pail_spool_budget *budget;
        struct {
                struct pail_mutex mutex; /* before any volume's */
                struct pail_fs *volumes; /* all of them: whose sent parts make room in the spool */
        } guarded;
};

#endif
