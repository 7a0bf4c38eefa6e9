/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The header is computed once, before the first attempt, and set or left out with each. Whether the server refuses it is found out by one
 * attempt without it (is_dropped); the client learns from that only when the attempt does well.
 */
#include "checksum.h"

#include <errno.h>
#include <openssl/evp.h>

#include "digest.h"
#include "error_parse.h"
#include "pail/util/str.h"

/* How S3 calls the header that carries a CRC, and the algorithm of an upload. */
static const char *const value_headers[] = {
        [PAIL_CRC_32] = "x-amz-checksum-crc32",
        [PAIL_CRC_32C] = "x-amz-checksum-crc32c",
        [PAIL_CRC_64NVME] = "x-amz-checksum-crc64nvme",
};
static const char algorithm_header[] = "x-amz-checksum-algorithm";

_Static_assert((int)PAIL_S3_CHECKSUM_SIZE >= (int)PAIL_CRC_TEXT_SIZE, "a CRC fits");

bool pail_s3_checksum_kind(const struct pail_s3_client *client, enum pail_crc_kind *ret_kind)
{
        switch (client->checksum) {
        case PAIL_S3_CHECKSUM_AUTO:
        case PAIL_S3_CHECKSUM_CRC32C:
                *ret_kind = PAIL_CRC_32C;
                return !atomic_load(&client->no_checksums);
        case PAIL_S3_CHECKSUM_CRC64NVME:
                *ret_kind = PAIL_CRC_64NVME;
                return true;
        default:
                return false;
        }
}

void pail_s3_checksum_plan(const struct pail_s3_call *call, struct pail_s3_digest *digest)
{
        if (!(call->operation->flags & PAIL_S3_FLAG_CHECKSUM))
                return;
        enum pail_s3_checksum checksum = call->client->checksum;
        bool is_asked_for = checksum == PAIL_S3_CHECKSUM_CRC32C || checksum == PAIL_S3_CHECKSUM_CRC64NVME;
        digest->needs_crc = !call->without_crc && pail_s3_checksum_kind(call->client, &digest->crc_kind);
        digest->needs_md5 = checksum == PAIL_S3_CHECKSUM_MD5 || (is_asked_for && call->without_crc);
}

void pail_s3_checksum_make(struct pail_s3_call *call, const struct pail_s3_digest *digest)
{
        struct pail_s3_checksum_header *header = &call->checksum;
        enum pail_crc_kind kind;
        if (digest->needs_crc) {
                header->name = value_headers[digest->crc_kind];
                pail_crc_format(digest->crc_kind, digest->crc, header->text);
        } else if (digest->needs_md5) {
                header->name = "Content-MD5";
                EVP_EncodeBlock((unsigned char *)header->text, digest->md5, sizeof(digest->md5));
        } else if (call->operation->flags & PAIL_S3_FLAG_ALGORITHM && !call->without_crc &&
                   pail_s3_checksum_kind(call->client, &kind)) {
                header->name = algorithm_header;
                pail_str_copy(header->text, sizeof(header->text), pail_crc_name(kind));
        }
}

int pail_s3_checksum_apply(struct pail_s3_call *call)
{
        const struct pail_s3_checksum_header *header = &call->checksum;
        struct pail_http_headers *headers = &call->http.headers;
        if (!header->name)
                return 0;
        if (header->is_dropped) {
                pail_http_headers_remove(headers, header->name);
                return 0;
        }
        int r = pail_http_headers_set(headers, header->name, header->text);
        /* CRC64NVME exists only over whole objects. */
        if (r >= 0 && header->name == algorithm_header && call->client->checksum == PAIL_S3_CHECKSUM_CRC64NVME)
                r = pail_http_headers_set(headers, "x-amz-checksum-type", "FULL_OBJECT");
        return r;
}

static bool is_refusal(const struct pail_error *error)
{
        static const char *const codes[] = {
                "",
                "BadRequest",
                "InvalidArgument",
                "InvalidDigest",
                "InvalidHeader",
                "InvalidRequest",
                "MissingContentLength",
                "NotImplemented",
                "NotSupported",
                "UnsupportedHeader",
                "XAmzContentChecksumMismatch",
                "XAmzContentSHA256Mismatch",
        };
        if (error->class != PAIL_ERROR_SERVICE ||
            (error->http_status != 400 && error->http_status != 411 && error->http_status != 501))
                return false;
        for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
                if (pail_str_equal(error->code, codes[i]))
                        return true;
        }
        return false;
}

bool pail_s3_checksum_drop(struct pail_s3_call *call, const struct pail_error *error)
{
        struct pail_s3_checksum_header *header = &call->checksum;
        if (call->client->checksum != PAIL_S3_CHECKSUM_AUTO || !header->name || header->is_dropped ||
            !is_refusal(error))
                return false;
        header->is_dropped = true;
        return true;
}

void pail_s3_checksum_learn(struct pail_s3_call *call)
{
        struct pail_s3_client *client = call->client;
        if (!call->checksum.is_dropped || atomic_exchange(&client->no_checksums, true) || !client->options.warn)
                return;
        client->options.warn(client->options.warn_context,
                             "the server refuses uploads with a CRC32C checksum: they go without one from now on "
                             "(checksum=none says so from the beginning)");
}

int pail_s3_checksum_compare(const struct pail_s3_call *call, const struct pail_http_response *response,
                             char ret_text[static PAIL_S3_CHECKSUM_SIZE], struct pail_error *ret_error)
{
        const struct pail_s3_checksum_header *header = &call->checksum;
        const char *stored = NULL;
        if (header->name && !header->is_dropped && pail_str_starts_with(header->name, "x-amz-"))
                stored = pail_http_headers_get(&response->headers, header->name);
        if (stored && !pail_str_equal(stored, header->text)) {
                pail_s3_error_from_code(call, NULL, "BadDigest", NULL, 0, ret_error);
                ret_error->sent = true;
                return -EIO;
        }
        pail_str_copy(ret_text, PAIL_S3_CHECKSUM_SIZE, stored ? stored : "");
        return 0;
}

void pail_s3_check_begin(const struct pail_http_response *response, struct pail_s3_check *ret_check)
{
        const char *type = pail_http_headers_get(&response->headers, "x-amz-checksum-type");
        *ret_check = (struct pail_s3_check){ 0 };
        if (type && strcasecmp(type, "FULL_OBJECT") != 0)
                return;
        for (int kind = 0; kind < PAIL_CRC_KINDS && !ret_check->is_on; kind++) {
                const char *value = pail_http_headers_get(&response->headers, value_headers[kind]);
                ret_check->kind = (enum pail_crc_kind)kind;
                /* What is no CRC is one of parts ("…-3"), and says nothing of the bytes. */
                ret_check->is_on = value && pail_crc_parse(ret_check->kind, value, &ret_check->expected) >= 0;
        }
}

void pail_s3_check_update(struct pail_s3_check *check, const void *data, size_t size)
{
        if (check->is_on)
                check->crc = pail_crc_update(check->kind, check->crc, data, size);
}

bool pail_s3_check_holds(const struct pail_s3_check *check)
{
        return !check->is_on || check->crc == check->expected;
}
