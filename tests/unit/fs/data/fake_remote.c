/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_remote.h"

#include "pail/util/str.h"
#include "pail/util/workpool.h"

/* The pattern repeats after a prime number of bytes: no two blocks are alike, and copying it costs little. */
enum { PERIOD = 65521 };
static char pattern[PERIOD];

static __attribute__((constructor)) void make_pattern(void)
{
        for (uint64_t i = 0; i < PERIOD; i++)
                pattern[i] = (char)((i * UINT64_C(0x9E3779B97F4A7C15)) >> 56);
}

char fake_byte(uint64_t position)
{
        return pattern[position % PERIOD];
}

static void fill(char *target, uint64_t position, size_t size)
{
        while (size > 0) {
                size_t at = position % PERIOD, n = size < PERIOD - at ? size : PERIOD - at;
                memcpy(target, pattern + at, n);
                target += n;
                position += n;
                size -= n;
        }
}

static struct fake_call *own(struct pail_remote_call *call)
{
        return (void *)call;
}

static uint32_t next_random(uint32_t *seed)
{
        *seed ^= *seed << 13;
        *seed ^= *seed >> 17;
        *seed ^= *seed << 5;
        return *seed;
}

static int tell(struct fake_call *call)
{
        struct pail_remote_object object = { .size_bytes = call->fake->object_bytes };

        if (call->was_told)
                return 0;
        call->was_told = true;
        pail_str_copy(object.etag, sizeof object.etag, call->fake->etag);
        return call->sink->begin(call->context, &object, call->fake->has_checksum && call->is_whole);
}

static int deliver(struct fake_call *call, uint64_t size)
{
        enum { PIECE = 64 * 1024 };
        char *bytes = malloc(PIECE);
        int r = tell(call);

        THREAD_CHECK(bytes);
        while (size > 0 && r == 0) {
                size_t n = size < PIECE ? size : PIECE;
                fill(bytes, call->offset + call->delivered_bytes, n);
                r = call->sink->deliver(call->context, bytes, n);
                if (r < 0)
                        break;
                call->delivered_bytes += n;
                size -= n;
                atomic_fetch_add(&call->fake->bytes, n);
        }
        free(bytes);
        return r;
}

static void end_with(struct fake_call *call, int result, enum pail_remote_cause cause)
{
        const struct pail_remote_error error = { .cause = cause, .message = "the fake says no" };

        call->has_ended = true;
        atomic_fetch_sub(&call->fake->in_flight, 1);
        call->sink->done(call->context, result, result < 0 ? &error : NULL);
}

static void serve_by_thread(void *argument)
{
        struct fake_call *call = argument;
        struct fake_remote *fake = call->fake;
        uint32_t seed = atomic_fetch_add(&fake->seed, 0x9E3779B9) | 1;
        bool fails = fake->fail_one_in > 0 && next_random(&seed) % fake->fail_one_in == 0;
        uint64_t stop = fails ? next_random(&seed) % call->size_bytes : call->size_bytes;
        int r = 0;

        while (call->delivered_bytes < stop && r == 0 && !atomic_load(&call->is_cancelled)) {
                uint64_t n = 1 + next_random(&seed) % 200000;
                r = deliver(call, n < stop - call->delivered_bytes ? n : stop - call->delivered_bytes);
        }
        if (r < 0 || call->delivered_bytes < stop) {
                end_with(call, -EINTR, PAIL_REMOTE_LOCAL);
        } else if (fails) {
                atomic_fetch_add(&fake->failures, 1);
                end_with(call, -ETIMEDOUT, PAIL_REMOTE_UNKNOWN);
        } else {
                end_with(call, 0, PAIL_REMOTE_UNKNOWN);
        }
}

static int fetch(struct pail_remote *remote, const struct pail_remote_range *input, const struct pail_remote_sink *sink,
                 void *context, struct pail_remote_call **ret_call, struct pail_remote_error *ret_error)
{
        struct fake_remote *fake = (struct fake_remote *)remote;
        struct fake_call *call;
        unsigned now, peak;

        (void)ret_error;
        if (fake->start_result < 0)
                return fake->start_result;
        call = &fake->calls[atomic_fetch_add(&fake->taken, 1)];
        THREAD_CHECK(call < fake->calls + FAKE_CALLS_MAX && (input->size_bytes > 0 || input->offset == 0));
        call->fake = fake;
        pail_str_copy(call->key, sizeof call->key, input->key);
        pail_str_copy(call->if_match, sizeof call->if_match, input->if_match);
        call->offset = input->offset;
        call->is_whole = input->size_bytes == 0;
        call->size_bytes = call->is_whole ? fake->object_bytes : input->size_bytes;
        call->priority = input->priority;
        call->sink = sink;
        call->context = context;
        atomic_store(&call->refs, 1);
        now = atomic_fetch_add(&fake->in_flight, 1) + 1;
        peak = atomic_load(&fake->peak_in_flight);
        while (now > peak && !atomic_compare_exchange_weak(&fake->peak_in_flight, &peak, now))
                ;
        atomic_fetch_add(&fake->count, 1); /* now a test may look at it */
        *ret_call = (void *)call;
        if (fake->servers)
                THREAD_CHECK(pail_workpool_submit(fake->servers, serve_by_thread, call) == 0);
        return 0;
}

