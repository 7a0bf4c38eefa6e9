/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The check of one source. It has three parts: facts are gathered, from the files of this machine, by an unsigned request and by a signed one
 * (check_gather.c); each step judges them or, where the way is free, makes a request of its own (check_access.c, check_write.c);
 * a table puts the steps in order (check.c). One thread but for the trace of requests. Private to the layer.
 */
#ifndef PAIL_CLI_PAILCTL_CHECK_H
#define PAIL_CLI_PAILCTL_CHECK_H

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
                bool bulk_refused;                /* there is no DeleteObjects */
        } guarded;
};

/* check_gather.c. What goes wrong is in check->failure then. Each takes the preparation's steps up to its own. */
void pail_check_prepare_fuse(struct pail_check *check);
void pail_check_prepare_directories(struct pail_check *check);
void pail_check_open(struct pail_check *check);       /* files of this machine, endpoint, engine */
void pail_check_find_keys(struct pail_check *check);  /* credentials, which may come over the network */
void pail_check_ask_server(struct pail_check *check); /* one unsigned and one signed request */
void pail_check_measure(struct pail_check *check);    /* more unsigned ones: the least duration counts */
void pail_check_close(struct pail_check *check);

/* An error in the words that pail says at mount. action: of the policy; NULL: none alone. */
void pail_check_diagnose(const struct pail_check *check, const struct pail_error *error, const char *action,
                         struct pail_diagnosis *ret_diagnosis);
/* The line of a request that failed: failed, or a warning. */
void pail_check_report_error(struct pail_check *check, enum pail_ctl_status status, const char *name,
                             const struct pail_error *error, const char *action);

/* Steps. Each adds its line; none is called once a step that it needs has failed. */
typedef void pail_check_step(struct pail_check *check, const char *name);
pail_check_step pail_check_fuse, pail_check_state, pail_check_configuration, pail_check_credentials, pail_check_expiry,
        pail_check_proxy, pail_check_dns, pail_check_connect, pail_check_tls, pail_check_endpoint, pail_check_clock,
        pail_check_authentication, pail_check_buckets, pail_check_bucket, pail_check_region, pail_check_latency,
        pail_check_list, pail_check_directories, pail_check_get;
/* Only with --write. */
pail_check_step pail_check_put, pail_check_conditional_put, pail_check_checksums, pail_check_copy, pail_check_copy_part,
        pail_check_delete, pail_check_bulk_delete;

#endif
