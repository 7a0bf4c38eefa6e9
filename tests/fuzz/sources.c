/* SPDX-License-Identifier: Apache-2.0 */
#include "sources.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/evp.h>

#include "aws/config/settings_resolve.h"
#include "aws/credentials/chain.h"
#include "aws/credentials/service.h"
#include "fuzz.h"

static const char config[] = "[profile role]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = keys\n"
                             "[profile keys]\naws_access_key_id = a\naws_secret_access_key = b\n"
                             "[profile web]\nrole_arn = arn:aws:iam::1:role/x\nweb_identity_token_file = %1$s/token\n"
                             "[profile sso]\nsso_session = s\nsso_account_id = 1\nsso_role_name = r\n"
                             "[sso-session s]\nsso_region = us-east-1\nsso_start_url = https://x/start\n"
                             "[profile login]\nlogin_session = s\nregion = us-east-1\n"
                             "[profile container]\nregion = us-east-1\n"
                             "[profile machine]\nregion = us-east-1\n";

/* A key that was made for this file. */
static const char login_token[] =
        "{\"accessToken\": {\"accessKeyId\": \"a\", \"secretAccessKey\": \"b\", \"sessionToken\": \"c\", \"accountId\": \"1\", "
        "\"expiresAt\": \"2020-01-01T00:00:00Z\"}, \"clientId\": \"c\", \"refreshToken\": \"r\", \"dpopKey\": "
        "\"-----BEGIN PRIVATE KEY-----\\n%s-----END PRIVATE KEY-----\\n\"}";
static const char sso_token[] =
        "{\"startUrl\": \"https://x/start\", \"region\": \"us-east-1\", \"accessToken\": \"a\", "
        "\"expiresAt\": \"2020-01-01T00:00:00Z\", \"clientId\": \"c\", \"clientSecret\": \"s\", "
        "\"registrationExpiresAt\": \"2100-01-01T00:00:00Z\", \"refreshToken\": \"r\"}";

static char config_file[128], sso_file[160], login_file[160], home[128], cache[160];

static void name_by_hash(char *target, size_t size, const char *folder, const EVP_MD *hash)
{
        unsigned char digest[EVP_MAX_MD_SIZE];
        unsigned length = 0;
        size_t at = (size_t)snprintf(target, size, "%s", folder);

        fuzz_require(EVP_Digest("s", 1, digest, &length, hash, NULL) == 1, "a hash");
        for (unsigned i = 0; i < length; i++)
                at += (size_t)snprintf(target + at, size - at, "%02x", digest[i]);
        snprintf(target + at, size - at, ".json");
}

void sources_prepare(void)
{
        char text[2048];
        int length = snprintf(text, sizeof(text), config, fuzz_folder());
        char folder[128];

        snprintf(config_file, sizeof(config_file), "%s", fuzz_file("config", text, (size_t)length));
        fuzz_file("token", "token", 5);
        for (const char *const *part = (const char *const[]){ ".aws", ".aws/sso", ".aws/sso/cache", NULL }; *part;
             part++) {
                snprintf(folder, sizeof(folder), "%s/%s", fuzz_folder(), *part);
                fuzz_require(mkdir(folder, 0700) == 0, "a folder");
        }
        name_by_hash(sso_file, sizeof(sso_file), ".aws/sso/cache/", EVP_sha1());
        name_by_hash(login_file, sizeof(login_file), "", EVP_sha256());
        snprintf(home, sizeof(home), "HOME=%s", fuzz_folder());
        snprintf(cache, sizeof(cache), "AWS_LOGIN_CACHE_DIRECTORY=%s", fuzz_folder());
}

void sources_write_sso_token(const char *text)
{
        text = text ? text : sso_token;
        fuzz_file(sso_file, text, strlen(text));
}

void sources_write_login_token(const char *text)
{
        static const char key[] = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgt3qsWYdnX/PQVOD/\\n"
                                  "eoVqG12mPuDPE++ixfgg3LPBA3yhRANCAAQNoFfCbvgIt4hM/7gcZE2wEpFOmHN8\\n"
                                  "6Aa6dVa0ld6eGxVUXaxbGbeWUknt1FxS7YsHZ9AS3tn6RK2tghnf+AF9\\n";
        char buffer[2048];

        if (!text) {
                snprintf(buffer, sizeof(buffer), login_token, key);
                text = buffer;
        }
        fuzz_file(login_file, text, strlen(text));
}

/* The chain of a session without its refresher, which would wait for an outage to end. */
static int load(const char *profile, char *const *environment, struct pail_credentials *ret_found,
                struct pail_error *error)
{
        static struct pail_service *service; /* never freed: its thread is there until the end */
        const struct pail_session_options options = { .profile = profile, .config_file = config_file };
        struct pail_provider_context context = { .environment = environment };
        struct pail_profiles *profiles = NULL;
        struct pail_settings settings = { 0 };
        struct pail_provider_chain *chain = NULL;

        if (!service)
                fuzz_require(pail_service_new(&(struct pail_service_options){ 0 }, &service) == 0, "a service");
        fuzz_require(pail_settings_resolve_files(&settings, &options, environment) == 0 &&
                             pail_profiles_load(settings.config_file, true, NULL, false, &profiles, NULL) == 0 &&
                             pail_settings_resolve(&settings, &options, environment, profiles, NULL) == 0,
                     "profiles");
        context.service = service;
        context.profiles = profiles;
        context.settings = &settings;
        fuzz_require(pail_provider_chain_new(&chain) == 0 &&
                             pail_chain_fill(chain, &context, profile, false, pail_chain_order) == 0,
                     "a chain");
        int r = pail_provider_chain_load(chain, ret_found, error);
        pail_provider_chain_free(chain);
        pail_settings_done(&settings);
        pail_profiles_free(profiles);
        return r;
}

void sources_ask(const char *profile, const uint8_t *answers, size_t size)
{
        static char container[] = "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1/x";
        static char off[] = "AWS_EC2_METADATA_DISABLED=true";
        char *environment[] = { home, cache, NULL, NULL };
        struct pail_error error = PAIL_ERROR_INIT;
        struct pail_credentials found = { 0 };

        if (strcmp(profile, "machine") != 0)
                environment[2] = strcmp(profile, "container") == 0 ? container : off;
        fuzz_answers(answers, size);
        if (load(profile, environment, &found, &error) < 0)
                fuzz_require(error.class != PAIL_ERROR_NONE && *error.message && !strchr(error.message, '\n'),
                             "an error has a class and words");
        else
                fuzz_require(found.access_key_id && *found.access_key_id && found.secret_access_key &&
                                     *found.secret_access_key && found.provider,
                             "credentials are complete");
        pail_credentials_done(&found);
}
