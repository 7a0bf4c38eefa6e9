/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A mount, from SOURCE and options up to the point where it would be mounted. pail mounts what comes out; pailctl check takes the same steps and
 * tells of each, so that it refuses what pail refuses, and in the same words. One thread.
 */
#ifndef PAIL_DAEMON_PREPARE_H
#define PAIL_DAEMON_PREPARE_H

#include "pail/daemon/buckets.h"
#include "pail/daemon/probe.h"
#include "pail/daemon/state.h"
#include "pail/fuse/driver.h"

/* In their order. In FUSE neither thread nor library is started, so that a process may fork behind it. */
enum pail_prepare_step {
        PAIL_PREPARE_FUSE,        /* whether this user can mount there */
        PAIL_PREPARE_DRIVER,      /* libfuse's session */
        PAIL_PREPARE_SESSION,     /* profiles, engines, clients; no request is sent */
        PAIL_PREPARE_CREDENTIALS, /* which may come over the network */
        PAIL_PREPARE_DIRECTORIES, /* cache_dir and state_dir */
        PAIL_PREPARE_PROBE,       /* the server is asked for the bucket, or for all buckets */
        PAIL_PREPARE_STEPS,
};

struct pail_preparation {
        /* Given; borrowed. */
        const struct pail_options *options; /* that go together, and with the source */
        const char *mountpoint_text;        /* NULL: it is not to be mounted */
        bool is_for_mount;                  /* false: only the profile's account is of interest, and nothing local */
        struct pail_source_name source;     /* owned */

        /* What the steps make. */
        enum pail_prepare_step next;
        char *mountpoint; /* resolved */
        uint64_t memory_limit_bytes;
        struct pail_driver *driver;
        struct pail_s3_context s3; /* of one bucket: this, and */
        struct pail_state state;
        struct pail_probe_finding finding;
        struct pail_buckets *buckets; /* of all buckets: these; NULL: of one */
};

#define PAIL_PREPARATION_INIT                                                                                          \
        {                                                                                                              \
                .state = PAIL_STATE_INIT                                                                               \
        }

/*
 * Takes the steps up to and with that one which were not taken yet; one that failed counts as taken. Errors of PROBE and what a profile's source of
 * credentials answered are raw: see diagnose.
 */
int pail_prepare(struct pail_preparation *preparation, enum pail_prepare_step last, struct pail_error *ret_error);
/* Says the error of the step that was taken last in words for the person who mounts. */
void pail_preparation_diagnose(const struct pail_preparation *preparation, struct pail_error *error);
/* A state directory that no file system was put into is removed again. Idempotent. */
void pail_preparation_done(struct pail_preparation *preparation);

#endif
