/* SPDX-License-Identifier: Apache-2.0 */
#include "sigv4_digest.h"

void pail_sigv4_digest_hex(const unsigned char *data, size_t size, char *ret_hex)
{
        static const char digits[] = "0123456789abcdef";

        for (size_t i = 0; i < size; i++) {
                ret_hex[2 * i] = digits[data[i] >> 4];
                ret_hex[2 * i + 1] = digits[data[i] & 15];
        }
        ret_hex[2 * size] = '\0';
}
