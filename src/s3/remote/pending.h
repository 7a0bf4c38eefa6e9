/* SPDX-License-Identifier: Apache-2.0 */
/* A call of the client that is under way for the remote, and what is to be done when it ends. */
#ifndef PAIL_SRC_S3_REMOTE_PENDING_H
#define PAIL_SRC_S3_REMOTE_PENDING_H

#include <stdatomic.h>

#include "pail/remote/remote.h"
#include "pail/s3/call.h"
#include "pail/s3/types.h"

struct pail_remote_call {
        atomic_uint refs; /* of the caller, and of the request until its end */
        struct pail_s3_call *call;
        const struct pail_remote_sink *sink; /* of a fetch */
        bool is_whole;                       /* all of an object, not a range */
        struct pail_remote_upload *upload;   /* of a part */
        struct pail_remote_part *part;
        struct pail_s3_part sent;
        struct iovec vector;
        pail_remote_part_done *done;
        void *context;
};
/* Two references. -ENOMEM. */
int pail_s3_remote_call_new(struct pail_remote_call **ret_call);
void pail_s3_remote_raise_call(struct pail_remote_call *call);
void pail_s3_remote_cancel_call(struct pail_remote_call *call);
void pail_s3_remote_unref_call(struct pail_remote_call *call);

#endif
