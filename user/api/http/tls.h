/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * TLS in a worker. Kore 4.1 keeps the private key in a separate process that signs for the workers,
 * but when built with OpenSSL 3 that process never finds it. So each worker holds the key, in
 * memory only.
 */
#ifndef GAPWATCH_API_HTTP_TLS_H
#define GAPWATCH_API_HTTP_TLS_H

#include "api/secrets/secrets.h"

/* Called once in a worker: makes it use the certificate and the key of SECRETS, which must stay
 * valid, as soon as Kore is ready for them. Does nothing without a certificate. */
void tls_begin(const struct secrets *secrets);

/* Uses the present content of tls_begin()'s SECRETS for connections that come from now on. */
void tls_renew(void);

#endif
