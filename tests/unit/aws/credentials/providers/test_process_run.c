/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/credentials/providers/process_run.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include "../../../support/test.h"
#include "../../files.h"
#include "pail/util/clock.h"
#include "world.h"

enum { PATIENT_MS = 20 * 1000, OUTPUT_CAP = 256 * 1024 };

static struct pail_buf output;
static struct pail_error error;

/* Runs a script of sh(1), with $1 for its argument. */
static int run(const char *script, const char *argument, int64_t time_ms)
{
        const char *const arguments[] = { "sh", "-c", script, "sh", argument, NULL };
        const char *const environment[] = { "PATH=/usr/bin:/bin", NULL };

        pail_buf_wipe(&output);
        error = PAIL_ERROR_INIT;
        return pail_process_run((char *const *)(uintptr_t)arguments, (char *const *)(uintptr_t)environment, time_ms,
                                &output, &error);
}

static int64_t now_ms(void)
{
        return pail_clock_monotonic_ms();
}

static void assert_message(const char *message)
{
        assert_int_equal(error.class, PAIL_ERROR_CREDENTIALS);
        assert_string_equal(error.message, message);
}

static void test_output(void **state)
{
        (void)state;
        assert_int_equal(run("printf 'a\\nb'; echo no >&2", "", PATIENT_MS), 0);
        assert_string_equal(output.data, "a\nb");
        assert_int_equal(run("printf ''", "", PATIENT_MS), 0);
        assert_int_equal(output.length, 0);
        assert_int_equal(run("head -c 262144 /dev/zero", "", PATIENT_MS), 0);
        assert_int_equal(output.length, OUTPUT_CAP);
        /* Closed by the program long before its end. */
        assert_int_equal(run("echo x; exec >&- 2>&-; sleep 0.3", "", PATIENT_MS), 0);
        assert_string_equal(output.data, "x\n");
}

static void test_failures(void **state)
{
        (void)state;
        assert_int_equal(run("echo SECRET; exit 3", "", PATIENT_MS), -ECHILD);
        assert_message("the program \"sh\" ended with status 3");
        assert_int_equal(run("echo first >&2; printf '  last words \\n\\n \\n' >&2; exit 255", "", PATIENT_MS),
                         -ECHILD);
        assert_message("the program \"sh\" ended with status 255: last words");
        assert_int_equal(run("kill -9 $$", "", PATIENT_MS), -ECHILD);
        assert_message("the program \"sh\" was ended by the signal SIGKILL");
        assert_int_equal(run("echo bye >&2; kill -SEGV $$", "", PATIENT_MS), -ECHILD);
        assert_message("the program \"sh\" was ended by the signal SIGSEGV: bye");
}

