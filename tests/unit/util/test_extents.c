/* SPDX-License-Identifier: Apache-2.0 */
#include "pail/util/extents.h"

#include "../support/alloc.h"
#include "../support/test.h"

/* The text form of a set: "[1,5) [7,9)". */
static const char *show(const struct pail_extents *extents)
{
        static char text[512];
        size_t used = 0;
        text[0] = 0;
        for (size_t i = 0; i < extents->count; i++)
                used += (size_t)snprintf(text + used, sizeof(text) - used, "%s[%llu,%llu)", i ? " " : "",
                                         (unsigned long long)extents->items[i].start,
                                         (unsigned long long)extents->items[i].end);
        return text;
}

static void add(struct pail_extents *extents, uint64_t start, uint64_t end, const char *expected)
{
        assert_int_equal(pail_extents_add(extents, start, end), 0);
        assert_string_equal(show(extents), expected);
}

static void remove_range(struct pail_extents *extents, uint64_t start, uint64_t end, const char *expected)
{
        assert_int_equal(pail_extents_remove(extents, start, end), 0);
        assert_string_equal(show(extents), expected);
}

static void test_empty(void **state)
{
        (void)state;
        struct pail_extents extents = { 0 };
        bool inside = true;
        remove_range(&extents, 0, UINT64_MAX, "");
        add(&extents, 7, 7, "");
        assert_int_equal(pail_extents_total(&extents), 0);
        assert_true(pail_extents_contains(&extents, 3, 3));
        assert_false(pail_extents_contains(&extents, 3, 4));
        assert_false(pail_extents_intersects(&extents, 0, UINT64_MAX));
        assert_int_equal(pail_extents_stretch(&extents, 5, 9, &inside), 9);
        assert_false(inside);
        pail_extents_done(&extents);
        pail_extents_done(&extents);
}

static void test_add_joins(void **state)
{
        (void)state;
        struct pail_extents extents = { 0 };
        add(&extents, 10, 20, "[10,20)");
        add(&extents, 30, 40, "[10,20) [30,40)");
        add(&extents, 5, 5, "[10,20) [30,40)");
        add(&extents, 0, 1, "[0,1) [10,20) [30,40)");
        add(&extents, 20, 21, "[0,1) [10,21) [30,40)");
        add(&extents, 9, 10, "[0,1) [9,21) [30,40)");
        add(&extents, 12, 15, "[0,1) [9,21) [30,40)");
        add(&extents, 9, 21, "[0,1) [9,21) [30,40)");
        add(&extents, 21, 30, "[0,1) [9,40)");
        add(&extents, 50, 60, "[0,1) [9,40) [50,60)");
        add(&extents, 1, 55, "[0,60)");
        add(&extents, 62, 63, "[0,60) [62,63)");
        add(&extents, 60, 62, "[0,63)");
        assert_int_equal(pail_extents_total(&extents), 63);
        pail_extents_done(&extents);
        assert_int_equal(extents.count, 0);
        add(&extents, 1, 2, "[1,2)"); /* it can be used again */
        pail_extents_done(&extents);
}

static void test_remove_splits(void **state)
{
        (void)state;
        struct pail_extents extents = { 0 };
        add(&extents, 10, 40, "[10,40)");
        remove_range(&extents, 20, 30, "[10,20) [30,40)");
        remove_range(&extents, 20, 30, "[10,20) [30,40)");
        remove_range(&extents, 25, 25, "[10,20) [30,40)");
        remove_range(&extents, 0, 11, "[11,20) [30,40)");
        remove_range(&extents, 39, 50, "[11,20) [30,39)");
        remove_range(&extents, 19, 31, "[11,19) [31,39)");
        remove_range(&extents, 11, 12, "[12,19) [31,39)");
        remove_range(&extents, 18, 19, "[12,18) [31,39)");
        remove_range(&extents, 31, UINT64_MAX, "[12,18)");
        remove_range(&extents, 12, 18, "");
        pail_extents_done(&extents);
}

