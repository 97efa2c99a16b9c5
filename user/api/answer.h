/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What goes back to a client: a status, a body, and what the headers are made from. */
#ifndef GAPWATCH_API_ANSWER_H
#define GAPWATCH_API_ANSWER_H

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
    HTTP_HEADERS_TOO_LARGE = 431,
    HTTP_UNAVAILABLE = 503,
    HTTP_VERSION_UNSUPPORTED = 505,
};

struct answer {
    enum http_status status;
    const char *type;    /* Content-Type */
    const char *body;    /* the answer's own when TO was opened, else of static storage */
    size_t size;         /* of the body, in octets */
    const char *gzipped; /* the same body compressed, of static storage; or NULL */
    size_t gzipped_size;
    uint64_t version; /* of what the body tells, for the ETag; 0: none */

    FILE *to; /* writes the body */
    char *written;
    struct json_writer json;
};

/* Every answer is begun once, and released once it was sent. */
void answer_init(struct answer *answer);
void answer_release(struct answer *answer);

/* Starts a body of the given type; what is written to answer->to becomes it. Returns 0, or -1: no
 * memory. */
int answer_open(struct answer *answer, const char *type);

/* The same for JSON, which is then written through answer->json. */
int answer_open_json(struct answer *answer);

/* Ends the body that was opened. */
void answer_close(struct answer *answer);

/* Makes ANSWER an error, whatever it was before: {"error": code of STATUS, "message": text}. */
void answer_error(struct answer *answer, enum http_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* "Not Found" and the like, for the status line. */
const char *http_status_words(enum http_status status);

#endif
