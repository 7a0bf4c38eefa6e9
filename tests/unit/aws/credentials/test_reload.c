/* SPDX-License-Identifier: Apache-2.0 */
/* Files that change while a session lives, as programs that get keys for a person write them. */
#include "aws/credentials/reload.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../../support/alloc.h"
#include "../../support/test.h"
#include "../files.h"
#include "pail/aws/session.h"
#include "pail/util/clock.h"
#include "pail/util/mutex.h"
#include "pail/util/str.h"

#define KEYS(id, secret) "aws_access_key_id = " id "\naws_secret_access_key = " secret "\n"

/* Looks that fail make the pause before the next one longer, up to 64 s. */
enum { BEYOND_PAUSE_MS = 65000 };

struct fixture {
        char home[4200];
        char *environment[4];
        struct pail_session_options options;
        struct pail_session *session;
        struct pail_mutex mutex;
        char told[1100]; /* the last failure that was told; guarded by the mutex */
};

static void refreshed(void *context, int64_t expires_at, unsigned failures, const struct pail_error *error)
{
        struct fixture *fixture = context;

        (void)expires_at, (void)failures;
        PAIL_LOCK(&fixture->mutex);
        snprintf(fixture->told, sizeof(fixture->told), "%s", error ? error->message : "");
}

/* It is told a moment after the credentials can be had. */
static void wait_told(struct fixture *fixture, const char *words)
{
        for (unsigned i = 0; i < 10000; i++) {
                pail_mutex_lock(&fixture->mutex);
                bool is_told = strstr(fixture->told, words);
                pail_mutex_unlock(&fixture->mutex);
                if (is_told)
                        return;
                usleep(1000);
        }
        fail_msg("\"%s\" was not told, but \"%s\"", words, fixture->told);
}

static void open_session(struct fixture *fixture, void **state, const char *profile)
{
        struct pail_error error = PAIL_ERROR_INIT;

        *fixture = (struct fixture){ .options = { .profile = profile, .refreshed = refreshed } };
        snprintf(fixture->home, sizeof(fixture->home), "HOME=%s", (const char *)*state);
        pail_mutex_init(&fixture->mutex);
        fixture->environment[0] = fixture->home;
        fixture->environment[1] = strdup("AWS_EC2_METADATA_DISABLED=true");
        fixture->options.environment = fixture->environment;
        fixture->options.refreshed_context = fixture;
        if (pail_session_new(&fixture->options, &fixture->session, &error) < 0)
                fail_msg("%s", error.message);
}

static void close_session(struct fixture *fixture)
{
        pail_session_free(fixture->session);
        pail_mutex_done(&fixture->mutex);
        free(fixture->environment[1]);
}

static void get(struct fixture *fixture, struct pail_credentials *ret_frozen)
{
        struct pail_error error = PAIL_ERROR_INIT;

        if (pail_session_get_credentials(fixture->session, INT64_MAX, ret_frozen, &error) < 0)
                fail_msg("%s", error.message);
}

/* Refuses what is current, and says what others there are; "": none. */
static const char *others(struct fixture *fixture, enum pail_refusal refusal)
{
        static char found[128];
        struct pail_credentials current = { 0 }, newest = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        int r = 1;

        get(fixture, &current);
        pail_clock_test_advance(BEYOND_PAUSE_MS);
        if (pail_session_refuse_credentials(fixture->session, &current, refusal))
                while ((r = pail_session_peek_others(fixture->session, &current, &newest, &error)) == -EAGAIN)
                        usleep(1000);
        if (r < 0)
                fail_msg("%s", error.message);
        snprintf(found, sizeof(found), "%s%s%s", r == 0 ? newest.access_key_id : "", r == 0 ? " " : "",
                 r == 0 ? newest.secret_access_key : "");
        pail_credentials_done(&current);
        pail_credentials_done(&newest);
        return found;
}

static const char *unknown(struct fixture *fixture)
{
        return others(fixture, PAIL_REFUSAL_UNKNOWN);
}