/* Ends are exclusive, so the last byte there is cannot be in a set; the one before can. */
static void test_at_the_end_of_numbers(void **state)
{
        (void)state;
        struct pail_extents extents = { 0 };
        bool inside;
        add(&extents, UINT64_MAX - 1, UINT64_MAX, "[18446744073709551614,18446744073709551615)");
        assert_true(pail_extents_contains(&extents, UINT64_MAX - 1, UINT64_MAX));
        assert_true(pail_extents_intersects(&extents, 0, UINT64_MAX));
        assert_false(pail_extents_intersects(&extents, 0, UINT64_MAX - 1));
        assert_int_equal(pail_extents_stretch(&extents, UINT64_MAX - 1, UINT64_MAX, &inside), UINT64_MAX);
        assert_true(inside);
        assert_int_equal(pail_extents_stretch(&extents, 0, UINT64_MAX, &inside), UINT64_MAX - 1);
        assert_false(inside);
        add(&extents, 0, UINT64_MAX, "[0,18446744073709551615)");
        assert_true(pail_extents_total(&extents) == UINT64_MAX);
        remove_range(&extents, 1, UINT64_MAX - 1, "[0,1) [18446744073709551614,18446744073709551615)");
        remove_range(&extents, UINT64_MAX - 1, UINT64_MAX, "[0,1)");
        remove_range(&extents, UINT64_MAX, UINT64_MAX, "[0,1)");
        remove_range(&extents, 0, UINT64_MAX, "");
        pail_extents_done(&extents);
}

/* A small world, anywhere in the range of numbers, with one flag a byte. */
enum { WORLD = 96 };

struct model {
        struct pail_extents extents;
        uint64_t base; /* of the world's first byte */
        bool bytes[WORLD];
        uint64_t seed;
};

static unsigned random_below(struct model *model, unsigned limit)
{
        model->seed = model->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        return (unsigned)(model->seed >> 33) % limit;
}

static void check_form(const struct pail_extents *extents)
{
        for (size_t i = 0; i < extents->count; i++) {
                assert_true(extents->items[i].start < extents->items[i].end);
                if (i > 0)
                        assert_true(extents->items[i - 1].end < extents->items[i].start);
        }
}

static unsigned count_bytes(const struct model *model, unsigned start, unsigned end)
{
        unsigned count = 0;
        for (unsigned i = start; i < end; i++)
                count += model->bytes[i];
        return count;
}

static void check_questions(const struct model *model, unsigned start, unsigned end)
{
        unsigned count = count_bytes(model, start, end), until = start + 1;
        bool inside;
        assert_int_equal(pail_extents_contains(&model->extents, model->base + start, model->base + end),
                         count == end - start);
        assert_int_equal(pail_extents_intersects(&model->extents, model->base + start, model->base + end), count > 0);
        if (start == end)
                return;
        while (until < end && model->bytes[until] == model->bytes[start])
                until++;
        assert_true(pail_extents_stretch(&model->extents, model->base + start, model->base + end, &inside) ==
                    model->base + until);
        assert_int_equal(inside, model->bytes[start]);
}

/* One change, perhaps with memory running out; what the model then holds is what it held. */
static void change(struct model *model, unsigned start, unsigned end, bool is_add)
{
        test_alloc_fail_at(random_below(model, 4) == 0);
        int r = is_add ? pail_extents_add(&model->extents, model->base + start, model->base + end)
                       : pail_extents_remove(&model->extents, model->base + start, model->base + end);
        bool has_failed = test_alloc_has_failed();
        test_alloc_fail_at(0);
        assert_int_equal(r, has_failed ? -ENOMEM : 0);
        for (unsigned i = start; r == 0 && i < end; i++)
                model->bytes[i] = is_add;
}

