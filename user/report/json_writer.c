/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "report/json_writer.h"

#include <math.h>

#define REPLACEMENT_CHARACTER "\\ufffd"

void json_new_line(struct json_writer *json)
{
    json->new_line = 1;
}

static void json_break_line(struct json_writer *json)
{
    if (json->new_line)
        putc('\n', json->to);
    json->new_line = 0;
}

static void json_key(struct json_writer *json, const char *key)
{
    if (json->needs_comma)
        fputs(json->new_line ? "," : ", ", json->to);
    json_break_line(json);
    if (key)
        fprintf(json->to, "\"%s\": ", key);
    json->needs_comma = 1;
}

void json_open(struct json_writer *json, const char *key, char bracket)
{
    json_key(json, key);
    putc(bracket, json->to);
    json->needs_comma = 0;
}

void json_close(struct json_writer *json, char bracket)
{
    json_break_line(json);
    putc(bracket, json->to);
    json->needs_comma = 1;
}

/* Octets of the UTF-8 character at TEXT (RFC 3629 section 4), or 0: not well-formed. */
static size_t utf8_length(const unsigned char *text)
{
    static const struct {
        unsigned char first, last, second_first, second_last;
        size_t length;
    } forms[] = {
        {0x00, 0x7F, 0x00, 0xFF, 1}, {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
        {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
        {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        size_t length = forms[i].length;

        if (text[0] < forms[i].first || text[0] > forms[i].last)
            continue;
        if (length > 1 && (text[1] < forms[i].second_first || text[1] > forms[i].second_last))
            return 0;
        for (size_t j = 2; j < length; j++)
            if ((text[j] & 0xC0) != 0x80)
                return 0;
        return length;
    }
    return 0;
}

static void json_escaped(struct json_writer *json, const char *text)
{
    const unsigned char *next = (const unsigned char *)text;

    while (*next) {
        size_t length = utf8_length(next);

        if (!length)
            fputs(REPLACEMENT_CHARACTER, json->to);
        else if (*next < ' ')
            fprintf(json->to, "\\u%04x", *next);
        else if (*next == '"' || *next == '\\')
            fprintf(json->to, "\\%c", *next);
        else
            fwrite(next, 1, length, json->to);
        next += length ? length : 1;
    }
}

void json_string(struct json_writer *json, const char *key, const char *text)
{
    if (!text) {
        json_null(json, key);
        return;
    }
    json_key(json, key);
    putc('"', json->to);
    json_escaped(json, text);
    putc('"', json->to);
}

void json_integer(struct json_writer *json, const char *key, uint64_t value)
{
    json_key(json, key);
    fprintf(json->to, "%llu", (unsigned long long)value);
}

void json_optional(struct json_writer *json, const char *key, int is_known, uint64_t value)
{
    if (is_known)
        json_integer(json, key, value);
    else
        json_null(json, key);
}

void json_boolean(struct json_writer *json, const char *key, int value)
{
    json_key(json, key);
    fputs(value ? "true" : "false", json->to);
}

void json_null(struct json_writer *json, const char *key)
{
    json_key(json, key);
    fputs("null", json->to);
}

void json_number(struct json_writer *json, const char *key, double value)
{
    if (!isfinite(value)) {
        json_null(json, key);
        return;
    }
    json_key(json, key);
    fprintf(json->to, "%.15g", value);
}
