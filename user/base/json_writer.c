/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "base/json_writer.h"

#include <math.h>
#include <string.h>

#include "base/utf8.h"

#define REPLACEMENT_CHARACTER "\\ufffd"
/* Readers that keep numbers as floating point would round greater ones. */
#define NUMBER_MAX (UINT64_C(1) << 53)

#define NUMBER_CHARS  32
#define DECIMALS      9
#define DECIMAL_SCALE 1e9
#define EXACT_MAX     1e15 /* "%.15g" gives all digits of numbers below it */

void json_flush(struct json_writer *json)
{
    fwrite(json->buffer, 1, json->used, json->to);
    json->used = 0;
}

static void json_put(struct json_writer *json, const char *chars, size_t count)
{
    if (count > sizeof(json->buffer) - json->used)
        json_flush(json);
    memcpy(json->buffer + json->used, chars, count); /* every piece is shorter than the buffer */
    json->used += count;
}

static void json_puts(struct json_writer *json, const char *chars)
{
    json_put(json, chars, strlen(chars));
}

void json_begin(struct json_writer *json, FILE *to)
{
    json->to = to;
    json->needs_comma = 0;
    json->new_line = 0;
    json->used = 0;
}

void json_end(struct json_writer *json)
{
    json_puts(json, "\n");
    json_flush(json);
}

void json_new_line(struct json_writer *json)
{
    json->new_line = 1;
}

static void json_break_line(struct json_writer *json)
{
    if (json->new_line)
        json_puts(json, "\n");
    json->new_line = 0;
}

static void json_key(struct json_writer *json, const char *key)
{
    if (json->needs_comma)
        json_puts(json, json->new_line ? "," : ", ");
    json_break_line(json);
    if (key) {
        json_puts(json, "\"");
        json_puts(json, key);
        json_puts(json, "\": ");
    }
    json->needs_comma = 1;
}

void json_open(struct json_writer *json, const char *key, char bracket)
{
    json_key(json, key);
    json_put(json, &bracket, 1);
    json->needs_comma = 0;
}

void json_close(struct json_writer *json, char bracket)
{
    json_break_line(json);
    json_put(json, &bracket, 1);
    json->needs_comma = 1;
}

/* The number of characters at TEXT, at most LIMIT, that need no escape. */
static size_t plain_length(const char *text, size_t limit)
{
    size_t length = 0;

    while (length < limit && text[length] >= ' ' && text[length] <= '~' && text[length] != '"' &&
           text[length] != '\\')
        length++;
    return length;
}

/* Writes the first character of TEXT, which needs an escape. Returns its length in octets. */
static size_t json_character(struct json_writer *json, const char *text)
{
    size_t length = utf8_length(text);
    unsigned char first = (unsigned char)*text;
    char escape[8];

    if (!length) {
        json_puts(json, REPLACEMENT_CHARACTER);
        return 1;
    }
    if (first < ' ' || first == '"' || first == '\\') {
        snprintf(escape, sizeof(escape), first < ' ' ? "\\u%04x" : "\\%c", first);
        json_puts(json, escape);
    } else {
        json_put(json, text, length);
    }
    return length;
}

static void json_escaped(struct json_writer *json, const char *text)
{
    while (*text) {
        size_t length = plain_length(text, sizeof(json->buffer));

        if (length)
            json_put(json, text, length);
        else
            length = json_character(json, text);
        text += length;
    }
}

void json_string(struct json_writer *json, const char *key, const char *text)
{
    if (!text) {
        json_null(json, key);
        return;
    }
    json_key(json, key);
    json_puts(json, "\"");
    json_escaped(json, text);
    json_puts(json, "\"");
}

void json_raw(struct json_writer *json, const char *key, const char *text)
{
    json_key(json, key);
    for (size_t length; *text; text += length ? length : 1) {
        length = utf8_length(text);
        if (length)
            json_put(json, text, length);
        else
            json_puts(json, REPLACEMENT_CHARACTER);
    }
}

/* Writes the digits of VALUE before END, at least LEAST of them. Returns where they start. */
static char *digits_before(char *end, uint64_t value, unsigned least)
{
    for (; value || least; value /= 10) {
        *--end = (char)('0' + value % 10);
        if (least)
            least--;
    }
    return end;
}

void json_integer(struct json_writer *json, const char *key, uint64_t value)
{
    char digits[NUMBER_CHARS];
    char *end = digits + sizeof(digits);
    char *start = digits_before(end, value, 1);

    json_key(json, key);
    if (value > NUMBER_MAX)
        json_put(json, "\"", 1);
    json_put(json, start, (size_t)(end - start));
    if (value > NUMBER_MAX)
        json_put(json, "\"", 1);
}

void json_optional(struct json_writer *json, const char *key, int is_known, uint64_t value)
{
    if (is_known)
        json_integer(json, key, value);
    else
        json_null(json, key);
}

void json_decimal(struct json_writer *json, const char *key, uint64_t value, unsigned decimals)
{
    char digits[NUMBER_CHARS];
    char *end = digits + sizeof(digits);
    uint64_t scale = 1;
    char *start;

    for (unsigned i = 0; i < decimals; i++)
        scale *= 10;
    start = digits_before(end, value % scale, decimals);
    while (end > start && end[-1] == '0')
        end--;
    if (end > start)
        *--start = '.';
    start = digits_before(start, value / scale, 1);
    json_key(json, key);
    json_put(json, start, (size_t)(end - start));
}

void json_boolean(struct json_writer *json, const char *key, int value)
{
    json_key(json, key);
    json_puts(json, value ? "true" : "false");
}

void json_null(struct json_writer *json, const char *key)
{
    json_key(json, key);
    json_puts(json, "null");
}

void json_number(struct json_writer *json, const char *key, double value)
{
    double scaled = value * DECIMAL_SCALE;
    char digits[NUMBER_CHARS];

    /* A multiple of 1e-9 with at most 15 digits: the digits are those that snprintf() below would
     * write, ten times as fast. */
    if (scaled >= 0 && scaled < EXACT_MAX &&
        (double)(uint64_t)(scaled + 0.5) / DECIMAL_SCALE == value) {
        json_decimal(json, key, (uint64_t)(scaled + 0.5), DECIMALS);
        return;
    }

    if (!isfinite(value)) {
        json_null(json, key);
        return;
    }
    snprintf(digits, sizeof(digits), "%.15g", value);
    json_key(json, key);
    json_puts(json, digits);
}
