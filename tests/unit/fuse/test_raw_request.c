/* SPDX-License-Identifier: Apache-2.0 */
#include "../support/test.h"
#include "fuse/raw_request.h"

#define FUSE_USE_VERSION 35
#include <fuse_lowlevel.h>
#include <linux/fuse.h>

static bool cannot_block(uint32_t opcode)
{
        struct fuse_in_header header = { .len = sizeof(header), .opcode = opcode };
        const struct fuse_buf request = { .size = sizeof(header), .mem = &header };
        return pail_raw_request_cannot_block(&request);
}

/* Of all that there are, only these are served without asking anybody. */
static void test_what_cannot_block(void **state)
{
        (void)state;
        for (uint32_t opcode = 0; opcode < 64; opcode++) {
                bool is_expected = opcode == FUSE_FORGET || opcode == FUSE_INTERRUPT || opcode == FUSE_BATCH_FORGET;
                assert_int_equal(cannot_block(opcode), is_expected);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(test_what_cannot_block) };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
