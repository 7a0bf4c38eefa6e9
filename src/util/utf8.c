/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 by the table of RFC 3629 §4: the second byte's range decides over-long forms, surrogates and the upper end. */
#include "pail/util/str.h"

#include <string.h>

/* Length of the sequence that a lead byte begins, and the range of its second byte; 0: no lead byte. */
static size_t sequence_length(unsigned char lead, unsigned char *ret_low, unsigned char *ret_high)
{
        *ret_low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
        *ret_high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
        if (lead < 0x80)
                return 1;
        if (lead < 0xc2)
                return 0;
        if (lead < 0xe0)
                return 2;
        if (lead < 0xf0)
                return 3;
        return lead <= 0xf4 ? 4 : 0;
}

size_t pail_str_utf8_length(const char *string)
{
        const unsigned char *at = (const unsigned char *)string;
        unsigned char low, high;
        size_t length = sequence_length(at[0], &low, &high);
        for (size_t i = 1; i < length; i++) {
                if (at[i] < low || at[i] > high) /* the final NUL ends the loop here */
                        return 0;
                low = 0x80;
                high = 0xbf;
        }
        return length;
}

bool pail_str_is_utf8(const char *string)
{
        while (*string) {
                size_t length = pail_str_utf8_length(string);
                if (length == 0)
                        return false;
                string += length;
        }
        return true;
}

void pail_str_trim_utf8(char *string)
{
        size_t length = strlen(string), back = 0;
        while (back < 3 && back < length && ((unsigned char)string[length - 1 - back] & 0xc0) == 0x80)
                back++;
        if (back == length)
                return;
        char *lead = string + length - 1 - back;
        unsigned char low, high;
        if ((unsigned char)*lead >= 0xc0 && sequence_length((unsigned char)*lead, &low, &high) > back + 1)
                *lead = 0;
}
