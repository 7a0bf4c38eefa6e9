/* SPDX-License-Identifier: Apache-2.0 */
/*
 * header "." payload "." signature, each in base64url (RFC 7515). The JSON is written by hand, since its strings are made here or were
 * checked; the key stays in OpenSSL's hands from the PEM text to the signature.
 */
#include "login_dpop.h"

#include <errno.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "pail/util/crypto.h"
#include "pail/util/random.h"
#include "pail/util/str.h"

enum {
        DPOP_COORDINATE_BYTES = 32, /* of P-256; r and s of a signature have the same length */
        DPOP_DER_BYTES = 80,        /* r and s with their tags and lengths: at most 72 */
        DPOP_PART_BYTES = 8192,
};

PAIL_DEFINE_CLEANUP(BIGNUM, BN_free);
PAIL_DEFINE_CLEANUP(ECDSA_SIG, ECDSA_SIG_free);
PAIL_DEFINE_CLEANUP(BIO, BIO_free_all);

/* RFC 7515: base64url without padding. */
static int append_base64url(struct pail_buf *target, const void *data, size_t size)
{
        size_t before = target->length;
        int r = pail_str_base64_encode(target, data, size);

        if (r < 0)
                return r;
        while (target->length > before && target->data[target->length - 1] == '=')
                pail_buf_truncate(target, target->length - 1);
        for (char *at = target->data + before; *at; at++)
                *at = *at == '+' ? '-' : *at == '/' ? '_' : *at;
        return 0;
}

/* Without this the library would ask for the password of an encrypted key on the terminal. */
static int give_no_password(char *buffer, int size, int is_writing, void *context)
{
        (void)buffer;
        (void)size;
        (void)is_writing;
        (void)context;
        return -1;
}

static int load_key(const char *pem, EVP_PKEY **ret_key)
{
        _cleanup_(BIO_free_all_p) BIO *bio = BIO_new_mem_buf(pem, -1);
        _cleanup_evp_pkey_ EVP_PKEY *key = NULL;
        char curve[32] = "";
        size_t length;

        if (!bio)
                return -ENOMEM;
        key = PEM_read_bio_PrivateKey(bio, NULL, give_no_password, NULL);
        if (!key || EVP_PKEY_get_group_name(key, curve, sizeof(curve), &length) != 1 ||
            strcmp(curve, "prime256v1") != 0) {
                ERR_clear_error(); /* nobody else is to find our reasons in this thread's queue */
                return -EINVAL;
        }
        *ret_key = pail_steal(&key);
        return 0;
}

static int append_coordinate(struct pail_buf *target, const EVP_PKEY *key, const char *name)
{
        _cleanup_(BN_free_p) BIGNUM *number = NULL;
        unsigned char bytes[DPOP_COORDINATE_BYTES];

        if (EVP_PKEY_get_bn_param(key, name, &number) != 1 ||
            BN_bn2binpad(number, bytes, sizeof(bytes)) != sizeof(bytes))
                return -EIO;
        return append_base64url(target, bytes, sizeof(bytes));
}

static int append_header(struct pail_buf *target, const EVP_PKEY *key)
{
        _cleanup_buf_ struct pail_buf json = PAIL_BUF_INIT(DPOP_PART_BYTES);
        int r;

        pail_buf_append_string(&json, "{\"typ\":\"dpop+jwt\",\"alg\":\"ES256\",\"jwk\":{\"kty\":\"EC\",\"x\":\"");
        r = append_coordinate(&json, key, OSSL_PKEY_PARAM_EC_PUB_X);
        if (r == 0)
                r = pail_buf_append_string(&json, "\",\"y\":\"");
        if (r == 0)
                r = append_coordinate(&json, key, OSSL_PKEY_PARAM_EC_PUB_Y);
        if (r == 0)
                r = pail_buf_append_string(&json, "\",\"crv\":\"P-256\"}}");
        return r == 0 ? append_base64url(target, json.data, json.length) : r;
}

/* url went through pail_url_parse(), which lets nothing pass that JSON would want escaped. jti: a random UUID (RFC 9562, version 4). */
static int append_payload(struct pail_buf *target, const char *url, int64_t now)
{
        _cleanup_buf_ struct pail_buf json = PAIL_BUF_INIT(DPOP_PART_BYTES);
        unsigned char b[16];

        pail_random_fill(b, sizeof(b));
        b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
        b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
        pail_buf_printf(&json, "{\"htm\":\"POST\",\"htu\":\"%s\",\"iat\":%lld,\"jti\":\"", url, (long long)now);
        for (size_t i = 0; i < sizeof(b); i++)
                pail_buf_printf(&json, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", b[i]);
        pail_buf_append_string(&json, "\"}");
        return json.error < 0 ? json.error : append_base64url(target, json.data, json.length);
}

/* OpenSSL signs in DER; a JWT wants the two numbers, padded, one after the other (RFC 7518 §3.4). */
static int unpack_signature(const unsigned char *der, size_t length,
                            unsigned char ret_pair[static 2 * DPOP_COORDINATE_BYTES])
{
        _cleanup_(ECDSA_SIG_free_p) ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)length);

        if (!pair || BN_bn2binpad(ECDSA_SIG_get0_r(pair), ret_pair, DPOP_COORDINATE_BYTES) != DPOP_COORDINATE_BYTES ||
            BN_bn2binpad(ECDSA_SIG_get0_s(pair), ret_pair + DPOP_COORDINATE_BYTES, DPOP_COORDINATE_BYTES) !=
                    DPOP_COORDINATE_BYTES)
                return -EIO;
        return 0;
}

static int append_signature(struct pail_buf *target, EVP_PKEY *key, const char *text, size_t length)
{
        _cleanup_evp_md_ctx_ EVP_MD_CTX *context = EVP_MD_CTX_new();
        unsigned char der[DPOP_DER_BYTES], pair[2 * DPOP_COORDINATE_BYTES];
        size_t der_length = sizeof(der);
        int r;

        if (!context)
                return -ENOMEM;
        if (EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) != 1 ||
            EVP_DigestSign(context, der, &der_length, (const unsigned char *)text, length) != 1)
                return -EIO;
        r = unpack_signature(der, der_length, pair);
        return r == 0 ? append_base64url(target, pair, sizeof(pair)) : r;
}

int pail_login_dpop(struct pail_buf *target, const char *key, const char *url, int64_t now)
{
        _cleanup_evp_pkey_ EVP_PKEY *private_key = NULL;
        _cleanup_buf_ struct pail_buf text = PAIL_BUF_INIT(2 * (size_t)DPOP_PART_BYTES);
        _cleanup_buf_ struct pail_buf signature = PAIL_BUF_INIT(DPOP_PART_BYTES);
        int r;

        r = load_key(key, &private_key);
        if (r == 0)
                r = append_header(&text, private_key);
        if (r == 0)
                r = pail_buf_append_char(&text, '.');
        if (r == 0)
                r = append_payload(&text, url, now);
        if (r == 0)
                r = append_signature(&signature, private_key, text.data, text.length);
        return r == 0 ? pail_buf_printf(target, "%s.%s", text.data, signature.data) : r;
}
