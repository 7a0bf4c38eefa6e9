/* SPDX-License-Identifier: Apache-2.0 */
/* fakefs MOUNTPOINT [THREADS]: prints "ready" once mounted, and at the end "nodes N handles N" that were left. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "fake.h"
#include "pail/fuse/driver.h"
#include "pail/mount/mount.h"

static struct pail_driver *driver; /* for the signal handler */

static void on_signal(int signal)
{
        (void)signal;
        pail_driver_stop(driver);
}

static void on_ready(void *context)
{
        (void)context;
        puts("ready");
        fflush(stdout);
}

int main(int argc, char **argv)
{
        if (argc < 2)
                return 2;
        struct pail_fs *fs = pail_fake_new(0);
        struct pail_mount *mount = NULL;
        if (pail_mount_new_single(fs, &mount) < 0)
                return 3;
        const struct pail_driver_options options = {
                .mountpoint = argv[1],
                .source = "fake, with a comma",
                .max_threads = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 0,
        };
        if (pail_driver_new(&options, &driver) < 0)
                return 3;
        signal(SIGTERM, on_signal);
        pail_driver_set_mount(driver, mount);
        char *message = NULL;
        if (pail_driver_mount(driver, &message) < 0) {
                printf("%s\n", message ? message : "cannot mount");
                return 4;
        }
        int result = pail_driver_run(driver, on_ready, NULL);
        pail_driver_unmount(driver);
        unsigned nodes, handles;
        pail_fake_counts(fs, &nodes, &handles);
        printf("result %d nodes %u handles %u\n", result, nodes, handles);
        signal(SIGTERM, SIG_IGN); /* there is nothing left to stop, and soon no driver to ask for it */
        pail_driver_free(driver);
        pail_mount_free(mount);
        return 0;
}