static void compare_with_model(uint64_t base, uint64_t seed, unsigned longest)
{
        struct model model = { .base = base, .seed = seed };
        for (unsigned round = 0; round < 4000; round++) {
                unsigned start = random_below(&model, WORLD), end = start + random_below(&model, longest + 1);
                end = end > WORLD ? WORLD : end;
                change(&model, start, end, random_below(&model, 2));
                check_form(&model.extents);
                assert_int_equal(pail_extents_total(&model.extents), count_bytes(&model, 0, WORLD));
                start = random_below(&model, WORLD);
                check_questions(&model, start, start + random_below(&model, WORLD - start + 1));
        }
        pail_extents_done(&model.extents);
}

static void test_random_changes(void **state)
{
        (void)state;
        static const uint64_t bases[] = { 0, 1, UINT32_MAX - WORLD / 2, INT64_MAX - WORLD / 2, UINT64_MAX - WORLD };
        for (size_t i = 0; i < TEST_COUNT(bases); i++)
                for (unsigned longest = 1; longest <= WORLD; longest *= 4)
                        compare_with_model(bases[i], i * 100 + longest, longest);
}

static int use_memory(void *context)
{
        (void)context;
        struct pail_extents extents = { 0 };
        int r = 0;
        for (uint64_t i = 0; i < 40 && r == 0; i++)
                r = pail_extents_add(&extents, i * 4, i * 4 + 3);
        for (uint64_t i = 0; i < 40 && r == 0; i++)
                r = pail_extents_remove(&extents, i * 4 + 1, i * 4 + 2);
        if (r == 0)
                r = pail_extents_reserve(&extents, 1000);
        pail_extents_done(&extents);
        return r;
}

static void test_out_of_memory(void **state)
{
        (void)state;
        assert_true(test_alloc_each(use_memory, NULL) >= 5);
}

/* What callers rely on where they could not go back: what is reserved, and what takes no more room, cannot fail. */
static void test_without_memory(void **state)
{
        (void)state;
        struct pail_extents extents = { 0 };
        for (uint64_t i = 0; i < 4; i++)
                assert_int_equal(pail_extents_add(&extents, i * 10, i * 10 + 5), 0);
        assert_int_equal(extents.count, extents.allocated);

        test_alloc_fail_at(1);
        assert_int_equal(pail_extents_add(&extents, 100, 101), -ENOMEM);
        test_alloc_fail_at(1);
        assert_int_equal(pail_extents_remove(&extents, 1, 2), -ENOMEM);
        assert_string_equal(show(&extents), "[0,5) [10,15) [20,25) [30,35)");
        test_alloc_fail_at(1);
        add(&extents, 11, 14, "[0,5) [10,15) [20,25) [30,35)");
        remove_range(&extents, 33, UINT64_MAX, "[0,5) [10,15) [20,25) [30,33)");
        remove_range(&extents, 0, 2, "[2,5) [10,15) [20,25) [30,33)");
        add(&extents, 5, 10, "[2,15) [20,25) [30,33)");
        add(&extents, 40, 41, "[2,15) [20,25) [30,33) [40,41)");
        assert_false(test_alloc_has_failed());
        test_alloc_fail_at(0);

        assert_int_equal(pail_extents_reserve(&extents, 2), 0);
        test_alloc_fail_at(1);
        remove_range(&extents, 3, 4, "[2,3) [4,15) [20,25) [30,33) [40,41)");
        add(&extents, 50, 51, "[2,3) [4,15) [20,25) [30,33) [40,41) [50,51)");
        assert_int_equal(pail_extents_reserve(&extents, 0), 0);
        assert_false(test_alloc_has_failed());
        assert_int_equal(pail_extents_reserve(&extents, 1000), -ENOMEM);
        test_alloc_fail_at(0);
        pail_extents_done(&extents);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_empty),          cmocka_unit_test(test_add_joins),
                cmocka_unit_test(test_remove_splits),  cmocka_unit_test(test_at_the_end_of_numbers),
                cmocka_unit_test(test_random_changes), cmocka_unit_test(test_out_of_memory),
                cmocka_unit_test(test_without_memory),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