static void test_rewritten(void **state)
{
        struct fixture fixture;

        test_files_write(state, ".aws/credentials", "[work]\n" KEYS("ONE", "first"));
        open_session(&fixture, state, "work");
        assert_string_equal(unknown(&fixture), "");
        test_files_write(state, ".aws/credentials", "[work]\n" KEYS("TWO", "second"));
        assert_string_equal(unknown(&fixture), "TWO second");
        assert_string_equal(unknown(&fixture), "");
        /* The same key with another secret, which was a wrong one. */
        test_files_write(state, ".aws/credentials", "[work]\n" KEYS("TWO", "thirds"));
        assert_string_equal(unknown(&fixture), "TWO thirds");
        test_files_write(state, ".aws/credentials", "[work]\n" KEYS("TRE", "fourth"));
        assert_string_equal(others(&fixture, PAIL_REFUSAL_EXPIRED), "TRE fourth");
        /* The config file counts as well; and what changes elsewhere in the files is nothing new. */
        test_files_write(state, ".aws/config", "[profile other]\n" KEYS("X", "x"));
        assert_string_equal(unknown(&fixture), "");
        close_session(&fixture);
}

/* Replaced by rename, as careful programs do, with the size and times of the one before. */
static void test_replaced(void **state)
{
        char fresh[4200], path[4200];
        struct timespec times[2];
        struct fixture fixture;
        struct stat before;

        snprintf(path, sizeof(path), "%s",
                 test_files_write(state, ".aws/credentials", "[default]\n" KEYS("ONE", "first")));
        open_session(&fixture, state, NULL);
        assert_string_equal(unknown(&fixture), "");
        snprintf(fresh, sizeof(fresh), "%s", test_files_write(state, ".aws/fresh", "[default]\n" KEYS("TWO", "other")));
        assert_int_equal(stat(path, &before), 0);
        times[0] = before.st_atim;
        times[1] = before.st_mtim;
        assert_int_equal(utimensat(AT_FDCWD, fresh, times, 0), 0);
        assert_int_equal(rename(fresh, path), 0);
        assert_string_equal(unknown(&fixture), "TWO other");
        close_session(&fixture);
}

/* Not there as yet, or not yet again. */
static void test_appears(void **state)
{
        struct fixture fixture;

        test_files_write(state, ".aws/config", "[profile work]\n" KEYS("ONE", "config"));
        open_session(&fixture, state, "work");
        assert_string_equal(unknown(&fixture), "");
        assert_int_equal(unlink(test_files_path(state, ".aws/config")), 0);
        assert_string_equal(unknown(&fixture), "");
        wait_told(&fixture, "profile \"work\" is gone");
        test_files_write(state, ".aws/config", "[profile work]\n" KEYS("TWO", "config"));
        assert_string_equal(unknown(&fixture), "TWO config");
        close_session(&fixture);
}

/* A file that somebody is just writing loses nothing, and nobody is signed for as somebody else. */
static void test_half_written(void **state)
{
        static const char *const halves[][2] = {
                { "", "is gone" },
                { "[work", "before the first [section]" },
                { "[work]\naws_access_key_id", "neither a [section]" },
                { "[work]\n", "would now be from config-file" },
                { "[work]\naws_access_key_id = TWO\n", "without aws_secret_access_key" },
        };
        struct fixture fixture;

        test_files_write(state, ".aws/credentials", "[work]\n" KEYS("ONE", "first"));
        test_files_write(state, ".aws/config", "[profile other]\nregion = r\n");
        open_session(&fixture, state, "work");
        assert_string_equal(unknown(&fixture), "");
        for (size_t i = 0; i < TEST_COUNT(halves); i++) {
                struct pail_credentials current = { 0 };
                bool has_neighbour = strstr(halves[i][1], "config-file");
                if (has_neighbour)
                        test_files_write(state, ".aws/config", "[profile work]\n" KEYS("NOT", "us"));
                test_files_write(state, ".aws/credentials", halves[i][0]);
                assert_string_equal(unknown(&fixture), "");
                wait_told(&fixture, halves[i][1]);
                get(&fixture, &current);
                assert_string_equal(current.access_key_id, "ONE");
                pail_credentials_done(&current);
                if (has_neighbour)
                        test_files_write(state, ".aws/config", "[profile other]\nregion = r\n");
        }
        test_files_write(state, ".aws/credentials", "[work]\n" KEYS("TWO", "second"));
        assert_string_equal(unknown(&fixture), "TWO second");
        close_session(&fixture);
}

