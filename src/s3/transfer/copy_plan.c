/* SPDX-License-Identifier: Apache-2.0 */
/* What the whole and the multipart copy have in common. */
#include "copy_plan.h"

#include "s3/ops/conditional.h"

const char *pail_s3_copy_version(const struct pail_s3_copy_plan *plan)
{
        return plan->source_if_match ? plan->source_if_match : plan->source->etag;
}

int pail_s3_set_source_changed(const char *bucket, const char *key, struct pail_error *ret_error)
{
        return pail_s3_set_stale(bucket, key, "changed while it was copied", ret_error);
}
