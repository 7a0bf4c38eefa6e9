/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/config/json.h"

#include "../../support/test.h"

static const char good[] =
        "{\"text\": \"words\", \"empty\": \"\", \"null\": null, \"number\": 7, \"real\": 7.5, \"object\": {\"a\": "
        "[\"b\"]}, \"time\": \"2030-01-31T12:00:00Z\", \"day\": \"soon\"}";

static struct json_t *parse(const char *text)
{
        struct pail_error error = PAIL_ERROR_INIT;
        struct json_t *object = NULL;

        if (pail_json_parse("the answer", text, strlen(text), &object, &error) < 0)
                fail_msg("%s", error.message);
        return object;
}

static void assert_refused(int r, const struct pail_error *error, const char *message)
{
        assert_int_equal(r, -EINVAL);
        assert_int_equal(error->class, PAIL_ERROR_CREDENTIALS);
        assert_string_equal(error->message, message);
}

static void test_parse(void **state)
{
        static const struct {
                const char *text, *message;
        } cases[] = {
                { "", "the answer is not JSON" },
                { "<html>secret</html>", "the answer is not JSON" },
                { "{\"secret\": ", "the answer is not JSON" },
                { "{\"a\": \"\xff\"}", "the answer is not JSON" },
                { "{} secret", "the answer is not JSON" },
                { "[]", "the answer is JSON, but no object" },
        };
        struct pail_error error;
        struct json_t *object = NULL;

        (void)state;
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                int r = pail_json_parse("the answer", cases[i].text, strlen(cases[i].text), &object, &error);
                assert_refused(r, &error, cases[i].message);
        }
        size_t size = PAIL_JSON_MAX_BYTES + 1;
        char *large = malloc(size);
        assert_non_null(large);
        memset(large, ' ', size);
        memcpy(large, "{}", 2);
        assert_refused(pail_json_parse("the answer", large, size, &object, &error), &error, "the answer is too long");
        assert_int_equal(pail_json_parse("the answer", large, size - 1, &object, &error), 0);
        pail_json_free(object);
        memset(large, '[', size - 1);
        assert_refused(pail_json_parse("the answer", large, size - 1, &object, &error), &error,
                       "the answer is not JSON");
        free(large);
        assert_int_equal(pail_json_parse("the answer", "{\"a\": \"b\"}", 10, &object, NULL), 0);
        pail_json_free(object);
        pail_json_free(NULL);
}

static void test_strings(void **state)
{
        struct pail_error error;
        struct json_t *object = parse(good);
        const char *value = NULL;

        (void)state;
        assert_int_equal(pail_json_need_string("it", object, "text", &value, &error), 0);
        assert_string_equal(value, "words");
        assert_int_equal(pail_json_want_string("it", object, "text", &value, &error), 0);
        assert_string_equal(value, "words");
        assert_refused(pail_json_need_string("it", object, "none", &value, &error), &error, "it: \"none\" is missing");
        assert_refused(pail_json_need_string("it", object, "null", &value, &error), &error, "it: \"null\" is missing");
        assert_refused(pail_json_need_string("it", object, "empty", &value, &error), &error, "it: \"empty\" is empty");
        assert_refused(pail_json_need_string("it", object, "number", &value, &error), &error,
                       "it: \"number\" is no string");
        assert_refused(pail_json_want_string("it", object, "object", &value, &error), &error,
                       "it: \"object\" is no string");
        const char *const absent[] = { "none", "null", "empty" };
        for (size_t i = 0; i < TEST_COUNT(absent); i++) {
                value = "before";
                assert_int_equal(pail_json_want_string("it", object, absent[i], &value, &error), 0);
                assert_null(value);
        }
        pail_json_free(object);
}

static void test_others(void **state)
{
        struct pail_error error;
        struct json_t *object = parse(good), *inner = NULL;
        int64_t number = 0;

        (void)state;
        assert_int_equal(pail_json_need_object("it", object, "object", &inner, &error), 0);
        assert_non_null(inner);
        assert_refused(pail_json_need_object("it", object, "none", &inner, &error), &error, "it: \"none\" is missing");
        assert_refused(pail_json_need_object("it", object, "text", &inner, &error), &error,
                       "it: \"text\" is no object");
        assert_int_equal(pail_json_need_integer("it", object, "number", &number, &error), 0);
        assert_int_equal(number, 7);
        assert_refused(pail_json_need_integer("it", object, "real", &number, &error), &error,
                       "it: \"real\" is no whole number");
        assert_refused(pail_json_need_integer("it", object, "none", &number, &error), &error,
                       "it: \"none\" is missing");
        assert_int_equal(pail_json_want_time("it", object, "time", &number, &error), 0);
        assert_int_equal(number, 1896091200);
        assert_int_equal(pail_json_want_time("it", object, "none", &number, &error), 0);
        assert_int_equal(number, 0);
        assert_refused(pail_json_want_time("it", object, "day", &number, &error), &error,
                       "it: \"day\" is not a time like 2030-01-31T12:00:00Z");
        assert_refused(pail_json_want_time("it", object, "number", &number, &error), &error,
                       "it: \"number\" is no string");
        pail_json_free(object);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_parse),
                cmocka_unit_test(test_strings),
                cmocka_unit_test(test_others),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
