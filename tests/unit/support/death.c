/* SPDX-License-Identifier: Apache-2.0 */
#include "death.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "test.h"

static _Noreturn void run_child(void (*body)(void *context), void *context, int output)
{
        const struct rlimit no_core = { 0, 0 };
        setrlimit(RLIMIT_CORE, &no_core);
        signal(SIGABRT, SIG_DFL); /* cmocka catches it */
        dup2(output, STDERR_FILENO);
        body(context);
        _exit(0);
}

void test_death(void (*body)(void *context), void *context, char *ret_output, size_t size)
{
        FILE *output = tmpfile(); /* a pipe that nobody empties in time could end the child by another signal */
        assert_non_null(output);
        fflush(NULL);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
                run_child(body, context, fileno(output));
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        rewind(output);
        ret_output[fread(ret_output, 1, size - 1, output)] = 0;
        fclose(output);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), SIGABRT);
}
