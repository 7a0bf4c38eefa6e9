/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/fs/read_result.h"

void pail_content_result_done(struct pail_content_result *result)
{
        if (result->release)
                result->release(result);
        *result = (struct pail_content_result){ 0 };
}
