/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The private key. Kore 4.1 keeps it in a process of its own that signs for the workers, but built
 * with OpenSSL 3 that process never finds it. So each worker has it, in memory only.
 */
#ifndef GAPWATCH_API_HTTP_TLS_H
#define GAPWATCH_API_HTTP_TLS_H

/* In the parent: reads the key from the file open as DESCRIPTOR, and closes it. Returns 0, or -1:
 * there is none. */
int tls_read_key(int descriptor);

/* In a worker: gives every certificate that Kore sets up the key that was read, if one was. */
void tls_watch_certificates(void);

#endif
