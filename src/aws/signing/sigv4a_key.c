/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The private key is a number that HMAC gives, by the key derivation in counter mode of NIST SP 800-108:
 *
 *   HMAC-SHA256("AWS4A" + secret, 00000001 | "AWS4-ECDSA-P256-SHA256" | 00 | access key id | counter | 00000100)
 *
 * The counter goes from 1 up to the first result that is no larger than n - 2, n being the order of the curve; the key is that result
 * plus 1. All but one in 2^32 secrets need one round.
 */
#include "sigv4a_key.h"

#include <errno.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/sha.h>

#include "pail/util/buf.h"
#include "pail/util/cleanup.h"
#include "pail/util/crypto.h"

#define CURVE "prime256v1" /* X9.62's name of P-256 */

enum { COUNTER_MAX = 254, POINT_SIZE = 1 + 2 * PAIL_SHA256_SIZE, INPUT_MAX = 4096 };

PAIL_DEFINE_CLEANUP(BIGNUM, BN_clear_free);
PAIL_DEFINE_CLEANUP(EC_GROUP, EC_GROUP_free);
PAIL_DEFINE_CLEANUP(EC_POINT, EC_POINT_free);
PAIL_DEFINE_CLEANUP(OSSL_PARAM, OSSL_PARAM_free);
PAIL_DEFINE_CLEANUP(OSSL_PARAM_BLD, OSSL_PARAM_BLD_free);

void pail_sigv4a_slot_init(struct pail_sigv4a_slot *slot)
{
        *slot = (struct pail_sigv4a_slot){ 0 };
        pail_mutex_init(&slot->mutex);
}

void pail_sigv4a_slot_done(struct pail_sigv4a_slot *slot)
{
        EVP_PKEY_free(slot->key);
        pail_mutex_done(&slot->mutex);
}

/* One round of the derivation. */
static int run_derivation_round(const char *access_key_id, const struct pail_buf *secret, unsigned counter,
                                unsigned char ret_digest[static PAIL_SHA256_SIZE])
{
        static const char before[] = "\0\0\0\1AWS4-ECDSA-P256-SHA256", behind[] = "\0\0\1\0";
        unsigned char digest[EVP_MAX_MD_SIZE];
        unsigned length = 0;
        _cleanup_buf_ struct pail_buf input = PAIL_BUF_INIT(INPUT_MAX);

        pail_buf_append(&input, before, sizeof(before)); /* with its NUL */
        pail_buf_append_string(&input, access_key_id);
        pail_buf_append_char(&input, (char)counter);
        if (pail_buf_append(&input, behind, sizeof(behind) - 1) < 0)
                return input.error;
        if (!HMAC(EVP_sha256(), secret->data, (int)secret->length, (const unsigned char *)input.data, input.length,
                  digest, &length) ||
            length != PAIL_SHA256_SIZE)
                return -EIO;
        memcpy(ret_digest, digest, PAIL_SHA256_SIZE);
        OPENSSL_cleanse(digest, sizeof(digest));
        return 0;
}

/* 0: *number is the private key. -EAGAIN: the result of this round is too large. */
static int use_candidate(const EC_GROUP *group, unsigned char candidate[static PAIL_SHA256_SIZE], BIGNUM *number)
{
        _cleanup_(BN_clear_free_p) BIGNUM *limit = BN_dup(EC_GROUP_get0_order(group));

        if (!limit || !BN_sub_word(limit, 2) || !BN_bin2bn(candidate, PAIL_SHA256_SIZE, number))
                return -EIO;
        if (BN_cmp(number, limit) > 0)
                return -EAGAIN;
        return BN_add_word(number, 1) ? 0 : -EIO;
}

static int derive_number(const EC_GROUP *group, const char *access_key_id, const char *secret_access_key,
                         BIGNUM *number)
{
        unsigned char candidate[PAIL_SHA256_SIZE];
        _cleanup_buf_ struct pail_buf secret = PAIL_BUF_INIT_SECRET(INPUT_MAX);
        int r;

        r = pail_buf_printf(&secret, "AWS4A%s", secret_access_key);
        for (unsigned counter = 1; r == 0 && counter <= COUNTER_MAX; counter++) {
                r = run_derivation_round(access_key_id, &secret, counter, candidate);
                if (r == 0)
                        r = use_candidate(group, candidate, number);
                if (r != -EAGAIN)
                        break;
                r = counter < COUNTER_MAX ? 0 : -EIO;
        }
        OPENSSL_cleanse(candidate, sizeof(candidate));
        return r;
}