/* Settings stay those of the start, and borrowed strings good. */
static void test_settings_stay(void **state)
{
        struct fixture fixture;

        test_files_write(state, ".aws/config", "[default]\nregion = before\n" KEYS("ONE", "a"));
        open_session(&fixture, state, NULL);
        const char *region = pail_session_region_name(fixture.session);
        const char *value = pail_session_profile_value(fixture.session, NULL, "region");
        assert_string_equal(unknown(&fixture), "");
        for (unsigned i = 0; i < 3; i++) {
                char text[200];
                snprintf(text, sizeof(text), "[default]\nregion = after\n" KEYS("TWO%u", "b"), i);
                test_files_write(state, ".aws/config", text);
                assert_true(*unknown(&fixture));
        }
        assert_string_equal(region, "before");
        assert_string_equal(value, "before");
        assert_ptr_equal(pail_session_region_name(fixture.session), region);
        close_session(&fixture);
}

/* Keys that the user gave are not in any file; and names that are relative mean what they meant at the start. */
static void test_other_sources(void **state)
{
        struct pail_credentials current = { 0 };
        char directory[4200];
        struct fixture fixture;

        test_files_write(state, "mine", "[default]\n" KEYS("ONE", "a"));
        assert_non_null(getcwd(directory, sizeof(directory)));
        assert_int_equal(chdir(*state), 0);
        open_session(&fixture, state, NULL);
        pail_session_free(fixture.session);
        fixture.options.credentials_file = "mine";
        assert_int_equal(pail_session_new(&fixture.options, &fixture.session, NULL), 0);
        assert_int_equal(chdir(directory), 0);
        assert_string_equal(unknown(&fixture), "");
        test_files_write(state, "mine", "[default]\n" KEYS("TWO", "b"));
        assert_string_equal(unknown(&fixture), "TWO b");
        pail_session_free(fixture.session);

        fixture.options.credentials_file = NULL;
        fixture.options.access_key_id = fixture.options.secret_access_key = "explicit";
        assert_int_equal(pail_session_new(&fixture.options, &fixture.session, NULL), 0);
        get(&fixture, &current);
        assert_false(pail_session_refuse_credentials(fixture.session, &current, PAIL_REFUSAL_UNKNOWN));
        pail_credentials_done(&current);
        close_session(&fixture);
}

static int renew_once(void *context)
{
        void **state = context;
        struct pail_credentials current = { 0 }, newest = { 0 };
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_session *session = NULL;
        char home[4200], *environment[] = { home, NULL };
        const struct pail_session_options options = { .environment = environment };
        int r;

        snprintf(home, sizeof(home), "HOME=%s", (const char *)*state);
        test_files_write(state, ".aws/credentials", "[default]\n" KEYS("ONE", "a"));
        r = pail_session_new(&options, &session, &error);
        if (r == 0)
                r = pail_session_get_credentials(session, INT64_MAX, &current, &error);
        test_files_write(state, ".aws/credentials", "[default]\n" KEYS("TWOS", "b"));
        if (r == 0 && pail_session_refuse_credentials(session, &current, PAIL_REFUSAL_UNKNOWN))
                while ((r = pail_session_peek_others(session, &current, &newest, &error)) == -EAGAIN)
                        usleep(1000);
        pail_credentials_done(&current);
        pail_credentials_done(&newest);
        pail_session_free(session);
        return r == 1 ? -ENOMEM : r; /* what cannot be looked at has no others */
}

static void test_out_of_memory(void **state)
{
        assert_true(test_alloc_each(renew_once, state) > 60);
}

#define WITH_FILES(test) cmocka_unit_test_setup_teardown(test, test_files_setup, test_files_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                WITH_FILES(test_rewritten),     WITH_FILES(test_replaced),      WITH_FILES(test_appears),
                WITH_FILES(test_half_written),  WITH_FILES(test_settings_stay), WITH_FILES(test_other_sources),
                WITH_FILES(test_out_of_memory),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
