/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/secrets/secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <string.h>
#include <unistd.h>

/* Reads the file DESCRIPTOR into TEXT of SIZE. Returns 0, or -1 with errno set. */
static int read_all(int descriptor, char *text, size_t size)
{
    size_t length = 0;
    ssize_t count;

    while ((count = read(descriptor, text + length, size - 1 - length)) > 0)
        length += (size_t)count;
    text[length] = '\0';
    if (count == 0 && length == size - 1)
        errno = EFBIG;
    return count < 0 || length == size - 1 ? -1 : 0;
}

/* Opens the file at PATH, which must not make the server wait. Returns its descriptor, or -1 with
 * ERROR set. */
static int open_file(const char *path, struct error *error)
{
    int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

    return descriptor < 0 ? error_set(error, "cannot read %s: %s", path, strerror(errno))
                          : descriptor;
}

static int read_token(struct secrets *secrets, const char *path, struct error *error)
{
    int descriptor = open_file(path, error);
    int status;

    if (descriptor < 0)
        return -1;
    status = token_read(descriptor, secrets->token);
    close(descriptor);
    return status == 0 ? 0
                       : error_set(error, "%s holds no token: a line of 1 to %d visible characters",
                                   path, TOKEN_CHARS - 1);
}

static int read_pem(char *text, const char *path, struct error *error)
{
    int descriptor = open_file(path, error);

    if (descriptor < 0)
        return -1;
    if (read_all(descriptor, text, PEM_CHARS) < 0)
        error_set(error, "cannot read %s: %s", path, strerror(errno));
    else
        error->text[0] = '\0';
    close(descriptor);
    return error->text[0] ? -1 : 0;
}

/* A service cannot ask for the passphrase of a key. */
static int give_no_passphrase(char *text, int size, int is_for_writing, void *unused)
{
    (void)text, (void)size, (void)is_for_writing, (void)unused;
    return -1;
}

/* Whether CERTIFICATES, in PEM, are a chain that OpenSSL takes; CONTEXT then uses its first one. */
static int is_chain(SSL_CTX *context, const char *certificates)
{
    BIO *text = BIO_new_mem_buf(certificates, -1);
    X509 *one = text ? PEM_read_bio_X509(text, NULL, give_no_passphrase, NULL) : NULL;
    int result = one && SSL_CTX_use_certificate(context, one) == 1;

    while (one) {
        X509_free(one);
        one = PEM_read_bio_X509(text, NULL, give_no_passphrase, NULL);
    }
    /* The end of the text is the one error that is expected. */
    if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
        result = 0;
    ERR_clear_error();
    BIO_free(text);
    return result;
}

EVP_PKEY *key_from_pem(const char *key)
{
    BIO *text = BIO_new_mem_buf(key, -1);
    EVP_PKEY *private_key =
        text ? PEM_read_bio_PrivateKey(text, NULL, give_no_passphrase, NULL) : NULL;

    BIO_free(text);
    return private_key;
}

/* Whether KEY, in PEM, is the private key of the certificate that CONTEXT uses. OpenSSL takes a key
 * of another type without a word, because it keeps one pair of each type. */
static int is_its_key(SSL_CTX *context, const char *key)
{
    EVP_PKEY *private_key = key_from_pem(key);
    int result =
        private_key && X509_check_private_key(SSL_CTX_get0_certificate(context), private_key) == 1;

    EVP_PKEY_free(private_key);
    ERR_clear_error();
    return result;
}

/* Whether Kore can use the certificate of CONTEXT. */
static int is_of_usual_type(SSL_CTX *context)
{
    int type = EVP_PKEY_base_id(X509_get0_pubkey(SSL_CTX_get0_certificate(context)));

    return type == EVP_PKEY_RSA || type == EVP_PKEY_EC;
}

static int check_pair(const struct secrets *secrets, const struct secret_files *files,
                      struct error *error)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    int result = 0;

    if (!context)
        return error_set(error, "cannot use TLS");
    if (!is_chain(context, secrets->certificate))
        result = error_set(error, "%s holds no certificate", files->certificate);
    else if (!is_of_usual_type(context))
        result = error_set(error, "%s holds a certificate that is neither of RSA nor of EC",
                           files->certificate);
    else if (!is_its_key(context, secrets->key))
        result = error_set(error, "%s holds no key of that certificate", files->key);
    SSL_CTX_free(context);
    return result;
}

int secrets_read(struct secrets *secrets, const struct secret_files *files, struct error *error)
{
    secrets->token[0] = secrets->certificate[0] = secrets->key[0] = '\0';
    if (files->token && read_token(secrets, files->token, error) < 0)
        return -1;
    if (!files->certificate)
        return 0;
    if (read_pem(secrets->certificate, files->certificate, error) < 0 ||
        read_pem(secrets->key, files->key, error) < 0)
        return -1;
    return check_pair(secrets, files, error);
}
