/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The server's secrets: the bearer token, and the private key of its certificate. Both are read
 * from files, at the start and again after SIGHUP. */
#ifndef GAPWATCH_API_SECRETS_SECRETS_H
#define GAPWATCH_API_SECRETS_SECRETS_H

#include <openssl/types.h>

#include "api/secrets/token.h"
#include "base/error.h"

#define PEM_CHARS 65536 /* of a chain of certificates or a key, terminator included */

/* The files; NULL: not used. */
struct secret_files {
    const char *token;
    const char *certificate;
    const char *key;
};

struct secrets {
    char token[TOKEN_CHARS];     /* "": none */
    char certificate[PEM_CHARS]; /* a chain in PEM; "": no TLS */
    char key[PEM_CHARS];
};

/* Reads SECRETS from FILES. Returns 0, or -1 with ERROR set: a file cannot be read or holds
 * something else, or the key is not that of the certificate. SECRETS is then undefined. */
int secrets_read(struct secrets *secrets, const struct secret_files *files, struct error *error);

/* Reads the private key of a text in PEM, which is not encrypted. The caller frees the result with
 * EVP_PKEY_free(). Returns NULL: there is none. */
EVP_PKEY *key_from_pem(const char *key);

#endif
