/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "command/tls.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#define GROUP "ffdhe3072"

/* Whether the PEM file KEY has the private key of the certificate that CONTEXT uses. OpenSSL takes
 * a key of another type without a word, because it keeps one pair of each type. */
static int is_pair(SSL_CTX *context, const char *key)
{
    FILE *file = fopen(key, "r");
    EVP_PKEY *private_key = file ? PEM_read_PrivateKey(file, NULL, NULL, NULL) : NULL;
    int result =
        private_key && X509_check_private_key(SSL_CTX_get0_certificate(context), private_key) == 1;

    EVP_PKEY_free(private_key);
    if (file)
        fclose(file);
    return result;
}

int tls_check_pair(const char *certificate, const char *key, struct error *error)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    int result = 0;

    if (!context)
        return error_set(error, "cannot use TLS");
    if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1)
        result = error_set(error, "%s holds no certificate", certificate);
    else if (!is_pair(context, key))
        result = error_set(error, "%s holds no key of that certificate", key);
    SSL_CTX_free(context);
    return result;
}

int tls_write_group(FILE *to)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "DH", NULL);
    BIO *out = BIO_new_fp(to, BIO_NOCLOSE);
    EVP_PKEY *group = NULL;
    int result = -1;

    if (context && out && EVP_PKEY_paramgen_init(context) == 1 &&
        EVP_PKEY_CTX_set_group_name(context, GROUP) == 1 &&
        EVP_PKEY_paramgen(context, &group) == 1 && PEM_write_bio_Parameters(out, group) == 1)
        result = 0;
    EVP_PKEY_free(group);
    BIO_free(out);
    EVP_PKEY_CTX_free(context);
    return result;
}
