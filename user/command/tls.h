/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* TLS files for Kore, checked before it starts. */
#ifndef GAPWATCH_COMMAND_TLS_H
#define GAPWATCH_COMMAND_TLS_H

#include <stdio.h>

#include "base/error.h"

/* Checks that the PEM files CERTIFICATE (a chain) and KEY belong together. Returns 0, or -1 with
 * ERROR set. */
int tls_check_pair(const char *certificate, const char *key, struct error *error);

/* Writes the Diffie-Hellman group ffdhe3072 of RFC 7919, which Kore requires for TLS. Returns 0, or
 * -1. */
int tls_write_group(FILE *to);

#endif
