/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The answer to a request: a status, a body, and the data for the headers. */
#ifndef GAPWATCH_API_HTTP_ANSWER_H
#define GAPWATCH_API_HTTP_ANSWER_H

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

/* Makes ANSWER empty, with status 200. Call answer_release() after it was sent. */
void answer_init(struct answer *answer);

/* Frees the body of ANSWER. */
void answer_release(struct answer *answer);

/* Starts a body with Content-Type TYPE: write it to answer->to. Returns 0, or -1: no memory. */
int answer_open(struct answer *answer, const char *type);

/* Starts a JSON body: write it through answer->json. Returns 0, or -1: no memory. */
int answer_open_json(struct answer *answer);

/* Ends the body started by answer_open(). Without memory, ANSWER becomes an error. */
void answer_close(struct answer *answer);

/* Replaces ANSWER by an error: {"error": name of STATUS, "message": text}. */
void answer_error(struct answer *answer, enum http_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The words of STATUS for the status line, such as "Not Found". */
const char *http_status_words(enum http_status status);

#endif
