/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file of keys, and the headers that carry one. Three forms of a key are told apart by the length of the line, as 32 bytes are in no
 * other form; a file of exactly 32 bytes is one key, line breaks and all.
 */
#include "customer_keys.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>

#include "digest.h"
#include "pail/util/cleanup.h"
#include "pail/util/file.h"
#include "pail/util/secret.h"
#include "pail/util/str.h"

enum {
        KEY_BYTES = 32,
        HEX_LENGTH = 2 * KEY_BYTES,
        BASE64_LENGTH = 44,
        KEYS_MAX = 32,
        FILE_MAX = 8192,
};

struct key {
        char key[BASE64_LENGTH + 1], md5[25]; /* as the headers have them */
};

struct pail_s3_customer_keys {
        unsigned count;
        struct key items[KEYS_MAX];
};

void pail_s3_customer_keys_free(struct pail_s3_customer_keys *keys)
{
        pail_secret_free(keys);
}
PAIL_DEFINE_CLEANUP(struct pail_s3_customer_keys, pail_s3_customer_keys_free);

static int hex_digit(char c)
{
        static const char digits[] = "0123456789abcdef";
        const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c | 0x20 : c) : NULL;
        return at ? (int)(at - digits) : -1;
}

static int decode_hex(const char *line, unsigned char *bytes)
{
        for (unsigned i = 0; i < KEY_BYTES; i++) {
                int high = hex_digit(line[2 * i]), low = hex_digit(line[2 * i + 1]);
                if (high < 0 || low < 0)
                        return -EINVAL;
                bytes[i] = (unsigned char)(high << 4 | low);
        }
        return 0;
}

static int decode_base64(const char *line, unsigned char *bytes)
{
        char text[BASE64_LENGTH + 1] = "";
        struct pail_buf decoded;
        pail_buf_init_secret(&decoded, BASE64_LENGTH);
        memcpy(text, line, BASE64_LENGTH);
        int r = pail_str_base64_decode(&decoded, text);
        if (r >= 0 && decoded.length != KEY_BYTES)
                r = -EINVAL;
        if (r >= 0)
                memcpy(bytes, decoded.data, KEY_BYTES);
        explicit_bzero(text, sizeof(text));
        pail_buf_done(&decoded);
        return r;
}

static int decode_key(const char *line, size_t length, unsigned char *bytes)
{
        switch (length) {
        case KEY_BYTES:
                memcpy(bytes, line, KEY_BYTES);
                return 0;
        case HEX_LENGTH:
                return decode_hex(line, bytes);
        case BASE64_LENGTH:
                return decode_base64(line, bytes);
        default:
                return -EINVAL;
        }
}

static int add_key(struct pail_s3_customer_keys *keys, const char *line, size_t length)
{
        unsigned char bytes[KEY_BYTES], md5[PAIL_S3_MD5_SIZE];
        if (keys->count == KEYS_MAX)
                return -E2BIG;
        struct key *key = &keys->items[keys->count];
        int r = decode_key(line, length, bytes);
        if (r >= 0)
                r = pail_s3_md5(bytes, sizeof(bytes), md5);
        if (r >= 0) {
                EVP_EncodeBlock((unsigned char *)key->key, bytes, sizeof(bytes));
                EVP_EncodeBlock((unsigned char *)key->md5, md5, sizeof(md5));
                keys->count++;
        }
        explicit_bzero(bytes, sizeof(bytes));
        return r;
}

static int refuse_key_file(const char *path, const char *what, struct pail_error *ret_error)
{
        pail_error_set(ret_error, PAIL_ERROR_CONFIG, "the key file %s %s", path, what);
        return -EINVAL;
}

static int refuse_key_line(const char *path, unsigned number, int r, struct pail_error *ret_error)
{
        char what[160];
        if (r == -E2BIG)
                snprintf(what, sizeof(what), "holds more than %d keys", KEYS_MAX);
        else if (r == -EINVAL)
                snprintf(what, sizeof(what),
                         "holds no key in line %u: 32 bytes are expected, in base64 (44 characters), "
                         "in hex (64) or as they are",
                         number);
        else
                snprintf(what, sizeof(what), "is of no use: OpenSSL has no MD5, which S3 wants of each key");
        return refuse_key_file(path, what, ret_error);
}

