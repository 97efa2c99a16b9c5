/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The answer to a request: a status, a body, and the data for the headers. */
#ifndef GAPWATCH_API_ANSWER_ANSWER_H
#define GAPWATCH_API_ANSWER_ANSWER_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/json_writer.h"

#define TYPE_JSON "application/json"

enum http_status {
    HTTP_OK = 200,
    HTTP_NO_CONTENT = 204,
    HTTP_MULTIPLE_CHOICES = 300,
    HTTP_NOT_MODIFIED = 304,
    HTTP_BAD_REQUEST = 400,
    HTTP_UNAUTHORIZED = 401,
    HTTP_NOT_FOUND = 404,
    HTTP_METHOD_NOT_ALLOWED = 405,
    HTTP_CONTENT_TOO_LARGE = 413,
    HTTP_URI_TOO_LONG = 414,
    HTTP_MISDIRECTED = 421,
    HTTP_HEADERS_TOO_LARGE = 431,
    HTTP_UNAVAILABLE = 503,
    HTTP_VERSION_UNSUPPORTED = 505,
};

struct answer {
    enum http_status status;
    const char *type;    /* Content-Type */
    const char *body;    /* belongs to the answer when TO was opened, else static */
    size_t size;         /* of the body, in octets */
    const char *gzipped; /* BODY compressed, static; NULL: not available */
    size_t gzipped_size;
    uint64_t version; /* of the data in the body, for the ETag; 0: none */
    int takes_csv;    /* the client prefers CSV to JSON for lists; set by the caller */

    FILE *to; /* the stream that writes the body */
    char *written;
    struct json_writer json;
};

/* Makes ANSWER empty, with status 200, whatever it was. Call answer_release() after it was sent. */
void answer_init(struct answer *answer);

/* Frees the body that ANSWER owns. ANSWER must not be used afterwards. */
void answer_release(struct answer *answer);

/* Drops the body of ANSWER and starts one with Content-Type TYPE, which must stay valid: write it
 * to answer->to. Returns 0, or -1: no memory. */
int answer_open(struct answer *answer, const char *type);

/* As answer_open(), for a JSON body: write it through answer->json. */
int answer_open_json(struct answer *answer);

/* Ends the body that answer_open() started. Without memory for it, ANSWER becomes an error. */
void answer_close(struct answer *answer);

/* Replaces ANSWER by an error: {"error": name of STATUS, "message": text}. FORMAT and its arguments
 * are as for printf; the text is cut after 511 octets. */
void answer_error(struct answer *answer, enum http_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The words of STATUS for the status line, such as "Not Found"; static. */
const char *http_status_words(enum http_status status);

#endif
