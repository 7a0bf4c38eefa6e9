/* SPDX-License-Identifier: Apache-2.0 */
/* Against the check values of the standards, and against a division bit by bit. */
#include "pail/util/crc.h"

#include <errno.h>

#include "../support/test.h"

enum { SIZE = 70000 };

static const struct {
        enum pail_crc_kind kind;
        const char *name;
        size_t size;
        uint64_t polynomial; /* as the standards write it, not reflected */
        uint64_t check;
        const char *text;
} kinds[] = {
        { PAIL_CRC_32, "CRC32", 4, UINT64_C(0x04C11DB7), UINT64_C(0xCBF43926), "y/Q5Jg==" },
        { PAIL_CRC_32C, "CRC32C", 4, UINT64_C(0x1EDC6F41), UINT64_C(0xE3069283), "4waSgw==" },
        { PAIL_CRC_64NVME, "CRC64NVME", 8, UINT64_C(0xAD93D23594C93659), UINT64_C(0xAE8B14860A799888), "rosUhgp5mIg=" },
};

static uint64_t reflect(uint64_t value, unsigned bits)
{
        uint64_t reflected = 0;
        for (unsigned i = 0; i < bits; i++)
                reflected |= (value >> i & 1) << (bits - 1 - i);
        return reflected;
}

/* The definition: least significant bits first, all ones before, inverted at the end. */
static uint64_t divide(size_t kind, const unsigned char *data, size_t size)
{
        unsigned bits = 8 * (unsigned)kinds[kind].size;
        uint64_t polynomial = reflect(kinds[kind].polynomial, bits), ones = UINT64_MAX >> (64 - bits), crc = ones;
        for (size_t i = 0; i < size; i++) {
                crc ^= data[i];
                for (int bit = 0; bit < 8; bit++)
                        crc = crc & 1 ? crc >> 1 ^ polynomial : crc >> 1;
        }
        return crc ^ ones;
}

static void fill(unsigned char *data, size_t size)
{
        uint32_t random = 12345;
        for (size_t i = 0; i < size; i++) {
                random = random * 1103515245 + 12345;
                data[i] = (unsigned char)(random >> 16);
        }
}

static void test_check_values(void **state)
{
        (void)state;
        for (size_t i = 0; i < TEST_COUNT(kinds); i++) {
                char text[PAIL_CRC_TEXT_SIZE];
                assert_string_equal(pail_crc_name(kinds[i].kind), kinds[i].name);
                assert_int_equal(pail_crc_size(kinds[i].kind), kinds[i].size);
                assert_int_equal(pail_crc_update(kinds[i].kind, 0, "123456789", 9), kinds[i].check);
                assert_int_equal(pail_crc_update(kinds[i].kind, 0, NULL, 0), 0);
                pail_crc_format(kinds[i].kind, kinds[i].check, text);
                assert_string_equal(text, kinds[i].text);
        }
}

/* Every alignment and every rest of the fast loops, and all lengths of the pieces that a body comes in. */
static void test_definition(void **state)
{
        unsigned char *data = malloc(SIZE);
        (void)state;
        assert_non_null(data);
        fill(data, SIZE);
        for (size_t i = 0; i < TEST_COUNT(kinds); i++) {
                for (size_t from = 0; from < 9; from++)
                        for (size_t size = 0; size < 300; size++)
                                assert_int_equal(pail_crc_update(kinds[i].kind, 0, data + from, size),
                                                 divide(i, data + from, size));
                assert_int_equal(pail_crc_update(kinds[i].kind, 0, data, SIZE), divide(i, data, SIZE));
                uint64_t crc = 0;
                for (size_t at = 0, piece = 1; at < SIZE; at += piece, piece = piece * 3 + 1) {
                        piece = piece < SIZE - at ? piece : SIZE - at;
                        crc = pail_crc_update(kinds[i].kind, crc, data + at, piece);
                }
                assert_int_equal(crc, divide(i, data, SIZE));
        }
        free(data);
}

static void test_combine(void **state)
{
        static const size_t splits[] = { 0, 1, 7, 8, 9, 255, 4096, 65536, SIZE - 1, SIZE };
        unsigned char *data = malloc(SIZE);
        (void)state;
        assert_non_null(data);
        fill(data, SIZE);
        for (size_t i = 0; i < TEST_COUNT(kinds); i++) {
                enum pail_crc_kind kind = kinds[i].kind;
                uint64_t whole = pail_crc_update(kind, 0, data, SIZE);
                for (size_t k = 0; k < TEST_COUNT(splits); k++) {
                        uint64_t first = pail_crc_update(kind, 0, data, splits[k]);
                        uint64_t second = pail_crc_update(kind, 0, data + splits[k], SIZE - splits[k]);
                        assert_int_equal(pail_crc_combine(kind, first, second, SIZE - splits[k]), whole);
                }
        }
        free(data);
}

static void test_text(void **state)
{
        static const char *const wrong[] = { "", "4waSg", "4waSgw=", "4waSgwA=", "4waSgw==-5", "AAAA", "!!!!!!==" };
        (void)state;
        for (size_t i = 0; i < TEST_COUNT(kinds); i++) {
                uint64_t crc = 1;
                assert_int_equal(pail_crc_parse(kinds[i].kind, kinds[i].text, &crc), 0);
                assert_int_equal(crc, kinds[i].check);
                for (size_t k = 0; k < TEST_COUNT(wrong); k++)
                        assert_int_equal(pail_crc_parse(kinds[i].kind, wrong[k], &crc), -EINVAL);
                assert_int_equal(crc, kinds[i].check);
        }
        uint64_t crc;
        assert_int_equal(pail_crc_parse(PAIL_CRC_64NVME, "4waSgw==", &crc), -EINVAL);
        assert_int_equal(pail_crc_parse(PAIL_CRC_32C, "rosUhgp5mIg=", &crc), -EINVAL);
        char text[PAIL_CRC_TEXT_SIZE];
        pail_crc_format(PAIL_CRC_32C, 0, text);
        assert_string_equal(text, "AAAAAA==");
        pail_crc_format(PAIL_CRC_64NVME, UINT64_MAX, text);
        assert_string_equal(text, "//////////8=");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_check_values),
                cmocka_unit_test(test_definition),
                cmocka_unit_test(test_combine),
                cmocka_unit_test(test_text),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
