/* SPDX-License-Identifier: Apache-2.0 */
#include "dpop.h"

#include <jansson.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include "../../../support/test.h"

enum { COORDINATE = 32, PART = 4096 };

/* base64url without padding, to bytes; -1: malformed. */
static int decode(const char *text, size_t length, unsigned char *ret_data, size_t size)
{
        char padded[PART + 4];
        unsigned char data[PART];

        if (length >= PART || strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") < length)
                return -1;
        for (size_t i = 0; i < length; i++)
                padded[i] = text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
        size_t whole = (length + 3) / 4 * 4;
        memset(padded + length, '=', whole - length);
        int n = EVP_DecodeBlock(data, (unsigned char *)padded, (int)whole);
        n -= n > 0 ? (int)(whole - length) : 0;
        if (n < 0 || (size_t)n > size)
                return -1;
        memcpy(ret_data, data, (size_t)n);
        return n;
}

static json_t *decode_json(const char *text, size_t length)
{
        unsigned char data[PART];
        int n = decode(text, length, data, sizeof(data));

        return n < 0 ? NULL : json_loadb((char *)data, (size_t)n, 0, NULL);
}

static EVP_PKEY *key_of(const json_t *jwk)
{
        const char *x = json_string_value(json_object_get(jwk, "x")), *y = json_string_value(json_object_get(jwk, "y"));
        unsigned char point[1 + 2 * COORDINATE] = { POINT_CONVERSION_UNCOMPRESSED };
        EVP_PKEY *key = NULL;

        if (!x || !y || decode(x, strlen(x), point + 1, COORDINATE) != COORDINATE ||
            decode(y, strlen(y), point + 1 + COORDINATE, COORDINATE) != COORDINATE)
                return NULL;
        OSSL_PARAM parameters[] = {
                OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)(uintptr_t) "P-256", 0),
                OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)),
                OSSL_PARAM_construct_end(),
        };
        EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
        if (EVP_PKEY_fromdata_init(context) != 1 ||
            EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
                key = NULL;
        EVP_PKEY_CTX_free(context);
        return key;
}

static bool is_ours(const EVP_PKEY *key)
{
        BIO *bio = BIO_new_mem_buf(DPOP_KEY_PUBLIC, -1);
        EVP_PKEY *ours = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
        bool is_same = ours && EVP_PKEY_eq(ours, key) == 1;

        EVP_PKEY_free(ours);
        BIO_free(bio);
        return is_same;
}

/* A JWT has the two numbers one after the other, OpenSSL wants them in DER. */
static bool is_signed(EVP_PKEY *key, const char *text, size_t length, const unsigned char pair[2 * COORDINATE])
{
        ECDSA_SIG *signature = ECDSA_SIG_new();
        unsigned char *der = NULL;
        EVP_MD_CTX *context = EVP_MD_CTX_new();

        ECDSA_SIG_set0(signature, BN_bin2bn(pair, COORDINATE, NULL), BN_bin2bn(pair + COORDINATE, COORDINATE, NULL));
        int der_length = i2d_ECDSA_SIG(signature, &der);
        bool good = EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
                    EVP_DigestVerify(context, der, (size_t)der_length, (const unsigned char *)text, length) == 1;
        EVP_MD_CTX_free(context);
        OPENSSL_free(der);
        ECDSA_SIG_free(signature);
        return good;
}

static bool has(const json_t *object, const char *key, const char *value)
{
        const char *found = json_string_value(json_object_get(object, key));

        return found && strcmp(found, value) == 0;
}

static bool take_claims(const json_t *claims, struct dpop *ret_dpop)
{
        const char *htm = json_string_value(json_object_get(claims, "htm"));
        const char *htu = json_string_value(json_object_get(claims, "htu"));
        const char *jti = json_string_value(json_object_get(claims, "jti"));

        if (!htm || !htu || !jti || !json_is_integer(json_object_get(claims, "iat")))
                return false;
        snprintf(ret_dpop->htm, sizeof(ret_dpop->htm), "%s", htm);
        snprintf(ret_dpop->htu, sizeof(ret_dpop->htu), "%s", htu);
        snprintf(ret_dpop->jti, sizeof(ret_dpop->jti), "%s", jti);
        ret_dpop->iat = json_integer_value(json_object_get(claims, "iat"));
        return true;
}

bool dpop_is_good(struct dpop *ret_dpop, const char *jwt)
{
        const char *first = strchr(jwt, '.'), *second = first ? strchr(first + 1, '.') : NULL;
        unsigned char pair[2 * COORDINATE];

        if (!second || decode(second + 1, strlen(second + 1), pair, sizeof(pair)) != sizeof(pair))
                return false;
        json_t *header = decode_json(jwt, (size_t)(first - jwt));
        json_t *claims = decode_json(first + 1, (size_t)(second - first - 1));
        json_t *jwk = json_object_get(header, "jwk");
        EVP_PKEY *key = key_of(jwk);
        bool good = key && is_ours(key) && has(header, "typ", "dpop+jwt") && has(header, "alg", "ES256") &&
                    has(jwk, "kty", "EC") && has(jwk, "crv", "P-256") && json_object_size(jwk) == 4 &&
                    is_signed(key, jwt, (size_t)(second - jwt), pair) && take_claims(claims, ret_dpop);
        EVP_PKEY_free(key);
        json_decref(header);
        json_decref(claims);
        return good;
}

void dpop_verify(struct dpop *ret_dpop, const char *jwt)
{
        if (!dpop_is_good(ret_dpop, jwt))
                fail_msg("not a good proof: %s", jwt);
}
