/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines as tables: every kind of option, and every way to get one wrong. */
#include "cli/pailctl/arguments.h"

#include <errno.h>
#include <string.h>

#include "../../support/test.h"
#include "pail/util/cleanup.h"

struct question {
        bool yes;
        const char *word;
        struct pail_ctl_words words;
        struct pail_options options;
        char called[100];
};

static int call(void *context, const struct pail_ctl_argument *argument, const char *value,
                struct pail_error *ret_error)
{
        struct question *question = context;
        if (value && strcmp(value, "bad") == 0) {
                pail_error_set(ret_error, PAIL_ERROR_CONFIG, "bad");
                return -EINVAL;
        }
        snprintf(question->called, sizeof(question->called), "%zu:%s", argument->index, value ? value : "");
        return 0;
}

static const struct pail_ctl_argument arguments[] = {
        PAIL_CTL_CONNECTION_ARGUMENTS(struct question, options),
        { .name = "yes", .letter = 'y', .kind = PAIL_CTL_SWITCH, .offset = offsetof(struct question, yes) },
        { .name = "word", .letter = 'w', .kind = PAIL_CTL_WORD, .offset = offsetof(struct question, word) },
        { .name = "words", .kind = PAIL_CTL_WORDS, .offset = offsetof(struct question, words) },
        { .name = "call", .kind = PAIL_CTL_CALL, .apply = call, .index = 1 },
        { .name = "optional", .kind = PAIL_CTL_CALL_OPTIONAL, .apply = call, .index = 2 },
        { .name = "alone", .kind = PAIL_CTL_CALL_ALONE, .apply = call, .index = 3 },
        { .name = NULL },
};

static const struct pail_ctl_syntax syntax = {
        .command = "test",
        .arguments = arguments,
        .operands_min = 1,
        .operands_max = 2,
        .operands_missing = "the thing",
};

struct outcome {
        int result;
        struct question question;
        struct pail_ctl_words operands;
        struct pail_error error;
        char *copy;
};

static void outcome_done(struct outcome *outcome)
{
        free(outcome->question.words.items);
        free(outcome->operands.items);
        free(outcome->copy);
        pail_options_done(&outcome->question.options);
}

static struct outcome parse_with(const struct pail_ctl_syntax *with, const char *words)
{
        struct outcome outcome = { .error = PAIL_ERROR_INIT, .copy = strdup(words) };
        char name[] = "test", *argv[32] = { name }, *at = outcome.copy;
        int argc = 1;
        for (char *word; (word = strsep(&at, " "));)
                if (*word)
                        argv[argc++] = word;
        assert_int_equal(pail_options_init(&outcome.question.options, NULL), 0);
        outcome.result = pail_ctl_parse(with, argc, argv, &outcome.question, &outcome.operands, &outcome.error);
        return outcome;
}

static struct outcome parse(const char *words)
{
        return parse_with(&syntax, words);
}

static void test_all_kinds(void **state)
{
        (void)state;
        _cleanup_(outcome_done) struct outcome outcome = parse(
                "a -y --word one -w two --words x --words=y -o ro,region=r --profile p --call v b");
        assert_int_equal(outcome.result, 0);
        assert_true(outcome.question.yes);
        assert_string_equal(outcome.question.word, "two");
        assert_int_equal(outcome.question.words.count, 2);
        assert_string_equal(outcome.question.words.items[1], "y");
        assert_string_equal(outcome.question.options.region, "r");
        assert_string_equal(outcome.question.options.profile, "p");
        assert_true(outcome.question.options.read_only);
        assert_string_equal(outcome.question.called, "1:v");
        assert_int_equal(outcome.operands.count, 2);
        assert_string_equal(outcome.operands.items[0], "a");
        assert_string_equal(outcome.operands.items[1], "b");
}

static void assert_called(const char *words, const char *expected)
{
        _cleanup_(outcome_done) struct outcome outcome = parse(words);
        assert_int_equal(outcome.result, 0);
        assert_string_equal(outcome.question.called, expected);
}

static void test_calls(void **state)
{
        (void)state;
        assert_called("a --optional=v", "2:v");
        assert_called("--optional a", "2:");
        assert_called("--alone a", "3:");
        assert_called("--cal v a", "1:v"); /* an abbreviation */
        assert_called("-- --call", "");    /* an operand */
        assert_called("-", "");
}

static void assert_refused(const char *words, const char *expected)
{
        _cleanup_(outcome_done) struct outcome outcome = parse(words);
        assert_int_equal(outcome.result, -EINVAL);
        assert_int_equal(outcome.error.class, PAIL_ERROR_CONFIG);
        assert_null(outcome.operands.items);
        if (!strstr(outcome.error.message, expected))
                fail_msg("%s: \"%s\" lacks \"%s\"", words, outcome.error.message, expected);
}

static void test_refused(void **state)
{
        (void)state;
        assert_refused("", "the thing is missing");
        assert_refused("a b c", "c is one argument too many");
        assert_refused("a --nonsense=hush", "--nonsense is not understood");
        assert_refused("a -q", "-q is not understood");
        assert_refused("a --word", "--word needs an argument");
        assert_refused("a -w", "-w needs an argument");
        assert_refused("a --yes=1", "--yes is not understood");
        assert_refused("a --wor", "--wor is not understood"); /* word or words */
        assert_refused("a --call bad", "bad");
        assert_refused("a -o profil=x", "profil");
        const struct pail_ctl_syntax secret = { .command = "test", .arguments = arguments, .hides_operands = true };
        _cleanup_(outcome_done) struct outcome outcome = parse_with(&secret, "hush");
        assert_int_equal(outcome.result, -EINVAL);
        assert_null(strstr(outcome.error.message, "hush"));
}

static void test_help(void **state)
{
        (void)state;
        static const char *const asked[] = { "-h", "--help", "a b -h c d", "--words x --help" };
        for (size_t i = 0; i < TEST_COUNT(asked); i++) {
                _cleanup_(outcome_done) struct outcome outcome = parse(asked[i]);
                assert_int_equal(outcome.result, 1);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_all_kinds),
                cmocka_unit_test(test_calls),
                cmocka_unit_test(test_refused),
                cmocka_unit_test(test_help),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
