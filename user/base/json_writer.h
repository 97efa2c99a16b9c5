/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* JSON (RFC 8259) written as it goes, so that a report of a million flows takes no memory. */
#ifndef GAPWATCH_BASE_JSON_WRITER_H
#define GAPWATCH_BASE_JSON_WRITER_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct json_writer {
    FILE *to;
    int needs_comma; /* something stands before at this level */
    int new_line;    /* the next value starts a line */
    size_t used;     /* of the buffer: stdio's locks and formats would take most of the time */
    char buffer[4096];
};

/* Starts a JSON text on TO. */
void json_begin(struct json_writer *json, FILE *to);

/* Ends it with a new line and hands everything to the stream. */
void json_end(struct json_writer *json);

/* The next value, or closing bracket, starts a line of its own. */
void json_new_line(struct json_writer *json);

/* KEY is NULL for an element of an array and for the outermost value. Keys need no escaping. */
void json_open(struct json_writer *json, const char *key, char bracket);
void json_close(struct json_writer *json, char bracket);

/* TEXT may be any octets: what is not UTF-8 becomes U+FFFD. NULL writes null. */
void json_string(struct json_writer *json, const char *key, const char *text);

/* TEXT is JSON already; what is not UTF-8 becomes U+FFFD. */
void json_raw(struct json_writer *json, const char *key, const char *text);

/* A VALUE above 2^53 becomes a string of its digits. */
void json_integer(struct json_writer *json, const char *key, uint64_t value);

/* VALUE, or null unless IS_KNOWN. */
void json_optional(struct json_writer *json, const char *key, int is_known, uint64_t value);

/* VALUE / 10^DECIMALS, exactly; DECIMALS is 1 to 9. */
void json_decimal(struct json_writer *json, const char *key, uint64_t value, unsigned decimals);

void json_boolean(struct json_writer *json, const char *key, int value);
void json_null(struct json_writer *json, const char *key);

/* 15 significant digits; NAN and infinity write null. */
void json_number(struct json_writer *json, const char *key, double value);

#endif