static int derive_point(const EC_GROUP *group, const BIGNUM *number, unsigned char ret_point[static POINT_SIZE])
{
        _cleanup_(EC_POINT_free_p) EC_POINT *point = EC_POINT_new(group);

        if (!point || !EC_POINT_mul(group, point, number, NULL, NULL, NULL) ||
            EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, ret_point, POINT_SIZE, NULL) != POINT_SIZE)
                return -EIO;
        return 0;
}

static int build_key(const BIGNUM *number, const unsigned char *point, EVP_PKEY **ret_key)
{
        _cleanup_(OSSL_PARAM_BLD_free_p) OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
        _cleanup_(OSSL_PARAM_free_p) OSSL_PARAM *parameters = NULL;
        _cleanup_evp_pkey_ctx_ EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);

        if (!build || !context || !OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, CURVE, 0) ||
            !OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, POINT_SIZE) ||
            !OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, number))
                return -EIO;
        parameters = OSSL_PARAM_BLD_to_param(build);
        if (!parameters || EVP_PKEY_fromdata_init(context) <= 0 ||
            EVP_PKEY_fromdata(context, ret_key, EVP_PKEY_KEYPAIR, parameters) <= 0)
                return -EIO;
        return 0;
}

static int derive_key(const char *access_key_id, const char *secret_access_key, EVP_PKEY **ret_key)
{
        _cleanup_(EC_GROUP_free_p) EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
        _cleanup_(BN_clear_free_p) BIGNUM *number = BN_new();
        unsigned char point[POINT_SIZE];
        int r;

        if (!group || !number)
                return -ENOMEM;
        BN_set_flags(number, BN_FLG_CONSTTIME);
        r = derive_number(group, access_key_id, secret_access_key, number);
        if (r == 0)
                r = derive_point(group, number, point);
        return r == 0 ? build_key(number, point, ret_key) : r;
}

static int make_slot_id(const char *access_key_id, const char *secret_access_key,
                        unsigned char ret_id[static PAIL_SHA256_SIZE])
{
        _cleanup_buf_ struct pail_buf text = PAIL_BUF_INIT_SECRET(2 * INPUT_MAX);
        int r;

        r = pail_buf_printf(&text, "%s\n%s", access_key_id, secret_access_key);
        if (r == 0 && !SHA256((const unsigned char *)text.data, text.length, ret_id))
                r = -EIO;
        return r;
}

static bool slot_find(struct pail_sigv4a_slot *slot, const unsigned char *id, EVP_PKEY **ret_key)
{
        PAIL_LOCK(&slot->mutex);
        if (!slot->key || CRYPTO_memcmp(slot->id, id, PAIL_SHA256_SIZE) != 0 || !EVP_PKEY_up_ref(slot->key))
                return false;
        *ret_key = slot->key;
        return true;
}

static void slot_keep(struct pail_sigv4a_slot *slot, const unsigned char *id, EVP_PKEY *key)
{
        PAIL_LOCK(&slot->mutex);
        if (!EVP_PKEY_up_ref(key))
                return;
        EVP_PKEY_free(slot->key);
        slot->key = key;
        memcpy(slot->id, id, PAIL_SHA256_SIZE);
}

int pail_sigv4a_key(struct pail_sigv4a_slot *slot, const char *access_key_id, const char *secret_access_key,
                    EVP_PKEY **ret_key)
{
        unsigned char id[PAIL_SHA256_SIZE];
        int r;

        if (!slot)
                return derive_key(access_key_id, secret_access_key, ret_key);
        r = make_slot_id(access_key_id, secret_access_key, id);
        if (r < 0 || slot_find(slot, id, ret_key))
                return r;
        r = derive_key(access_key_id, secret_access_key, ret_key);
        if (r == 0)
                slot_keep(slot, id, *ret_key);
        return r;
}
