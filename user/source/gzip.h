/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Reads gzip files as streams. libpcap reads only uncompressed files. */
#ifndef GAPWATCH_SOURCE_GZIP_H
#define GAPWATCH_SOURCE_GZIP_H

#include <stdio.h>

/* Whether STREAM starts with gzip data (RFC 1952). The first octet differs from that of all capture
 * formats, and one octet is as much as can be put back into a stream that cannot seek. */
int gzip_detect(FILE *stream);

/*
 * Returns a stream of the unpacked data of COMPRESSED, all its members in a row (RFC 1952 2.2), or
 * NULL: no memory. Reading it fails with EIO where the data is damaged or cut. COMPRESSED stays the
 * caller's and must be closed after the returned stream.
 */
FILE *gzip_open(FILE *compressed);

#endif
