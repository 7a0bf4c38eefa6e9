/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What went wrong in http, aws and s3: one value that says it to a program (class, status, code)
 * and to a person (message). It owns no memory: it lives where the caller puts it, is copied by
 * assignment, and needs no release. Messages never hold a secret, a token or a signature.
 */
#ifndef PAIL_UTIL_ERROR_H
#define PAIL_UTIL_ERROR_H

#include <stdbool.h>
#include <stdint.h>

enum pail_error_class {
        PAIL_ERROR_NONE,
        PAIL_ERROR_CONFIG,      /* a file, an option or a profile is wrong */
        PAIL_ERROR_CREDENTIALS, /* none found, or their source failed */
        PAIL_ERROR_RESOLVE,     /* the host name has no address */
        PAIL_ERROR_CONNECT,     /* nobody answers at the address, or a proxy refused */
        PAIL_ERROR_TLS,         /* certificate or handshake */
        PAIL_ERROR_TIMEOUT,     /* connect, first byte or stall: see the message */
        PAIL_ERROR_TRANSFER,    /* the connection broke, or the body was shorter or longer than announced */
        PAIL_ERROR_PROTOCOL,    /* the answer is not HTTP or not what S3 answers */
        PAIL_ERROR_SERVICE,     /* the service answered with an error: http_status, code */
        PAIL_ERROR_CANCELLED,   /* by us */
        PAIL_ERROR_SYSTEM,      /* a local call failed: error_number */
};

/* What is behind a failure of class CONNECT or TLS, where the libraries' words tell it. */
enum pail_error_reason {
        PAIL_REASON_UNKNOWN,
        PAIL_REASON_PROXY_LOGIN,    /* the proxy wants a user and a password */
        PAIL_REASON_EXPIRED,        /* the certificate, by this machine's clock */
        PAIL_REASON_NOT_YET_VALID,  /* the same */
        PAIL_REASON_OTHER_NAME,     /* the certificate is for another host */
        PAIL_REASON_UNKNOWN_SIGNER, /* the certificate is from an authority that is not trusted */
        PAIL_REASON_NO_BUNDLE,      /* the file of certificates to trust holds none */
        PAIL_REASON_NO_COMMON_TLS,  /* no version or cipher that both sides take */
};

struct pail_error {
        enum pail_error_class class;
        enum pail_error_reason reason;
        int error_number;        /* errno of a local failure, positive; of SERVICE: where the code misleads; else 0 */
        int http_status;         /* 0: no answer */
        bool sent;               /* at least part of the request may have reached the server */
        int64_t retry_after_ms;  /* what the server asked for; -1: nothing */
        int64_t clock_offset_s;  /* server's Date minus our clock, where an answer had a Date; else 0 */
        char code[64];           /* S3's <Code>, or "" */
        char request_id[96];     /* x-amz-request-id, or "" */
        char region[40];         /* x-amz-bucket-region or <Region>, or "" */
        char service_words[512]; /* S3's own <Message>, or of a page in its place the title; "": none */
        char message[1024];      /* one line in words, without a final full stop or newline */
};

#define PAIL_ERROR_INIT ((struct pail_error){ .retry_after_ms = -1 })

/* Sets class and message (printf-like, cut to fit, control characters replaced), clears the rest. error may be NULL. */
void pail_error_set(struct pail_error *error, enum pail_error_class class, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* The same for a local failure; error_number > 0; ": strerror" is appended. Returns -error_number. */
int pail_error_set_errno(struct pail_error *error, int error_number, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* Puts "context: " before the message. */
void pail_error_prefix(struct pail_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

const char *pail_error_class_name(enum pail_error_class class);

#endif
