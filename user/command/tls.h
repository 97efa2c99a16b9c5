/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A TLS file for Kore. */
#ifndef GAPWATCH_COMMAND_TLS_H
#define GAPWATCH_COMMAND_TLS_H

#include <stdio.h>

/* Writes the Diffie-Hellman group ffdhe3072 of RFC 7919, which Kore requires for TLS, to the stream
 * TO. Returns 0, or -1. */
int tls_write_group(FILE *to);

#endif
