/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The check of one source. It has three parts: facts are gathered, from the files of this machine, by an unsigned request and by a signed one
 * (check_gather.c); each step tells what they mean or, where the way is free, makes a request of its own (check_access.c, check_write.c);
 * a table puts the steps in order (check.c). One thread but for the trace of requests. Private to the layer.
 */
#ifndef PAIL_CLI_PAILCTL_CHECK_FACTS_H
#define PAIL_CLI_PAILCTL_CHECK_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "pail/aws/endpoint.h"
#include "pail/daemon/exchange.h"
#include "pail/daemon/prepare.h"
#include "pail/daemon/proxy.h"
#include "pail/s3/operations.h"
#include "pail/util/mutex.h"
#include "report.h"
#include "text.h"

enum { PAIL_CHECK_LATENCIES = 5 };

struct pail_check {
        /* The question; borrowed. */
        struct pail_preparation *preparation; /* of the mount that pail would make */
        const struct pail_options *options;
        unsigned account;            /* of all buckets: whose */
        const char *bucket, *prefix; /* NULL: none in particular */
        bool write;
        struct pail_ctl_report *report;

        /* The way to the server. */
        const struct pail_s3_context *s3; /* the preparation's */
        struct pail_endpoint endpoint;
        struct pail_s3_client *client;
        char masked_key_id[PAIL_CTL_MASK_SIZE]; /* "" when anonymous */
        char *proxy;                            /* in words; NULL: none */
        char *other_scheme_url;                 /* as it should be written; NULL: the scheme is not the fault */

        /* The facts. */
        struct pail_diagnosis failure;      /* of the first thing that went wrong; cause NONE: nothing has */
        struct pail_error list_failure;     /* it can be mounted, but not be listed; class NONE: it can */
        struct pail_exchange_answer answer; /* the fastest one */
        char *listed_key;                   /* NULL: none is known */
        bool cannot_list;                   /* that was told as a failure */
        size_t bucket_count;                /* without source */
        char *scratch_key;                  /* NULL: never written */
        bool scratch_exists, scratch_written;

        struct { /* by the trace, on the engine's threads */
                struct pail_mutex mutex;
                struct pail_error region_refusal; /* class NONE: the server took the region */
        } guarded;
};

/* A step. Each adds its line; none is called once a step that it needs has failed. */
typedef void pail_check_step(struct pail_check *check, const char *name);

#endif
