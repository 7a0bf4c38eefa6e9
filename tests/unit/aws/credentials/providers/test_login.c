/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <jansson.h>

#include "../script.h"
#include "aws/credentials/providers/login.h"
#include "dpop.h"
#include "pail/util/clock.h"
#include "pail/util/file.h"
#include "world.h"

#define SESSION "arn:aws:sts::012345678910:assumed-role/Admin/admin"
/* The name is given by AWS's own test vectors for this session. */
#define FILE_NAME "4b0ba8f99f075c0633e122fd73346ce203a3faf18ea0310eb2d29df1bab2e255.json"

struct fixture {
        struct world world;
        struct script *script;
        char file[4096];
};

static void set_up(struct fixture *f, void **state)
{
        snprintf(f->file, sizeof(f->file), "%s", test_files_write(state, "cache/" FILE_NAME, ""));
        world_open(&f->world, state, "[profile p]\nlogin_session = " SESSION "\nregion = us-east-1\n", NULL);
        f->script = script_new();
        world_set(&f->world, "AWS_LOGIN_CACHE_DIRECTORY=~/cache");
        world_set(&f->world, "AWS_ENDPOINT_URL_SIGNIN=%s/base/", script_url(f->script));
        assert_int_equal(pail_provider_login_add(f->world.chain, &f->world.context, "p"), 0);
}

static void tear_down(struct fixture *f)
{
        world_close(&f->world);
        script_free(f->script);
}

static json_t *make_token(int64_t seconds)
{
        json_t *token = json_pack("{s:{s:s, s:s, s:s, s:s, s:s}, s:s, s:s, s:s, s:s}", "accessToken", "accessKeyId",
                                  "ASIA1", "secretAccessKey", "SECRET1", "sessionToken", "SECRET-token1", "accountId",
                                  "123456789012", "expiresAt", time_from_now(seconds), "clientId", "the-client",
                                  "refreshToken", "SECRET-refresh1", "idToken", "kept \303\251", "dpopKey",
                                  DPOP_KEY_PKCS8);

        assert_non_null(token);
        return token;
}

/* Takes the token. */
static void store(struct fixture *f, json_t *token)
{
        assert_int_equal(json_dump_file(token, f->file, 0), 0);
        json_decref(token);
}

static const char *answer_json(int64_t lifetime_s)
{
        static char text[512];

        snprintf(text, sizeof(text),
                 "{\"accessToken\": {\"accessKeyId\": \"ASIA2\", \"secretAccessKey\": \"SECRET2\", "
                 "\"sessionToken\": \"SECRET-token2\"}, \"tokenType\": \"aws_sigv4\", \"expiresIn\": %lld, "
                 "\"refreshToken\": \"SECRET-refresh2\"}",
                 (long long)lifetime_s);
        return text;
}

static int64_t left_s(const struct fixture *f)
{
        return f->world.found.expires_at - pail_clock_now().tv_sec;
}

static void test_fresh(void **state)
{
        struct fixture f;

        set_up(&f, state);
        store(&f, make_token(600));
        assert_int_equal(world_load(&f.world), 0);
        assert_string_equal(f.world.found.provider, "login");
        assert_string_equal(f.world.found.access_key_id, "ASIA1");
        assert_string_equal(f.world.found.secret_access_key, "SECRET1");
        assert_string_equal(f.world.found.session_token, "SECRET-token1");
        assert_string_equal(f.world.found.account_id, "123456789012");
        assert_in_range(left_s(&f), 595, 600);
        assert_int_equal(script_count(f.script), 0);
        tear_down(&f);
}

static void test_default_directory(void **state)
{
        struct fixture f;

        set_up(&f, state);
        world_set(&f.world, "AWS_LOGIN_CACHE_DIRECTORY=");
        world_refuses(&f.world, -EACCES, "/.aws/login/cache/" FILE_NAME " is not there); run: aws login --profile p");
        tear_down(&f);
}

static void test_nothing_here(void **state)
{
        struct world world;

        world_open(&world, state, "[profile p]\nregion = x\n", NULL);
        assert_int_equal(pail_provider_login_add(world.chain, &world.context, "p"), 0);
        assert_int_equal(world_load(&world), -ENOENT);
        world_close(&world);
}

