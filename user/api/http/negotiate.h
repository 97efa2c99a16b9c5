/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Evaluates a client's headers. The value of a header that was not sent is NULL. */
#ifndef GAPWATCH_API_HTTP_NEGOTIATE_H
#define GAPWATCH_API_HTTP_NEGOTIATE_H

#include <stddef.h>
#include <stdint.h>

/* Whether ACCEPT_ENCODING allows gzip (RFC 9110 section 12.5.3). */
int accepts_gzip(const char *accept_encoding);

/* Whether ACCEPT prefers text/csv to application/json (RFC 9110 section 12.5.1). */
int prefers_csv(const char *accept);

#define ETAG_CHARS 24

/* Writes the ETag of VERSION (RFC 9110 section 8.8.3) to ETAG of ETAG_CHARS. It is weak: the same
 * for all encodings of a content. */
void etag_format(uint64_t version, char *etag);

/* Whether IF_NONE_MATCH contains ETAG (RFC 9110 section 13.1.2). */
int etag_matches(const char *if_none_match, const char *etag);

/* Whether AUTHORIZATION contains TOKEN, as a bearer token (RFC 6750) or as a password (RFC 7617).
 * The time it takes does not depend on how many characters are right. */
int is_authorized(const char *authorization, const char *token);

/* Compresses SIZE octets at DATA with gzip. Returns the result, which the caller frees, and sets
 * COMPRESSED to its size in octets; NULL: no memory. */
void *gzip_compress(const void *data, size_t size, size_t *compressed);

#endif
