/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ISA-L computes all three with carry-less multiplication, at the speed of memory; CRC64NVME only from its version 2.31
 * on. Where it is older, eight tables take eight bytes a step (slicing by 8: Kounavis and Berry, "A Systematic
 * Approach to Building High Performance Software-based CRC Generators", 2005), at about 2 GB/s.
 *
 * To combine: appending zeros to a message multiplies its remainder by x for each bit. x^(8 * size) modulo the
 * polynomial takes one squaring for each bit of size.
 */
#include "pail/util/crc.h"

#include <errno.h>
#include <isa-l/crc.h>
#include <isa-l/crc64.h>
#include <stdbool.h>
#include <string.h>

#include "pail/util/buf.h"
#include "pail/util/str.h"

static const struct {
        const char *name;
        unsigned bits;
        uint64_t polynomial; /* reflected: bit 63 - n, or 31 - n, is the coefficient of x^n */
} kinds[] = {
        [PAIL_CRC_32] = { "CRC32", 32, UINT64_C(0xEDB88320) },
        [PAIL_CRC_32C] = { "CRC32C", 32, UINT64_C(0x82F63B78) },
        [PAIL_CRC_64NVME] = { "CRC64NVME", 64, UINT64_C(0x9A6C9329AC4BC9B5) },
};

const char *pail_crc_name(enum pail_crc_kind kind)
{
        return kinds[kind].name;
}

size_t pail_crc_size(enum pail_crc_kind kind)
{
        return kinds[kind].bits / 8;
}

/* ISA-L leaves both inversions to its caller here, and takes an int. */
static uint32_t update_32c(uint32_t crc, const unsigned char *data, size_t size)
{
        enum { STEP = 1 << 30 };
        crc = ~crc;
        for (; size > STEP; data += STEP, size -= STEP)
                crc = crc32_iscsi((unsigned char *)(uintptr_t)data, STEP, crc);
        return ~crc32_iscsi((unsigned char *)(uintptr_t)data, (int)size, crc);
}

#ifdef HAVE_CRC64_ROCKSOFT_REFL

static uint64_t update_64nvme(uint64_t crc, const unsigned char *data, size_t size)
{
        return crc64_rocksoft_refl(crc, data, size);
}

#else

#include <pthread.h>

enum { SLICES = 8 };

/* Written once, before the first use. */
static uint64_t slices[SLICES][256];
static pthread_once_t slices_once = PTHREAD_ONCE_INIT;

static void fill_slices(void)
{
        for (unsigned byte = 0; byte < 256; byte++) {
                uint64_t crc = byte;
                for (int bit = 0; bit < 8; bit++)
                        crc = crc >> 1 ^ (crc & 1 ? kinds[PAIL_CRC_64NVME].polynomial : 0);
                slices[0][byte] = crc;
        }
        for (unsigned slice = 1; slice < SLICES; slice++) {
                for (unsigned byte = 0; byte < 256; byte++) {
                        uint64_t crc = slices[slice - 1][byte];
                        slices[slice][byte] = crc >> 8 ^ slices[0][crc & 255];
                }
        }
}

static uint64_t update_64nvme(uint64_t crc, const unsigned char *data, size_t size)
{
        pthread_once(&slices_once, fill_slices);
        crc = ~crc;
        for (; size >= SLICES; data += SLICES, size -= SLICES) {
                uint64_t sum = 0;
                for (unsigned i = 0; i < SLICES; i++)
                        sum ^= slices[SLICES - 1 - i][(crc >> 8 * i ^ data[i]) & 255];
                crc = sum;
        }
        for (; size > 0; data++, size--)
                crc = crc >> 8 ^ slices[0][(crc ^ *data) & 255];
        return ~crc;
}

#endif

uint64_t pail_crc_update(enum pail_crc_kind kind, uint64_t crc, const void *data, size_t size)
{
        if (size == 0)
                return crc;
        switch (kind) {
        case PAIL_CRC_32:
                return crc32_gzip_refl((uint32_t)crc, data, size);
        case PAIL_CRC_32C:
                return update_32c((uint32_t)crc, data, size);
        default:
                return update_64nvme(crc, data, size);
        }
}

/* The product of two polynomials modulo that of the kind, all reflected. */
static uint64_t multiply_polynomials(enum pail_crc_kind kind, uint64_t a, uint64_t b)
{
        uint64_t product = 0;
        for (uint64_t bit = UINT64_C(1) << (kinds[kind].bits - 1); bit; bit >>= 1) {
                if (a & bit)
                        product ^= b;
                b = b >> 1 ^ (b & 1 ? kinds[kind].polynomial : 0);
        }
        return product;
}

uint64_t pail_crc_combine(enum pail_crc_kind kind, uint64_t first, uint64_t second, uint64_t second_size)
{
        uint64_t one = UINT64_C(1) << (kinds[kind].bits - 1), power = one, square = one >> 8; /* x^8: one byte */
        for (; second_size > 0; second_size >>= 1) {
                if (second_size & 1)
                        power = multiply_polynomials(kind, power, square);
                square = multiply_polynomials(kind, square, square);
        }
        return multiply_polynomials(kind, power, first) ^ second;
}

void pail_crc_format(enum pail_crc_kind kind, uint64_t crc, char ret_text[static PAIL_CRC_TEXT_SIZE])
{
        static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        unsigned bits = kinds[kind].bits, length = 0;
        for (unsigned done = 0; done < bits; done += 6) {
                uint64_t group = done + 6 <= bits ? crc >> (bits - done - 6) : crc << (done + 6 - bits);
                ret_text[length++] = digits[group & 63];
        }
        while (length % 4)
                ret_text[length++] = '=';
        ret_text[length] = '\0';
}

int pail_crc_parse(enum pail_crc_kind kind, const char *text, uint64_t *ret_crc)
{
        _cleanup_buf_ struct pail_buf bytes = PAIL_BUF_INIT(PAIL_CRC_TEXT_SIZE);
        if (pail_str_base64_decode(&bytes, text) < 0 || bytes.length != pail_crc_size(kind))
                return -EINVAL;
        uint64_t crc = 0;
        for (size_t i = 0; i < bytes.length; i++)
                crc = crc << 8 | (unsigned char)bytes.data[i];
        *ret_crc = crc;
        return 0;
}
