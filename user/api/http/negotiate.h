/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What a client's headers ask for. Each may be NULL: not sent. */
#ifndef GAPWATCH_API_HTTP_NEGOTIATE_H
#define GAPWATCH_API_HTTP_NEGOTIATE_H

#include <stddef.h>
#include <stdint.h>

/* Whether ACCEPT_ENCODING takes gzip (RFC 9110 section 12.5.3). */
int accepts_gzip(const char *accept_encoding);

#define ETAG_CHARS 24

/* The weak validator of VERSION: it holds for every encoding of the same content. */
void etag_format(uint64_t version, char *etag);

/* Whether IF_NONE_MATCH names ETAG (RFC 9110 section 13.1.2). */
int etag_matches(const char *if_none_match, const char *etag);

/* Whether AUTHORIZATION carries TOKEN: as a bearer token, or as the password that a browser asks
 * for (RFC 6750, RFC 7617). Takes the same time however much of it is right. */
int is_authorized(const char *authorization, const char *token);

/* Compresses SIZE octets at DATA as gzip. Returns them, to be freed, and sets COMPRESSED; or NULL:
 * no memory. */
void *gzip_compress(const void *data, size_t size, size_t *compressed);

#endif
