/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/http/negotiate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

#define SPACES       " \t"
#define GZIP_LEVEL   1         /* higher levels take longer than they save in transfer */
#define GZIP_WINDOW  (15 + 16) /* zlib: adding 16 makes a gzip header */
#define GZIP_MEMORY  8
#define TOKEN_OCTETS 512

/* Whether the LENGTH characters at ITEM are WORD, ignoring case. */
static int is_word(const char *item, size_t length, const char *word)
{
    return length == strlen(word) && strncasecmp(item, word, length) == 0;
}

/* Whether the parameters of an item give it quality 0, which means "not acceptable". */
static int is_refused(const char *parameters, size_t length)
{
    const char *quality = memmem(parameters, length, "q=", 2);
    size_t left = quality ? length - (size_t)(quality - parameters) : 0;

    for (size_t i = 2; i < left; i++)
        if (quality[i] != '0' && quality[i] != '.' && quality[i] != ' ')
            return 0;
    return quality != NULL;
}

int accepts_gzip(const char *accept_encoding)
{
    int any = 0;

    while (accept_encoding && *accept_encoding) {
        const char *item = accept_encoding + strspn(accept_encoding, SPACES ",");
        size_t length = strcspn(item, ",");
        size_t word = strcspn(item, SPACES ";,");
        int wanted = !is_refused(item + word, length - word);

        if (is_word(item, word, "gzip") || is_word(item, word, "x-gzip"))
            return wanted;
        if (is_word(item, word, "*"))
            any = wanted;
        accept_encoding = item + length;
    }
    return any;
}

/* The quality, 0 to 1, that the parameters of an item give it. */
static double quality_of(const char *parameters, size_t length)
{
    const char *quality = memmem(parameters, length, "q=", 2);

    return quality ? strtod(quality + 2, NULL) : 1;
}

/* The quality that ACCEPT gives TYPE: that of its most specific range. */
static double quality_of_type(const char *accept, const char *type)
{
    size_t group = strcspn(type, "/") + 1;
    double quality = 0;
    int found = 0; /* how specific the range is that QUALITY comes from */

    while (*accept) {
        const char *item = accept + strspn(accept, SPACES ",");
        size_t length = strcspn(item, ",");
        size_t word = strcspn(item, SPACES ";,");
        int matches =
            is_word(item, word, type)                                                        ? 3
            : is_word(item, word, "*/*")                                                     ? 1
            : word == group + 1 && strncasecmp(item, type, group) == 0 && item[group] == '*' ? 2
                                                                                             : 0;

        if (matches > found) {
            found = matches;
            quality = quality_of(item + word, length - word);
        }
        accept = item + length;
    }
    return quality;
}

int prefers_csv(const char *accept)
{
    return accept &&
           quality_of_type(accept, "text/csv") > quality_of_type(accept, "application/json");
}

void etag_format(uint64_t version, char *etag)
{
    snprintf(etag, ETAG_CHARS, "W/\"%016" PRIx64 "\"", version);
}

int etag_matches(const char *if_none_match, const char *etag)
{
    const char *opaque = etag + strlen("W/");

    if (!if_none_match)
        return 0;
    return strcmp(if_none_match, "*") == 0 || strstr(if_none_match, opaque) != NULL;
}

/* The value of a base64 digit, or -1 (RFC 4648 section 4). */
static int base64_value(char digit)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = digit ? strchr(digits, digit) : NULL;

    return found ? (int)(found - digits) : -1;
}

/* Decodes TEXT to OCTETS of SIZE, with a terminator. Stops at the first character that is not
 * base64. */
static void base64_decode(const char *text, char *octets, size_t size)
{
    unsigned bits = 0, kept = 0;
    size_t used = 0;

    for (; base64_value(*text) >= 0 && used + 1 < size; text++) {
        bits = bits << 6 | (unsigned)base64_value(*text);
        kept += 6;
        if (kept >= 8) {
            kept -= 8;
            octets[used++] = (char)(bits >> kept & 0xFF);
        }
    }
    octets[used] = '\0';
}

static int is_equal_in_constant_time(const char *given, const char *token)
{
    size_t given_length = strlen(given), length = strlen(token);
    unsigned char difference = given_length != length;

    for (size_t i = 0; i < given_length; i++)
        difference |= (unsigned char)(given[i] ^ token[i % length]);
    return difference == 0;
}

int is_authorized(const char *authorization, const char *token)
{
    char decoded[TOKEN_OCTETS];
    const char *colon;

    if (!authorization)
        return 0;
    if (strncasecmp(authorization, "bearer ", 7) == 0)
        return is_equal_in_constant_time(authorization + 7, token);
    if (strncasecmp(authorization, "basic ", 6) != 0)
        return 0;
    base64_decode(authorization + 6, decoded, sizeof(decoded));
    colon = strchr(decoded, ':');
    return colon && is_equal_in_constant_time(colon + 1, token);
}

void *gzip_compress(const void *data, size_t size, size_t *compressed)
{
    z_stream stream = {0};
    void *packed;

    if (deflateInit2(&stream, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        return NULL;
    *compressed = deflateBound(&stream, size);
    packed = malloc(*compressed);
    if (packed) {
        stream.next_in = (unsigned char *)(uintptr_t)data;
        stream.avail_in = (unsigned)size;
        stream.next_out = packed;
        stream.avail_out = (unsigned)*compressed;
        deflate(&stream, Z_FINISH);
        *compressed = stream.total_out;
    }
    deflateEnd(&stream);
    return packed;
}
