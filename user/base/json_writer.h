/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Writes JSON (RFC 8259) as a stream, so that the size of a report does not matter. */
#ifndef GAPWATCH_BASE_JSON_WRITER_H
#define GAPWATCH_BASE_JSON_WRITER_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct json_writer {
    FILE *to;
    int needs_comma; /* a value was already written at this level */
    int new_line;    /* the next value starts on a new line */
    size_t used;     /* octets in BUFFER, which is faster than stdio for short texts */
    char buffer[4096];
};

/* Starts a JSON text on TO, which must stay open until json_end(). */
void json_begin(struct json_writer *json, FILE *to);

/* Ends the text of JSON with a newline and passes its buffer to the stream. */
void json_end(struct json_writer *json);

/* Passes the buffer of JSON to the stream, so that other text can be written there. */
void json_flush(struct json_writer *json);

/* Makes the next value or closing bracket of JSON start on a new line. */
void json_new_line(struct json_writer *json);

/* Opens an array or object: BRACKET is '[' or '{'. In all these functions KEY is the name of a
 * member, which is not escaped, or NULL for an element of an array or the outermost value. */
void json_open(struct json_writer *json, const char *key, char bracket);

/* Closes the array or object: BRACKET is ']' or '}'. */
void json_close(struct json_writer *json, char bracket);

/* Writes TEXT. Octets that are not UTF-8 become U+FFFD. NULL writes null. */
void json_string(struct json_writer *json, const char *key, const char *text);

/* Writes TEXT, which is JSON already. Octets that are not UTF-8 become U+FFFD. */
void json_raw(struct json_writer *json, const char *key, const char *text);

/* Writes VALUE, above 2^53 as a string of digits. */
void json_integer(struct json_writer *json, const char *key, uint64_t value);

/* Writes VALUE, or null unless IS_KNOWN. */
void json_optional(struct json_writer *json, const char *key, int is_known, uint64_t value);

/* Writes VALUE / 10^DECIMALS exactly. DECIMALS is 1 to 9. */
void json_decimal(struct json_writer *json, const char *key, uint64_t value, unsigned decimals);

/* Writes true if VALUE is not 0, else false, as member KEY. */
void json_boolean(struct json_writer *json, const char *key, int value);

/* Writes null as member KEY. */
void json_null(struct json_writer *json, const char *key);

/* Writes VALUE with 15 significant digits; NAN and infinity become null. */
void json_number(struct json_writer *json, const char *key, double value);

#endif
