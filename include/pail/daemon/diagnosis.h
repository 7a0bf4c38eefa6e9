/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of a failed request, and what comes of it: cause, detail and remedy. */
#ifndef PAIL_DAEMON_DIAGNOSIS_H
#define PAIL_DAEMON_DIAGNOSIS_H

/* What the failed request was made with. */
struct pail_diagnosis_context {
        const char *bucket; /* NULL or "": the request was about none, but for the list of buckets */
        const char *prefix;
        const char *endpoint; /* URL; NULL: AWS */
        const char *profile;
        const char *region;        /* NULL: none configured */
        const char *access_key_id; /* "" when anonymous */
        const char *keys_from;     /* "credentials file /root/.aws/credentials", "environment"… */
        const char *action;        /* of a policy, that the request needed: "s3:ListBucket"; NULL: not one alone */
        const char *ca_bundle;     /* NULL: the system's */
        const char
                *other_scheme_url; /* of pail_other_scheme_find(); NULL: the scheme is not the fault, as far as known */
        const char *proxy;         /* "https_proxy (http://proxy:3128)"; NULL: none is in the way */
};

enum pail_cause {
        PAIL_CAUSE_NONE,
        PAIL_CAUSE_OTHER, /* said in the words of the server, or of this machine */
        PAIL_CAUSE_CONFIG,
        PAIL_CAUSE_CREDENTIALS, /* there are none, or their source failed */
        PAIL_CAUSE_PROXY,
        PAIL_CAUSE_RESOLVE,
        PAIL_CAUSE_CONNECT,
        PAIL_CAUSE_TLS,
        PAIL_CAUSE_SILENT, /* no answer in time */
        PAIL_CAUSE_NOT_S3,
        PAIL_CAUSE_UNAVAILABLE, /* S3, or a gateway before it, that cannot answer now */
        PAIL_CAUSE_CLOCK,
        PAIL_CAUSE_KEY_ID,
        PAIL_CAUSE_SECRET,
        PAIL_CAUSE_TOKEN,
        PAIL_CAUSE_NO_BUCKET,
        PAIL_CAUSE_REGION,
        PAIL_CAUSE_DENIED,
};

struct pail_diagnosis {
        enum pail_cause cause;
        char detail[1024]; /* what is wrong */
        char remedy[320];  /* what to do about it; "": nothing that is known from here */
};

#endif
