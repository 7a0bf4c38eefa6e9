/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The buffer doubles, so that appends cost amortised constant time, and never allocates past its cap. An empty
 * buffer points at a literal: initialising one costs nothing and its data can always be read as a string. The
 * literal lies in read-only memory, so code that writes into an empty buffer faults instead of changing every
 * other empty buffer, which a shared static array would allow.
 *
 * Invariants: length <= cap; data[length] == 0; allocated == 0 or allocated > length; allocated <= cap + 1.
 */
#include "pail/util/buf.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pail/util/secret.h"

enum { FIRST_ALLOCATION = 64 };

void pail_buf_init(struct pail_buf *buf, size_t cap_bytes)
{
        *buf = (struct pail_buf)PAIL_BUF_INIT(cap_bytes);
}

void pail_buf_init_secret(struct pail_buf *buf, size_t cap_bytes)
{
        *buf = (struct pail_buf)PAIL_BUF_INIT_SECRET(cap_bytes);
}

/* Forgets the data. */
static void empty_buf(struct pail_buf *buf)
{
        bool is_secret = buf->is_secret;
        pail_buf_init(buf, buf->cap);
        buf->is_secret = is_secret;
}

void pail_buf_done(struct pail_buf *buf)
{
        if (buf->allocated && buf->is_secret)
                pail_secret_free(buf->data);
        else if (buf->allocated)
                free(buf->data);
        empty_buf(buf);
}

void pail_buf_wipe(struct pail_buf *buf)
{
        if (buf->allocated)
                explicit_bzero(buf->data, buf->allocated);
        pail_buf_done(buf);
}

void pail_buf_reset(struct pail_buf *buf)
{
        pail_buf_truncate(buf, 0);
        buf->error = 0;
}

void pail_buf_truncate(struct pail_buf *buf, size_t length)
{
        if (length >= buf->length)
                return;
        buf->length = length;
        buf->data[length] = 0;
}

static int set_error(struct pail_buf *buf, int error)
{
        buf->error = error;
        return error;
}

/* The NUL has room as well. */
int pail_buf_reserve(struct pail_buf *buf, size_t size)
{
        assert(buf->cap < SIZE_MAX / 2);
        if (buf->error)
                return buf->error;
        if (size > buf->cap - buf->length)
                return set_error(buf, -EMSGSIZE);
        size_t needed = buf->length + size + 1;
        if (needed <= buf->allocated)
                return 0;

        size_t wanted = buf->allocated ? buf->allocated : FIRST_ALLOCATION;
        while (wanted < needed)
                wanted *= 2; /* cannot overflow: needed <= SIZE_MAX / 2 */
        if (wanted > buf->cap + 1)
                wanted = buf->cap + 1;
        char *old = buf->allocated ? buf->data : NULL;
        char *data = buf->is_secret ? pail_secret_realloc(old, wanted) : realloc(old, wanted);
        if (!data)
                return set_error(buf, -ENOMEM);
        data[buf->length] = 0;
        buf->data = data;
        buf->allocated = wanted;
        return 0;
}

int pail_buf_append(struct pail_buf *buf, const void *data, size_t size)
{
        if (size == 0)
                return buf->error;
        int r = pail_buf_reserve(buf, size);
        if (r < 0)
                return r;
        memcpy(buf->data + buf->length, data, size);
        buf->length += size;
        buf->data[buf->length] = 0;
        return 0;
}

int pail_buf_append_string(struct pail_buf *buf, const char *string)
{
        return pail_buf_append(buf, string, strlen(string));
}

int pail_buf_append_char(struct pail_buf *buf, char c)
{
        return pail_buf_append(buf, &c, 1);
}

/* Prints into the room that there is; the caller learns the true length. Restores the NUL when it did not fit. */
static int print_into_room(struct pail_buf *buf, const char *format, va_list arguments)
        __attribute__((format(printf, 2, 0)));

static int print_into_room(struct pail_buf *buf, const char *format, va_list arguments)
{
        size_t room = buf->allocated ? buf->allocated - buf->length : 0;
        int length = vsnprintf(room ? buf->data + buf->length : NULL, room, format, arguments);
        if (length >= 0 && (size_t)length < room) {
                buf->length += (size_t)length;
                return length;
        }
        if (room)
                buf->data[buf->length] = 0;
        return length;
}

int pail_buf_vprintf(struct pail_buf *buf, const char *format, va_list arguments)
{
        if (buf->error)
                return buf->error;

        size_t before = buf->length;
        va_list again;
        va_copy(again, arguments);
        int length = print_into_room(buf, format, arguments);
        int r = 0;
        if (length < 0) /* more than INT_MAX bytes, or a wide character without a form in this locale */
                r = set_error(buf, errno == ENOMEM ? -ENOMEM : -EMSGSIZE);
        else if (length > 0 && buf->length == before) {
                r = pail_buf_reserve(buf, (size_t)length);
                if (r == 0 && print_into_room(buf, format, again) != length)
                        r = set_error(buf, -ENOMEM);
        }
        va_end(again);
        return r;
}

int pail_buf_printf(struct pail_buf *buf, const char *format, ...)
{
        va_list arguments;
        va_start(arguments, format);
        int r = pail_buf_vprintf(buf, format, arguments);
        va_end(arguments);
        return r;
}

int pail_buf_steal(struct pail_buf *buf, char **ret_data, size_t *ret_length)
{
        int r = pail_buf_reserve(buf, 0); /* an empty buffer has no heap data yet */
        if (r < 0)
                return r;
        *ret_data = buf->data;
        if (ret_length)
                *ret_length = buf->length;
        empty_buf(buf);
        return 0;
}
