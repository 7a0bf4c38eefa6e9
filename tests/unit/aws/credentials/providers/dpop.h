/* SPDX-License-Identifier: Apache-2.0 */
/* Verifies the proofs that login_dpop.h makes, as the service would: with the public key that is in them. Keys made for these tests. */
#ifndef PAIL_TESTS_UNIT_AWS_CREDENTIALS_PROVIDERS_DPOP_H
#define PAIL_TESTS_UNIT_AWS_CREDENTIALS_PROVIDERS_DPOP_H

#include <stdbool.h>
#include <stdint.h>

#define DPOP_KEY_PKCS8                                                                                                 \
        "-----BEGIN PRIVATE KEY-----\n"                                                                                \
        "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgt3qsWYdnX/PQVOD/\n"                                           \
        "eoVqG12mPuDPE++ixfgg3LPBA3yhRANCAAQNoFfCbvgIt4hM/7gcZE2wEpFOmHN8\n"                                           \
        "6Aa6dVa0ld6eGxVUXaxbGbeWUknt1FxS7YsHZ9AS3tn6RK2tghnf+AF9\n"                                                   \
        "-----END PRIVATE KEY-----\n"
#define DPOP_KEY_SEC1                                                                                                  \
        "-----BEGIN EC PRIVATE KEY-----\n"                                                                             \
        "MHcCAQEEILd6rFmHZ1/z0FTg/3qFahtdpj7gzxPvosX4INyzwQN8oAoGCCqGSM49\n"                                           \
        "AwEHoUQDQgAEDaBXwm74CLeITP+4HGRNsBKRTphzfOgGunVWtJXenhsVVF2sWxm3\n"                                           \
        "llJJ7dRcUu2LB2fQEt7Z+kStrYIZ3/gBfQ==\n"                                                                       \
        "-----END EC PRIVATE KEY-----\n"
#define DPOP_KEY_P384                                                                                                  \
        "-----BEGIN EC PRIVATE KEY-----\n"                                                                             \
        "MIGkAgEBBDCGofb+xazMd8IVGgoKV3ZFisWbXq9+TSneknALVc6i+79lDEytlgqz\n"                                           \
        "LYcQyoobszygBwYFK4EEACKhZANiAAT7ZFdxTPX+AdBdU04vkDzkrlqe6njGxBu8\n"                                           \
        "lc9uNcsS+6YB+YKQrW9yFz/bmx20XsRHr/32CBREcy648FwTZ6KbTC+lMqcEZ9iV\n"                                           \
        "/aqBv+RWk1O/rCbSYh1idGAUfcbATG8=\n"                                                                           \
        "-----END EC PRIVATE KEY-----\n"
#define DPOP_KEY_ENCRYPTED                                                                                             \
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"                                                                      \
        "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiHp0A5J0a4aAICCAAw\n"                                           \
        "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEENT4lwSAtKOdxLd1YIsiZVQEgZB5\n"                                           \
        "hXAMAotg4T9XL8dVQw5JuwcfjGCG0mB/fAMLvncwKViSHBw6683sAVVp5SrkLilq\n"                                           \
        "Dh+wQljRbHlxSsPw5v4b6eUJTRRQuMV7z7XNqvT7r2fpKoeFGPhrZ6pr3aBz53+D\n"                                           \
        "8cawHj+C7R+Guq5xCC2T9mO+wcWi50QTo7lIlxZFaqx3AFkwhzOLdIem5ix/e4E=\n"                                           \
        "-----END ENCRYPTED PRIVATE KEY-----\n"
#define DPOP_KEY_PUBLIC                                                                                                \
        "-----BEGIN PUBLIC KEY-----\n"                                                                                 \
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEDaBXwm74CLeITP+4HGRNsBKRTphz\n"                                           \
        "fOgGunVWtJXenhsVVF2sWxm3llJJ7dRcUu2LB2fQEt7Z+kStrYIZ3/gBfQ==\n"                                               \
        "-----END PUBLIC KEY-----\n"

struct dpop {
        char htm[16], htu[256], jti[64];
        int64_t iat;
};

/* false: not of the right form, not signed with the key of its header, or that key is not the one above. */
bool dpop_is_good(struct dpop *ret_dpop, const char *jwt);
/* The same; fails the test. */
void dpop_verify(struct dpop *ret_dpop, const char *jwt);

#endif