static int parse_key_file(const char *path, const char *data, size_t size, struct pail_s3_customer_keys *keys,
                          struct pail_error *ret_error)
{
        /* 32 random bytes may have line breaks among them. */
        if (size == KEY_BYTES) {
                int r = add_key(keys, data, size);
                return r < 0 ? refuse_key_line(path, 1, r, ret_error) : 0;
        }
        unsigned number = 0;
        for (const char *line = data, *end = data + size; line < end;) {
                const char *stop = memchr(line, '\n', (size_t)(end - line));
                size_t length = (size_t)((stop ? stop : end) - line), kept = length;
                number++;
                if (kept > KEY_BYTES && line[kept - 1] == '\r')
                        kept--;
                int r = kept > 0 ? add_key(keys, line, kept) : 0;
                if (r < 0)
                        return refuse_key_line(path, number, r, ret_error);
                line += length + 1;
        }
        return keys->count > 0 ? 0 : refuse_key_file(path, "holds no key", ret_error);
}

static int open_key_file(const char *path, int *ret_fd, size_t *ret_size, struct pail_error *ret_error)
{
        struct stat status;
        _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (fd < 0 || fstat(fd, &status) < 0) {
                pail_error_set(ret_error, PAIL_ERROR_CONFIG, "cannot read the key file %s: %s", path, strerror(errno));
                return -EINVAL;
        }
        if (!S_ISREG(status.st_mode))
                return refuse_key_file(path, "is not a file", ret_error);
        if (status.st_mode & (S_IRWXG | S_IRWXO))
                return refuse_key_file(path, "is open to others: take their permissions away (chmod 600)", ret_error);
        if (status.st_size > FILE_MAX)
                return refuse_key_file(path, "is too large to hold keys", ret_error);
        *ret_size = (size_t)status.st_size;
        *ret_fd = pail_steal_fd(&fd);
        return 0;
}

int pail_s3_customer_keys_load(const char *path, struct pail_s3_customer_keys **ret_keys, struct pail_error *ret_error)
{
        _cleanup_close_ int fd = -1;
        size_t size = 0;
        char data[FILE_MAX];
        int r = open_key_file(path, &fd, &size, ret_error);
        if (r < 0)
                return r;
        _cleanup_(pail_s3_customer_keys_free_p) struct pail_s3_customer_keys *keys = pail_secret_calloc(1,
                                                                                                        sizeof(*keys));
        if (!keys)
                return pail_error_set_errno(ret_error, ENOMEM, "cannot keep the keys of %s", path);
        r = pail_file_pread_all(fd, data, size, 0);
        if (r < 0)
                pail_error_set_errno(ret_error, -r, "cannot read the key file %s", path);
        else
                r = parse_key_file(path, data, size, keys, ret_error);
        explicit_bzero(data, sizeof(data));
        if (r >= 0)
                *ret_keys = pail_steal(&keys);
        return r;
}

static const struct {
        const char *algorithm, *key, *md5;
} object_headers = { "x-amz-server-side-encryption-customer-algorithm", "x-amz-server-side-encryption-customer-key",
                     "x-amz-server-side-encryption-customer-key-MD5" },
  source_headers = { "x-amz-copy-source-server-side-encryption-customer-algorithm",
                     "x-amz-copy-source-server-side-encryption-customer-key",
                     "x-amz-copy-source-server-side-encryption-customer-key-MD5" };

unsigned pail_s3_customer_keys_count(const struct pail_s3_customer_keys *keys)
{
        return keys->count;
}

int pail_s3_customer_keys_set(const struct pail_s3_customer_keys *keys, bool of_source, unsigned number,
                              struct pail_http_headers *headers)
{
        const char *algorithm = of_source ? source_headers.algorithm : object_headers.algorithm;
        const char *key = of_source ? source_headers.key : object_headers.key;
        const char *md5 = of_source ? source_headers.md5 : object_headers.md5;
        if (number == keys->count) {
                pail_http_headers_remove(headers, algorithm);
                pail_http_headers_remove(headers, key);
                pail_http_headers_remove(headers, md5);
                return 0;
        }
        int r = pail_http_headers_set(headers, algorithm, "AES256");
        if (r >= 0)
                r = pail_http_headers_set(headers, key, keys->items[number].key);
        return r < 0 ? r : pail_http_headers_set(headers, md5, keys->items[number].md5);
}

void pail_s3_customer_keys_wipe(struct pail_http_headers *headers)
{
        for (size_t i = 0; i < headers->count; i++) {
                struct pail_http_header *item = &headers->items[i];
                if (strcasecmp(item->name, object_headers.key) == 0 || strcasecmp(item->name, source_headers.key) == 0)
                        explicit_bzero(item->value, strlen(item->value));
        }
}