static void assert_question(const struct asked *asked)
{
        struct dpop dpop;
        json_t *body = json_loads(asked->body, 0, NULL);
        const char *client, *refresh, *grant;

        assert_string_equal(asked->seen.method, "POST");
        assert_string_equal(asked->seen.target, "/base/v1/token");
        assert_string_equal(seen_header(&asked->seen, "Content-Type"), "application/json");
        assert_null(seen_header(&asked->seen, "Authorization"));
        assert_int_equal(json_unpack(body, "{s:s, s:s, s:s !}", "clientId", &client, "refreshToken", &refresh,
                                     "grantType", &grant),
                         0);
        assert_string_equal(client, "the-client");
        assert_string_equal(refresh, "SECRET-refresh1");
        assert_string_equal(grant, "refresh_token");
        json_decref(body);
        dpop_verify(&dpop, seen_header(&asked->seen, "DPoP"));
        assert_string_equal(dpop.htm, "POST");
        assert_non_null(strstr(dpop.htu, "/base/v1/token"));
        assert_in_range(pail_clock_now().tv_sec - dpop.iat, 0, 5);
}

static void assert_written(const struct fixture *f)
{
        json_t *token = json_load_file(f->file, 0, NULL);
        const char *id, *secret, *session, *account, *expires, *client, *refresh, *extra, *key;
        struct timespec time;
        struct stat status;

        assert_int_equal(json_unpack(token, "{s:{s:s, s:s, s:s, s:s, s:s !}, s:s, s:s, s:s, s:s !}", "accessToken",
                                     "accessKeyId", &id, "secretAccessKey", &secret, "sessionToken", &session,
                                     "accountId", &account, "expiresAt", &expires, "clientId", &client, "refreshToken",
                                     &refresh, "idToken", &extra, "dpopKey", &key),
                         0);
        assert_string_equal(id, "ASIA2");
        assert_string_equal(secret, "SECRET2");
        assert_string_equal(session, "SECRET-token2");
        assert_string_equal(account, "123456789012");
        assert_string_equal(client, "the-client");
        assert_string_equal(refresh, "SECRET-refresh2");
        assert_string_equal(extra, "kept \303\251");
        assert_string_equal(key, DPOP_KEY_PKCS8);
        assert_int_equal(pail_clock_parse_iso8601(expires, &time), 0);
        assert_int_equal(time.tv_sec, f->world.found.expires_at);
        json_decref(token);
        assert_int_equal(stat(f->file, &status), 0);
        assert_int_equal(status.st_mode & 07777, 0600);
}

static void test_renewal(void **state)
{
        static const int lifetimes[] = { 299, -100000 };

        for (size_t i = 0; i < TEST_COUNT(lifetimes); i++) {
                struct fixture f;
                set_up(&f, state);
                store(&f, make_token(lifetimes[i]));
                script_answer(f.script, "200 OK", answer_json(900));
                if (world_load(&f.world) < 0)
                        fail_msg("%s", f.world.error.message);
                assert_string_equal(f.world.found.access_key_id, "ASIA2");
                assert_string_equal(f.world.found.secret_access_key, "SECRET2");
                assert_string_equal(f.world.found.session_token, "SECRET-token2");
                assert_string_equal(f.world.found.account_id, "123456789012");
                assert_in_range(left_s(&f), 895, 900);
                assert_question(script_asked(f.script, 0));
                assert_written(&f);
                /* And from then on the file is good. */
                assert_int_equal(world_load(&f.world), 0);
                assert_int_equal(script_count(f.script), 1);
                tear_down(&f);
        }
}

