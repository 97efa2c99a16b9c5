/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "command/tls.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#define GROUP "ffdhe3072"

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