static void cancel_call(struct pail_remote_call *call)
{
        THREAD_CHECK(atomic_load(&own(call)->refs) == 1);
        atomic_store(&own(call)->is_cancelled, true);
}

static void raise_call(struct pail_remote_call *call)
{
        THREAD_CHECK(atomic_load(&own(call)->refs) == 1);
        atomic_fetch_add(&own(call)->raises, 1);
}

static void unref_call(struct pail_remote_call *call)
{
        if (call)
                THREAD_CHECK(atomic_fetch_sub(&own(call)->refs, 1) == 1);
}

static struct pail_remote *ref(struct pail_remote *remote)
{
        atomic_fetch_add(&((struct fake_remote *)remote)->refs, 1);
        return remote;
}

static void unref(struct pail_remote *remote)
{
        THREAD_CHECK(atomic_fetch_sub(&((struct fake_remote *)remote)->refs, 1) > 0);
}

static const struct pail_remote_ops ops = {
        .ref = ref,
        .unref = unref,
        .fetch = fetch,
        .raise_call = raise_call,
        .cancel_call = cancel_call,
        .unref_call = unref_call,
};

void fake_init(struct fake_remote *fake, uint64_t object_bytes)
{
        memset(fake, 0, sizeof *fake);
        fake->base.ops = &ops;
        fake->calls = calloc(FAKE_CALLS_MAX, sizeof *fake->calls);
        assert_non_null(fake->calls);
        fake->object_bytes = object_bytes;
        pail_str_copy(fake->etag, sizeof fake->etag, "etag-1");
        atomic_store(&fake->seed, 4711);
}

void fake_serve_by_threads(struct fake_remote *fake, unsigned threads, unsigned fail_one_in)
{
        fake->fail_one_in = fail_one_in;
        assert_int_equal(pail_workpool_new("fake", threads, &fake->servers), 0);
}

void fake_finish_all(struct fake_remote *fake)
{
        if (fake->servers) {
                pail_workpool_free(fake->servers);
                fake->servers = NULL;
        }
        for (unsigned i = 0; i < fake->count; i++) {
                if (!fake->calls[i].has_ended)
                        end_with(&fake->calls[i], -EINTR, PAIL_REMOTE_LOCAL);
        }
}

void fake_done(struct fake_remote *fake)
{
        for (unsigned i = 0; i < fake->count; i++) {
                assert_true(fake->calls[i].has_ended);
                assert_int_equal(fake->calls[i].refs, 0);
        }
        assert_int_equal(fake->refs, 0);
        free(fake->calls);
}

int fake_deliver(struct fake_remote *fake, unsigned number, uint64_t size)
{
        assert_true(number < fake->count && !fake->calls[number].has_ended);
        return deliver(&fake->calls[number], size);
}

void fake_deliver_damaged(struct fake_remote *fake, unsigned number)
{
        struct fake_call *call = &fake->calls[number];
        char *bytes = malloc(call->size_bytes);

        assert_non_null(bytes);
        assert_int_equal(tell(call), 0);
        fill(bytes, 0, call->size_bytes);
        bytes[0] = (char)~bytes[0];
        assert_int_equal(call->sink->deliver(call->context, bytes, call->size_bytes), 0);
        free(bytes);
}

void fake_again(struct fake_remote *fake, unsigned number)
{
        assert_int_equal(fake->calls[number].sink->restart(fake->calls[number].context), 0);
}

void fake_serve(struct fake_remote *fake, unsigned number)
{
        struct fake_call *call = &fake->calls[number];

        assert_int_equal(fake_deliver(fake, number, call->size_bytes - call->delivered_bytes), 0);
        end_with(call, 0, PAIL_REMOTE_UNKNOWN);
}

void fake_refuse(struct fake_remote *fake, unsigned number, int result, enum pail_remote_cause cause)
{
        assert_true(number < fake->count && !fake->calls[number].has_ended);
        end_with(&fake->calls[number], result, cause);
}

void fake_end(struct fake_remote *fake, unsigned number, int result)
{
        fake_refuse(fake, number, result, result == -EINTR ? PAIL_REMOTE_LOCAL : PAIL_REMOTE_UNKNOWN);
}

void fake_serve_from(struct fake_remote *fake, unsigned first)
{
        for (; first < fake->count; first++) {
                if (fake->calls[first].has_ended)
                        continue;
                if (atomic_load(&fake->calls[first].is_cancelled))
                        fake_end(fake, first, -EINTR);
                else
                        fake_serve(fake, first);
        }
}

void fake_await(struct fake_remote *fake, unsigned count)
{
        while (atomic_load(&fake->count) < count)
                usleep(200);
}

void fake_check_result(const struct pail_content_result *result, uint64_t offset, size_t size)
{
        size_t total = 0;

        THREAD_CHECK(result->size_bytes == size && result->count <= PAIL_CONTENT_IOV_MAX);
        for (unsigned i = 0; i < result->count; i++) {
                const char *data = result->iov[i].iov_base;
                size_t length = result->iov[i].iov_len;
                for (size_t at = (offset + i) % 37; at < length; at += 37)
                        THREAD_CHECK(data[at] == fake_byte(offset + at));
                THREAD_CHECK(data[length - 1] == fake_byte(offset + length - 1));
                offset += length;
                total += length;
        }
        THREAD_CHECK(total == size);
}
