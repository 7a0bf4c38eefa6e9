/* SPDX-License-Identifier: Apache-2.0 */
/* What the whole and the multipart copy have in common. */
#include "copy_plan.h"

#include <errno.h>

#include "s3/ops/conditional.h"

const char *pail_s3_copy_version(const struct pail_s3_copy_plan *plan)
{
        return plan->source_if_match ? plan->source_if_match : plan->source->etag;
}

int pail_s3_set_source_changed(const char *bucket, const char *key, struct pail_error *ret_error)
{
        return pail_s3_set_stale(bucket, key, "changed while it was copied", ret_error);
}

int pail_s3_copy_check_stop(const struct pail_s3_copy_plan *plan, struct pail_error *ret_error)
{
        if (!plan->is_stopped || !plan->is_stopped(plan->progress_context))
                return 0;
        pail_error_set(ret_error, PAIL_ERROR_CANCELLED, "the copy was stopped");
        return -EINTR;
}