/* Nothing that looks like a secret, no control characters, no half of a line. */
static void test_last_words(void **state)
{
        static const char *const cases[][2] = {
                { "cannot reach the vault at https://vault.example:8200",
                  "cannot reach the vault at https://vault.example:8200" },
                { "got wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY instead", "got [hidden] instead" },
                { "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"short\",\"x\":1}",
                  "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":[hidden]" },
                { "aws_secret_access_key = pw", "aws_secret_access_key =" },
                { "Password: hunter22222", "Password:[hidden]" },
                { "the SessionToken=abcdefgh", "the SessionToken=[hidden]" },
                { "no secret was found", "no secret was found" },
                { "red \033[31mtext\007", "red ?[31mtext?" },
                { "caf\303\251 ferm\303\251", "caf\303\251 ferm\303\251" },
                { "bad \377 byte", "bad ? byte" },
        };
        char expected[256];

        (void)state;
        for (size_t i = 0; i < TEST_COUNT(cases); i++) {
                assert_int_equal(run("printf '%s\\n' \"$1\" >&2; exit 1", cases[i][0], PATIENT_MS), -ECHILD);
                snprintf(expected, sizeof(expected), "the program \"sh\" ended with status 1: %s", cases[i][1]);
                assert_message(expected);
        }
}

static void test_much_on_stderr(void **state)
{
        (void)state;
        assert_int_equal(run("yes SECRET | head -c 3000000 >&2; echo >&2; echo the end >&2; exit 1", "", PATIENT_MS),
                         -ECHILD);
        assert_message("the program \"sh\" ended with status 1: the end");
        assert_int_equal(run("yes SECRET | tr -d '\\n' | head -c 300000 >&2; exit 1", "", PATIENT_MS), -ECHILD);
        assert_message("the program \"sh\" ended with status 1");
        assert_int_equal(run("printf 'a\\0b\\n' >&2; exit 1", "", PATIENT_MS), -ECHILD);
        assert_message("the program \"sh\" ended with status 1: a?b");
        assert_int_equal(run("yes many words of a long line | tr '\\n' ' ' | head -c 2000 >&2; exit 1", "", PATIENT_MS),
                         -ECHILD);
        assert_true(strlen(error.message) < 300);
}

static void test_too_much(void **state)
{
        int64_t begin = now_ms();

        (void)state;
        assert_int_equal(run("echo because >&2; exec yes SECRET", "", PATIENT_MS), -EMSGSIZE);
        assert_message("the program \"sh\" wrote more than 256 KiB: because");
        assert_in_range(now_ms() - begin, 0, PATIENT_MS / 2);
        assert_int_equal(run("head -c 262145 /dev/zero", "", PATIENT_MS), -EMSGSIZE);
}

/* Whether the process is there and more than the memory of a parent that does not ask. */
static bool is_running(int pid)
{
        char path[64], status[4096] = "";

        snprintf(path, sizeof(path), "/proc/%d/stat", pid);
        FILE *file = fopen(path, "re");
        if (!file)
                return false;
        size_t length = fread(status, 1, sizeof(status) - 1, file);
        status[length] = '\0';
        fclose(file);
        const char *state = strrchr(status, ')');
        return state && state[2] != 'Z' && state[2] != 'X';
}

static void assert_gone(const char *pid_file)
{
        FILE *file = fopen(pid_file, "re");
        int pid = 0;

        assert_non_null(file);
        assert_int_equal(fscanf(file, "%d", &pid), 1);
        fclose(file);
        for (int i = 0; i < 200 && is_running(pid); i++)
                usleep(10 * 1000);
        assert_false(is_running(pid));
}

static void test_too_slow(void **state)
{
        const char *pid_file = test_files_path(state, "pid");
        int64_t begin = now_ms();

        assert_int_equal(run("echo hanging >&2; sleep 600 & echo $! >\"$1\"; wait", pid_file, 3000), -ETIMEDOUT);
        assert_message("the program \"sh\" did not end within 3 s: hanging");
        assert_in_range(now_ms() - begin, 3000, PATIENT_MS);
        assert_gone(pid_file);
        /* Signals that can be ignored are of no use. */
        assert_int_equal(run("trap '' TERM INT HUP; echo $$ >\"$1\"; while :; do sleep 600; done", pid_file, 3000),
                         -ETIMEDOUT);
        assert_gone(pid_file);
        /* It stopped itself. */
        assert_int_equal(run("kill -STOP $$", "", 300), -ETIMEDOUT);
}

/* Whoever is left behind may keep the pipe. */
static void test_left_behind(void **state)
{
        const char *pid_file = test_files_path(state, "pid");
        int64_t begin = now_ms();
        FILE *file;
        int pid = 0;

        assert_int_equal(run("sleep 600 & echo $! >\"$1\"; echo done", pid_file, PATIENT_MS), 0);
        assert_string_equal(output.data, "done\n");
        assert_in_range(now_ms() - begin, 0, PATIENT_MS / 2);
        file = fopen(pid_file, "re");
        assert_non_null(file);
        assert_int_equal(fscanf(file, "%d", &pid), 1);
        fclose(file);
        assert_true(is_running(pid));
        assert_int_equal(kill(pid, SIGKILL), 0);
}

/* What the child has of us: no descriptor, no signal mask, no ignored signal, no terminal, no input. */
static void test_inheritance(void **state)
{
        sigset_t blocked, before;
        void (*pipe_before)(int) = signal(SIGPIPE, SIG_IGN);
        int fd = open("/dev/null", O_RDONLY); /* without O_CLOEXEC, as a library may do it */

        (void)state;
        assert_true(fd >= 0 && dup2(fd, 177) == 177);
        sigemptyset(&blocked);
        sigaddset(&blocked, SIGTERM);
        sigprocmask(SIG_BLOCK, &blocked, &before);
        assert_int_equal(run("ls /proc/$$/fd; grep Sig[BI] /proc/self/status", "", PATIENT_MS), 0);
        unsigned long long is_ignored = ~0ull;
        const char *lines = "0\n1\n2\nSigBlk:\t0000000000000000\nSigIgn:\t";
        assert_memory_equal(output.data, lines, strlen(lines));
        assert_int_equal(sscanf(output.data + strlen(lines), "%llx", &is_ignored), 1);
        assert_int_equal(is_ignored & 0x7fffffff, 0); /* the two after these are the C library's own */
        assert_int_equal(
                run("readlink /proc/$$/fd/0; cut -d' ' -f5-7 /proc/$$/stat; echo $$ $$ 0; cat", "", PATIENT_MS), 0);
        sigprocmask(SIG_SETMASK, &before, NULL);
        signal(SIGPIPE, pipe_before);
        close(177);
        close(fd);
        char *line = strchr(output.data, '\n');
        assert_memory_equal(output.data, "/dev/null\n", 10);
        assert_non_null(line);
        char *second = strchr(line + 1, '\n');
        assert_non_null(second);
        assert_int_equal(strncmp(line + 1, second + 1, (size_t)(second - line)), 0);
}

/* A daemon may have closed its own standard descriptors. */
static void test_closed_standard_descriptors(void **state)
{
        int kept[3], r;

        (void)state;
        for (int i = 0; i < 3; i++) {
                kept[i] = fcntl(i, F_DUPFD_CLOEXEC, 100);
                close(i);
        }
        r = run("echo out; echo err >&2; exit ${1:-0}", "", PATIENT_MS);
        bool all_closed = fcntl(0, F_GETFD) < 0 && fcntl(1, F_GETFD) < 0 && fcntl(2, F_GETFD) < 0;
        for (int i = 0; i < 3; i++)
                if (kept[i] >= 0) {
                        dup2(kept[i], i);
                        close(kept[i]);
                }
        assert_int_equal(r, 0);
        assert_true(all_closed);
        assert_string_equal(output.data, "out\n");
}

static int count_descriptors(void)
{
        int count = 0;

        for (int fd = 0; fd < 256; fd++)
                count += fcntl(fd, F_GETFD) >= 0;
        return count;
}

static void test_no_leak(void **state)
{
        int before = count_descriptors();

        (void)state;
        for (int i = 0; i < 20; i++) {
                run("exit 1", "", PATIENT_MS);
                run("exec sleep 60", "", 20);
                run("exec yes", "", PATIENT_MS);
        }
        assert_int_equal(count_descriptors(), before);
}

static void test_no_format(void **state)
{
        const char *file = test_files_write(state, "no-program", "echo no interpreter is named\n");
        char *const arguments[] = { (char *)(uintptr_t)file, NULL };
        char *const environment[] = { NULL };

        assert_int_equal(chmod(file, 0700), 0);
        pail_buf_wipe(&output);
        assert_int_equal(pail_process_run(arguments, environment, PATIENT_MS, &output, &error), -ENOEXEC);
        assert_contains(error.message, "cannot run the program \"");
        assert_contains(error.message, "Exec format error");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_output),
                cmocka_unit_test(test_failures),
                cmocka_unit_test(test_last_words),
                cmocka_unit_test(test_much_on_stderr),
                cmocka_unit_test(test_too_much),
                cmocka_unit_test(test_too_slow),
                cmocka_unit_test(test_left_behind),
                cmocka_unit_test(test_inheritance),
                cmocka_unit_test(test_closed_standard_descriptors),
                cmocka_unit_test(test_no_leak),
                cmocka_unit_test(test_no_format),
        };

        pail_buf_init(&output, OUTPUT_CAP);
        int r = cmocka_run_group_tests(tests, test_files_setup, test_files_teardown);
        pail_buf_wipe(&output);
        return r;
}
