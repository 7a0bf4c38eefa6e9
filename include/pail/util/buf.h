/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growable buffer with a cap given at init, used for bytes and as string builder: data is always
 * followed by a NUL that length does not count. Errors are sticky: after one failed append every
 * later one fails with the same value, so a builder is checked once, at its end.
 * Not thread safe; one owner.
 */
#ifndef PAIL_UTIL_BUF_H
#define PAIL_UTIL_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pail/util/cleanup.h"

struct pail_buf {
        char *data; /* "" or heap; never NULL after init */
        size_t length;
        size_t allocated; /* 0: data is a literal */
        size_t cap;       /* length never exceeds this */
        bool is_secret;   /* the data lies in memory for secrets */
        int error;        /* 0, -ENOMEM or -EMSGSIZE (cap) */
};

/*
 * An empty buffer, as the initialiser of a variable: each that is released by scope has it at its declaration, since a return may come
 * before any statement behind that. cap_bytes < SIZE_MAX / 2.
 */
#define PAIL_BUF_INIT(cap_bytes)                                                                                       \
        {                                                                                                              \
                .data = (char *)(uintptr_t) "", .cap = (cap_bytes)                                                     \
        }
/* The same in memory for secrets (pail/util/secret.h): nothing of it stays behind, neither on growth nor in the end. */
#define PAIL_BUF_INIT_SECRET(cap_bytes)                                                                                \
        {                                                                                                              \
                .data = (char *)(uintptr_t) "", .cap = (cap_bytes), .is_secret = true                                  \
        }
/* Of a buffer within something else. No allocation happens before the first append. */
void pail_buf_init(struct pail_buf *buf, size_t cap_bytes);
void pail_buf_init_secret(struct pail_buf *buf, size_t cap_bytes);
/* Frees the data; the buffer is then as after init and can be used again. */
void pail_buf_done(struct pail_buf *buf);
/* Length 0, error cleared, memory kept. */
void pail_buf_reset(struct pail_buf *buf);
/* Makes room for size more bytes: what is appended up to there leaves no copy behind, which matters for secrets. Errors as of an append. */
int pail_buf_reserve(struct pail_buf *buf, size_t size);
/* pail_buf_done() that overwrites the memory first. What a buffer held before it last grew is not found any more: see reserve. */
void pail_buf_wipe(struct pail_buf *buf);
/* Cuts to that length, if it is longer. Memory and a sticky error are kept. */
void pail_buf_truncate(struct pail_buf *buf, size_t length);

int pail_buf_append(struct pail_buf *buf, const void *data, size_t size);
int pail_buf_append_string(struct pail_buf *buf, const char *string);
int pail_buf_append_char(struct pail_buf *buf, char c);
int pail_buf_printf(struct pail_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
int pail_buf_vprintf(struct pail_buf *buf, const char *format, va_list arguments) __attribute__((format(printf, 2, 0)));

/*
 * Hands the NUL-terminated heap data to the caller (free(), of a secret buffer pail_secret_free()); the buffer is empty
 * then. -ENOMEM, or the sticky error.
 */
int pail_buf_steal(struct pail_buf *buf, char **ret_data, size_t *ret_length /* may be NULL */);

#define _cleanup_buf_ _cleanup_(pail_buf_done)
#define _cleanup_buf_wipe_ _cleanup_(pail_buf_wipe)

#endif
