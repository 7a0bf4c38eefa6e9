/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The upload that a file has open: made when the first part is full or the file is sent, gone when it was completed or is of no use.
 * What was punched out of the spool is in it alone, so one that holds such bytes is never given up.
 */
#include "open_upload.h"

#include <errno.h>

#include "fs/core/volume.h"
#include "pail/util/str.h"
#include "state.h"
#include "upload_source.h"

int pail_open_upload_begin(struct pail_file *file, const char *key)
{
        struct pail_fs_upload *upload;
        int r = pail_upload_source_new_upload(file, key, &upload);

        if (r < 0)
                return r;
        PAIL_LOCK(&file->base.guarded.mutex);
        file->guarded.upload = upload;
        file->guarded.has_explicit_times = false;
        file->guarded.stream_error = 0;
        return 0;
}

/* The upload is gone and nothing of it counts. */
void pail_open_upload_abort(struct pail_file *file)
{
        struct pail_fs_upload *upload;

        pail_mutex_lock(&file->base.guarded.mutex);
        upload = file->guarded.upload;
        file->guarded.upload = NULL;
        pail_extents_done(&file->guarded.streamed);
        pail_mutex_unlock(&file->base.guarded.mutex);
        pail_fs_upload_free(upload);
}

int pail_open_upload_check(struct pail_file *file, const char *key)
{
        bool is_useless, is_whole;

        pail_mutex_lock(&file->base.guarded.mutex);
        is_useless = file->guarded.upload &&
                     (file->guarded.must_restart || !pail_str_equal(pail_fs_upload_key(file->guarded.upload), key));
        is_whole = file->guarded.punched.count == 0;
        file->guarded.must_restart = false;
        pail_mutex_unlock(&file->base.guarded.mutex);
        if (!is_useless)
                return 0;
        if (!is_whole)
                return -EIO;
        pail_open_upload_abort(file);
        return 0;
}