/* What is still good is used, whatever the service says; when it is not, the reason is told. */
static void test_failures(void **state)
{
        static const struct {
                const char *status, *body, *words;
                enum pail_error_class class;
        } cases[] = {
                { "401 Unauthorized", "{\"error\": \"TOKEN_EXPIRED\", \"message\": \"SECRET\"}",
                  "the sign-in session has ended (HTTP status 401); run: aws login --profile p",
                  PAIL_ERROR_CREDENTIALS },
                { "403 Forbidden", "{\"error\": \"USER_CREDENTIALS_CHANGED\"}", "credentials were changed",
                  PAIL_ERROR_CREDENTIALS },
                { "403 Forbidden", "{\"error\": \"INSUFFICIENT_PERMISSIONS\"}", "signin:CreateOAuth2Token",
                  PAIL_ERROR_CREDENTIALS },
                { "400 Bad", "{\"error\": \"SECRET\"}", "does not renew the session (HTTP status 400)",
                  PAIL_ERROR_CREDENTIALS },
                { "400 Bad", "<html>SECRET", "does not renew the session (HTTP status 400)", PAIL_ERROR_CREDENTIALS },
                { "200 OK", "", "/v1/token is not JSON", PAIL_ERROR_CREDENTIALS },
                { "200 OK", "{}", "\"accessToken\" is missing", PAIL_ERROR_CREDENTIALS },
                { "200 OK", "{\"accessToken\": \"SECRET\"}", "\"accessToken\" is no object", PAIL_ERROR_CREDENTIALS },
                { "200 OK", "{\"accessToken\": {}, \"expiresIn\": \"1\"}", "\"expiresIn\" is no whole number",
                  PAIL_ERROR_CREDENTIALS },
                { "200 OK", "{\"accessToken\": {}, \"expiresIn\": 1}", "\"refreshToken\" is missing",
                  PAIL_ERROR_CREDENTIALS },
                { "200 OK", "{\"accessToken\": {}, \"expiresIn\": 1, \"refreshToken\": \"r\"}",
                  "\"accessKeyId\" is missing", PAIL_ERROR_CREDENTIALS },
                { "200 OK",
                  "{\"accessToken\": {\"accessKeyId\": \"a\", \"secretAccessKey\": \"SECRET\"}, \"expiresIn\": 1, "
                  "\"refreshToken\": \"r\"}",
                  "\"sessionToken\" is missing", PAIL_ERROR_CREDENTIALS },
                { "200 OK",
                  "{\"accessToken\": {\"accessKeyId\": \"a\", \"secretAccessKey\": \"SECRET\", \"sessionToken\": \"SECRET\"}, "
                  "\"expiresIn\": 9223372036854775807, \"refreshToken\": \"r\"}",
                  "\"expiresIn\" is missing or out of range", PAIL_ERROR_CREDENTIALS },
                { "500 Oops", "SECRET", "the sign-in service answered with HTTP status 500", PAIL_ERROR_SERVICE },
        };

        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                struct fixture f;
                set_up(&f, state);
                for (int n = 0; n < 6; n++)
                        script_answer(f.script, cases[i].status, cases[i].body);
                store(&f, make_token(60));
                assert_int_equal(world_load(&f.world), 0);
                assert_string_equal(f.world.found.access_key_id, "ASIA1");
                assert_in_range(left_s(&f), 55, 60);
                store(&f, make_token(-1));
                assert_true(world_load(&f.world) < 0);
                assert_int_equal(f.world.error.class, cases[i].class);
                assert_contains(f.world.error.message, "profile \"p\", login_session in ");
                assert_contains(f.world.error.message, "/config: ");
                assert_contains(f.world.error.message, cases[i].words);
                assert_null(strstr(f.world.error.message, "SECRET"));
                tear_down(&f);
        }
}

static void test_nobody_there(void **state)
{
        struct fixture f;

        set_up(&f, state);
        store(&f, make_token(-1));
        world_set(&f.world, "AWS_ENDPOINT_URL_SIGNIN=http://127.0.0.1:1");
        assert_true(world_load(&f.world) < 0);
        assert_int_equal(f.world.error.class, PAIL_ERROR_CONNECT);
        world_set(&f.world, "AWS_ENDPOINT_URL_SIGNIN=nonsense");
        assert_int_equal(world_load(&f.world), -EINVAL);
        assert_int_equal(f.world.error.class, PAIL_ERROR_CONFIG);
        assert_contains(f.world.error.message, "the endpoint \"nonsense\" of signin: it does not begin with http");
        tear_down(&f);
}

