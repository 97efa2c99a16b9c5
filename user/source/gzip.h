/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Reading gzip files as streams: libpcap itself reads only what is not compressed. */
#ifndef GAPWATCH_SOURCE_GZIP_H
#define GAPWATCH_SOURCE_GZIP_H

#include <stdio.h>

/*
 * Whether what STREAM starts with is gzip (RFC 1952). One octet is enough to tell it from every
 * capture format, and as much as can be put back where the stream cannot seek.
 */
int gzip_detect(FILE *stream);

/*
 * Returns a stream of what COMPRESSED holds when unpacked, all its members in a row (RFC 1952 2.2),
 * or NULL: no memory. Reading it fails with EIO where the data is damaged or cut. COMPRESSED stays
 * the caller's and is closed after the returned stream.
 */
FILE *gzip_open(FILE *compressed);

#endif
