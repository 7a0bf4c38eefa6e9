/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "Task 3: Calculate the signature". A key is good for one day, region and service, so a mount needs one or two at a time; the
 * cache saves four of the five HMACs of a request. An entry is recognised by a digest of everything the key depends on,
 * the secret included, so that no second copy of the secret lies around; the keys themselves are wiped.
 */
#include "sigv4_key.h"

#include <errno.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/mutex.h"
#include "pail/util/secret.h"
#include "sigv4a_key.h"

enum { KEY_CACHE_SIZE = 8 };

struct entry {
        unsigned char id[PAIL_SHA256_SIZE];
        unsigned char key[PAIL_SHA256_SIZE];
};

struct pail_sigv4_key_cache {
        struct pail_sigv4a_slot asymmetric;
        struct {
                struct pail_mutex mutex;
                struct entry entries[KEY_CACHE_SIZE];
                size_t count; /* of keys put in ever: the next one replaces the oldest */
        } guarded;
};

int pail_sigv4_key_cache_new(struct pail_sigv4_key_cache **ret_cache)
{
        struct pail_sigv4_key_cache *cache = pail_secret_calloc(1, sizeof(*cache));

        if (!cache)
                return -ENOMEM;
        pail_sigv4a_slot_init(&cache->asymmetric);
        pail_mutex_init(&cache->guarded.mutex);
        *ret_cache = cache;
        return 0;
}

void pail_sigv4_key_cache_free(struct pail_sigv4_key_cache *cache)
{
        if (!cache)
                return;
        pail_sigv4a_slot_done(&cache->asymmetric);
        pail_mutex_done(&cache->guarded.mutex);
        pail_secret_free(cache);
}

struct pail_sigv4a_slot *pail_sigv4_key_cache_slot(struct pail_sigv4_key_cache *cache)
{
        return &cache->asymmetric;
}

/* ret_digest may be the key. */
static int compute_hmac(const void *key, size_t key_size, const void *data, size_t size,
                        unsigned char ret_digest[static PAIL_SHA256_SIZE])
{
        return HMAC(EVP_sha256(), key, (int)key_size, data, size, ret_digest, NULL) ? 0 : -EIO;
}

static int derive_key(const char *secret, const struct pail_sigv4_scope *scope,
                      unsigned char ret_key[static PAIL_SHA256_SIZE])
{
        _cleanup_buf_ struct pail_buf first = PAIL_BUF_INIT_SECRET(4096);
        char date[9];
        const char *const parts[] = { date, scope->region, scope->service, "aws4_request" };
        int r;

        pail_sigv4_scope_date(scope, date);
        r = pail_buf_printf(&first, "AWS4%s", secret);
        if (r < 0)
                return r;
        r = compute_hmac(first.data, first.length, parts[0], strlen(parts[0]), ret_key);
        for (size_t i = 1; r == 0 && i < sizeof(parts) / sizeof(parts[0]); i++)
                r = compute_hmac(ret_key, PAIL_SHA256_SIZE, parts[i], strlen(parts[i]), ret_key);
        return r;
}

static int make_entry_id(const char *secret, const struct pail_sigv4_scope *scope,
                         unsigned char ret_id[static PAIL_SHA256_SIZE])
{
        _cleanup_buf_ struct pail_buf text = PAIL_BUF_INIT_SECRET(8192);

        pail_sigv4_scope_append(&text, scope);
        pail_buf_append_char(&text, '\n');
        if (pail_buf_append_string(&text, secret) < 0)
                return text.error;
        return SHA256((const unsigned char *)text.data, text.length, ret_id) ? 0 : -EIO;
}

static bool cache_find(struct pail_sigv4_key_cache *cache, const unsigned char *id, unsigned char *ret_key)
{
        PAIL_LOCK(&cache->guarded.mutex);
        for (size_t i = 0; i < KEY_CACHE_SIZE && i < cache->guarded.count; i++) {
                if (CRYPTO_memcmp(cache->guarded.entries[i].id, id, PAIL_SHA256_SIZE) != 0)
                        continue;
                memcpy(ret_key, cache->guarded.entries[i].key, PAIL_SHA256_SIZE);
                return true;
        }
        return false;
}

/* Two threads may put in the same key at midnight: harmless. */
static void cache_add(struct pail_sigv4_key_cache *cache, const unsigned char *id, const unsigned char *key)
{
        PAIL_LOCK(&cache->guarded.mutex);
        struct entry *entry = &cache->guarded.entries[cache->guarded.count++ % KEY_CACHE_SIZE];

        memcpy(entry->id, id, PAIL_SHA256_SIZE);
        memcpy(entry->key, key, PAIL_SHA256_SIZE);
}

static int find_or_derive_key(struct pail_sigv4_key_cache *cache, const char *secret,
                              const struct pail_sigv4_scope *scope, unsigned char ret_key[static PAIL_SHA256_SIZE])
{
        unsigned char id[PAIL_SHA256_SIZE];
        int r;

        if (!cache)
                return derive_key(secret, scope, ret_key);
        r = make_entry_id(secret, scope, id);
        if (r < 0 || cache_find(cache, id, ret_key))
                return r;
        r = derive_key(secret, scope, ret_key);
        if (r == 0)
                cache_add(cache, id, ret_key);
        return r;
}

int pail_sigv4_key_sign(struct pail_sigv4_key_cache *cache, const char *secret_access_key,
                        const struct pail_sigv4_scope *scope, const char *string_to_sign, size_t length,
                        char ret_signature[static PAIL_SHA256_HEX_SIZE])
{
        /* First the key, then the digest in its place: not on the stack, which dumps show. */
        _cleanup_secret_ unsigned char *bytes = pail_secret_calloc(1, PAIL_SHA256_SIZE);
        int r = bytes ? find_or_derive_key(cache, secret_access_key, scope, bytes) : -ENOMEM;

        if (r == 0)
                r = compute_hmac(bytes, PAIL_SHA256_SIZE, string_to_sign, length, bytes);
        if (r == 0)
                pail_sigv4_digest_hex(bytes, PAIL_SHA256_SIZE, ret_signature);
        return r;
}
