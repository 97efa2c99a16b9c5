/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Writes a figure as JSON: one function for each type of the table (table.h). KEY is as in
 * json_writer.h. */
#ifndef GAPWATCH_FIGURES_JSON_H
#define GAPWATCH_FIGURES_JSON_H

#include "base/json_writer.h"
#include "base/timestamp.h"
#include "figures/table.h"

#define SECOND_DECIMALS 9 /* of a second, as times are in nanoseconds */
#define MS_DECIMALS     6

/* Writes VALUE, or null for FIGURE_NULL. */
static inline void json_COUNT(struct json_writer *json, const char *key, uint64_t value)
{
    json_optional(json, key, value != FIGURE_NULL, value);
}

/* Writes VALUE, or null for 0. */
static inline void json_SIZE(struct json_writer *json, const char *key, uint64_t value)
{
    json_optional(json, key, value != 0, value);
}

/* Writes VALUE as a number, above 2^53 as a string of digits; null for FIGURE_NULL. */
static inline void json_NUMBER(struct json_writer *json, const char *key, uint64_t value)
{
    json_COUNT(json, key, value);
}

/* Writes VALUE as true or false. */
static inline void json_FLAG(struct json_writer *json, const char *key, int value)
{
    json_boolean(json, key, value);
}

/* Writes VALUE, or null for NAN. */
static inline void json_RATIO(struct json_writer *json, const char *key, double value)
{
    json_number(json, key, value);
}

/* Writes VALUE, or null for NAN. */
static inline void json_REAL(struct json_writer *json, const char *key, double value)
{
    json_number(json, key, value);
}

#define json_DIFFERENCE json_REAL

/* Writes VALUE, in nanoseconds, as seconds. */
static inline void json_SECONDS(struct json_writer *json, const char *key, uint64_t value)
{
    json_decimal(json, key, value, SECOND_DECIMALS);
}

/* Writes VALUE, in nanoseconds, as milliseconds; null for FIGURE_NULL. */
static inline void json_MS(struct json_writer *json, const char *key, uint64_t value)
{
    if (value == FIGURE_NULL)
        json_null(json, key);
    else
        json_decimal(json, key, value, MS_DECIMALS);
}

/* Writes VALUE, in nanoseconds since 1970, as an RFC 3339 time; null for FIGURE_NULL. */
static inline void json_TIME(struct json_writer *json, const char *key, uint64_t value)
{
    char timestamp[TIMESTAMP_CHARS];

    if (value != FIGURE_NULL)
        timestamp_format(value, timestamp);
    json_string(json, key, value != FIGURE_NULL ? timestamp : NULL);
}

/* Writes VALUE, or null for NULL. */
static inline void json_TEXT(struct json_writer *json, const char *key, const char *value)
{
    json_string(json, key, value);
}

/* Writes VALUE, which is JSON, or null for NULL. */
static inline void json_JSON(struct json_writer *json, const char *key, const char *value)
{
    if (value)
        json_raw(json, key, value);
    else
        json_null(json, key);
}

#define json_PROTOCOL  json_TEXT
#define json_CAUSE     json_TEXT
#define json_VIEW      json_TEXT
#define json_KIND      json_TEXT
#define json_CERTAINTY json_TEXT
#define json_DIRECTION json_TEXT

#endif