static void test_region(void **state)
{
        static const char *const regions[][2] = { { "", "its region is not known" },
                                                  { "a/b", "its region is not one" } };
        char config[256];

        for (size_t i = 0; i < TEST_COUNT(regions); i++) {
                struct world world;
                struct fixture f = { 0 };
                snprintf(config, sizeof(config), "[profile p]\nlogin_session = " SESSION "\nregion = %s\n",
                         regions[i][0]);
                world_open(&world, state, config, NULL);
                world_set(&world, "AWS_LOGIN_CACHE_DIRECTORY=~/cache");
                assert_int_equal(pail_provider_login_add(world.chain, &world.context, "p"), 0);
                snprintf(f.file, sizeof(f.file), "%s", test_files_path(state, "cache/" FILE_NAME));
                store(&f, make_token(-1));
                assert_int_equal(world_load(&world), -EINVAL);
                assert_int_equal(world.error.class, PAIL_ERROR_CONFIG);
                assert_contains(world.error.message, regions[i][1]);
                world_close(&world);
        }
}

/* What cannot be written back is not used up silently, and the file stays as it was. */
static void test_full_disk(void **state)
{
        struct rlimit before, none;
        struct fixture f;

        set_up(&f, state);
        store(&f, make_token(-1));
        script_answer(f.script, "200 OK", answer_json(900));
        assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
        none = (struct rlimit){ .rlim_cur = 0, .rlim_max = before.rlim_max };
        signal(SIGXFSZ, SIG_IGN);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
        int r = world_load(&f.world);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        signal(SIGXFSZ, SIG_DFL);
        assert_int_equal(r, -EFBIG);
        assert_contains(f.world.error.message, "cannot write ");
        script_answer(f.script, "200 OK", answer_json(900));
        assert_int_equal(world_load(&f.world), 0);
        assert_question(script_asked(f.script, 1));
        assert_written(&f);
        tear_down(&f);
}

static void test_bad_files(void **state)
{
        static const char *const needed[] = { "clientId", "refreshToken", "dpopKey", "accessToken" };
        static const char *const keys[] = { "accessKeyId", "secretAccessKey", "sessionToken", "expiresAt" };
        static const char *const texts[] = { "", "SECRET", "[]", "{", "{\"accessToken\": 5}" };
        struct fixture f;
        char words[64];

        set_up(&f, state);
        for (size_t i = 0; i < TEST_COUNT(texts); i++) {
                test_files_write(state, "cache/" FILE_NAME, texts[i]);
                world_refuses(&f.world, -EINVAL, "the session's file is damaged (run: aws login --profile p): ");
                assert_contains(f.world.error.message, FILE_NAME);
        }
        for (size_t i = 0; i < TEST_COUNT(needed); i++) {
                json_t *token = make_token(600);
                json_object_del(token, needed[i]);
                store(&f, token);
                snprintf(words, sizeof(words), "\"%s\" is missing", needed[i]);
                world_refuses(&f.world, -EINVAL, words);
        }
        for (size_t i = 0; i < TEST_COUNT(keys); i++) {
                json_t *token = make_token(600);
                json_object_set_new(json_object_get(token, "accessToken"), keys[i], json_integer(5));
                store(&f, token);
                snprintf(words, sizeof(words), "\"%s\" is no string", keys[i]);
                world_refuses(&f.world, -EINVAL, words);
        }
        json_t *token = make_token(-1);
        json_object_set_new(token, "dpopKey", json_string("SECRET"));
        store(&f, token);
        world_refuses(&f.world, -EINVAL, "\"dpopKey\" in the session's file is no key of P-256");
        assert_int_equal(unlink(f.file), 0);
        assert_int_equal(mkdir(f.file, 0700), 0);
        assert_int_equal(world_load(&f.world), -EISDIR);
        assert_int_equal(rmdir(f.file), 0);
        world_refuses(&f.world, -EACCES, "nobody has signed in");
        tear_down(&f);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_fresh),        cmocka_unit_test(test_default_directory),
                cmocka_unit_test(test_nothing_here), cmocka_unit_test(test_renewal),
                cmocka_unit_test(test_failures),     cmocka_unit_test(test_nobody_there),
                cmocka_unit_test(test_region),       cmocka_unit_test(test_full_disk),
                cmocka_unit_test(test_bad_files),
        };

        return cmocka_run_group_tests(tests, test_files_setup, test_files_teardown);
}
