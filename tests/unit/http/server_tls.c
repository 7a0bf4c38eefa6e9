/* SPDX-License-Identifier: Apache-2.0 */
#include "server_tls.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>

#include "pail/util/cleanup.h"

struct server_tls {
        SSL_CTX *context;
        X509 *certificate;
        EVP_PKEY *key;
        struct transport transport;
};

static void require(bool condition, const char *what)
{
        if (condition)
                return;
        fprintf(stderr, "%s failed\n", what);
        abort();
}

static bool tls_open(struct connection *connection, void *context)
{
        const struct server_tls *tls = context;
        /* OpenSSL writes without MSG_NOSIGNAL. */
        sigset_t pipe;
        sigemptyset(&pipe);
        sigaddset(&pipe, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &pipe, NULL);
        SSL *ssl = SSL_new(tls->context);
        require(ssl && SSL_set_fd(ssl, connection->fd), "SSL_new");
        connection->tls = ssl;
        return SSL_accept(ssl) == 1;
}

static ssize_t tls_read(struct connection *connection, void *data, size_t size)
{
        size_t n;
        return SSL_read_ex(connection->tls, data, size, &n) == 1 ? (ssize_t)n : -1;
}

static ssize_t tls_write(struct connection *connection, const void *data, size_t size)
{
        size_t n;
        return SSL_write_ex(connection->tls, data, size, &n) == 1 ? (ssize_t)n : -1;
}

static void tls_close(struct connection *connection)
{
        SSL_free(connection->tls);
        connection->tls = NULL;
}

static void add_extension(X509 *certificate, int kind, const char *value)
{
        X509V3_CTX context;
        X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
        X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, kind, value);
        require(extension && X509_add_ext(certificate, extension, -1), "X509_add_ext");
        X509_EXTENSION_free(extension);
}

static X509 *make_certificate(EVP_PKEY *key, const char *name, bool expired)
{
        enum { DAY_S = 24 * 60 * 60 };
        X509 *certificate = X509_new();
        require(certificate != NULL, "X509_new");
        X509_set_version(certificate, 2);
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
        X509_gmtime_adj(X509_getm_notBefore(certificate), -2 * DAY_S);
        X509_gmtime_adj(X509_getm_notAfter(certificate), expired ? -DAY_S : DAY_S);
        X509_set_pubkey(certificate, key);
        X509_NAME *subject = X509_get_subject_name(certificate);
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)"test", -1, -1, 0);
        X509_set_issuer_name(certificate, subject);
        add_extension(certificate, NID_subject_alt_name, name);
        add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
        require(X509_sign(certificate, key, EVP_sha256()) > 0, "X509_sign");
        return certificate;
}

struct server_tls *server_tls_new(const char *name, bool expired)
{
        struct server_tls *tls = calloc(1, sizeof(*tls));
        require(tls != NULL, "calloc");
        tls->key = EVP_EC_gen("P-256");
        require(tls->key != NULL, "EVP_EC_gen");
        tls->certificate = make_certificate(tls->key, name, expired);
        tls->context = SSL_CTX_new(TLS_server_method());
        require(tls->context && SSL_CTX_use_certificate(tls->context, tls->certificate) == 1 &&
                        SSL_CTX_use_PrivateKey(tls->context, tls->key) == 1,
                "SSL_CTX_new");
        tls->transport = (struct transport){
                .open = tls_open, .read = tls_read, .write = tls_write, .close = tls_close, .context = tls
        };
        return tls;
}

void server_tls_free(struct server_tls *tls)
{
        SSL_CTX_free(tls->context);
        X509_free(tls->certificate);
        EVP_PKEY_free(tls->key);
        free(tls);
}

const struct transport *server_tls_transport(const struct server_tls *tls)
{
        return &tls->transport;
}

void server_tls_write(const struct server_tls *tls, const char *path)
{
        _cleanup_fclose_ FILE *file = fopen(path, "we");
        require(file && PEM_write_X509(file, tls->certificate) == 1, "PEM_write_X509");
}
