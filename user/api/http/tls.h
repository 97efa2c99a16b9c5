/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The private key of TLS. Kore 4.1 keeps the key in a separate process that signs for the workers,
 * but when built with OpenSSL 3 that process never finds it. So each worker holds the key, in
 * memory only.
 */
#ifndef GAPWATCH_API_HTTP_TLS_H
#define GAPWATCH_API_HTTP_TLS_H

/* Called in the parent: reads the key from DESCRIPTOR and closes it. Returns 0, or -1: there is no
 * key. */
int tls_read_key(int descriptor);

/* Called in a worker: uses the key for each certificate that Kore loads. Does nothing without a
 * key. */
void tls_watch_certificates(void);

#endif
