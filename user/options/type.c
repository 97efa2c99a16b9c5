/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "options/type.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"

#define KILO 1024

static void *member_of(struct options *options, const struct option_row *row)
{
    return (char *)options + row->member;
}

const char *options_keep(struct options *options, const char *text, size_t length)
{
    char *copy = options->texts + options->texts_used;

    if (length >= sizeof(options->texts) - options->texts_used)
        return NULL;
    memcpy(copy, text, length);
    copy[length] = '\0';
    options->texts_used += length + 1;
    return copy;
}

static int parse_flag(struct options *options, const struct option_row *row, const char *text,
                      struct error *error)
{
    (void)text, (void)error;
    *(int *)member_of(options, row) = 1;
    return 0;
}

static int parse_text(struct options *options, const struct option_row *row, const char *text,
                      struct error *error)
{
    (void)error;
    *(const char **)member_of(options, row) = text;
    return 0;
}

/* Reads a decimal number from MIN to MAX. Returns 0, or -1 when TEXT is not one. */
static int read_number(const char *text, uint64_t min, uint64_t max, uint64_t *number)
{
    char *end;

    if (*text < '0' || *text > '9')
        return -1;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return errno || *end || *number < min || *number > max ? -1 : 0;
}

static int parse_number(struct options *options, const struct option_row *row, const char *text,
                        struct error *error)
{
    if (read_number(text, row->min, row->max, member_of(options, row)) == 0)
        return 0;
    return error_set(error, "--%s takes a whole number from %llu to %llu, not '%s'", row->name,
                     (unsigned long long)row->min, (unsigned long long)row->max, text);
}

/* Reads a size from MIN to MAX: a number, optionally with K, M, G or T. Returns 0, or -1. */
static int read_size(const char *text, uint64_t min, uint64_t max, uint64_t *size)
{
    static const char suffixes[] = "KMGT";
    const char *suffix = *text ? strchr(suffixes, text[strlen(text) - 1]) : NULL;
    char number[32];
    size_t length = strlen(text) - (suffix != NULL);

    if (length >= sizeof(number))
        return -1;
    memcpy(number, text, length);
    number[length] = '\0';
    if (read_number(number, 0, max, size) < 0)
        return -1;
    for (const char *unit = suffixes; suffix && unit <= suffix; unit++) {
        if (*size > max / KILO)
            return -1;
        *size *= KILO;
    }
    return *size < min ? -1 : 0;
}

static int parse_size(struct options *options, const struct option_row *row, const char *text,
                      struct error *error)
{
    if (read_size(text, row->min, row->max, member_of(options, row)) == 0)
        return 0;
    return error_set(error, "--%s takes a size like 500M or 2G, of 1M at least, not '%s'",
                     row->name, text);
}

/* Reads a time from MIN to MAX nanoseconds: a number and one of us, ms, s. Returns 0, or -1. */
static int read_time(const char *text, uint64_t min, uint64_t max, uint64_t *time_ns)
{
    static const struct {
        const char *name;
        uint64_t ns;
    } units[] = {{"us", 1000}, {"ms", 1000000}, {"s", NS_PER_SECOND}};
    size_t digits = strspn(text, "0123456789");
    char number[32];

    if (digits >= sizeof(number))
        return -1;
    memcpy(number, text, digits);
    number[digits] = '\0';
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(text + digits, units[i].name) != 0)
            continue;
        if (read_number(number, 0, max / units[i].ns, time_ns) < 0)
            return -1;
        *time_ns *= units[i].ns;
        return *time_ns < min ? -1 : 0;
    }
    return -1;
}

static int parse_time(struct options *options, const struct option_row *row, const char *text,
                      struct error *error)
{
    if (read_time(text, row->min, row->max, member_of(options, row)) == 0)
        return 0;
    return error_set(error,
                     "--%s takes a time like 500us, 100ms or 2s, of at most %llu s, not '%s'",
                     row->name, (unsigned long long)(row->max / NS_PER_SECOND), text);
}

/* The index of TEXT among WORDS, which are separated by |; or -1. */
static int choice_number(const char *words, const char *text)
{
    size_t length = strlen(text);

    for (int number = 0;; number++) {
        size_t span = strcspn(words, "|");

        if (span == length && strncmp(words, text, span) == 0)
            return number;
        if (!words[span])
            return -1;
        words += span + 1;
    }
}

static int parse_choice(struct options *options, const struct option_row *row, const char *text,
                        struct error *error)
{
    int number = choice_number(row->argument, text);

    if (number < 0)
        return error_set(error, "--%s takes %s, not '%s'", row->name, row->argument, text);
    *(uint64_t *)member_of(options, row) = (uint64_t)number;
    return 0;
}

static int parse_file(struct options *options, const struct option_row *row, const char *text,
                      struct error *error)
{
    (void)row, (void)error;
    /* argv contains this word, so one of its elements has been read and is free. */
    options->operands[options->operand_count++] = (char *)text;
    return 0;
}

const struct option_type flag_type = {VALUE_FLAG, parse_flag};
const struct option_type command_flag_type = {0, parse_flag};
const struct option_type number_type = {VALUE_NUMBER, parse_number};
const struct option_type size_type = {VALUE_TEXT | VALUE_NUMBER, parse_size};
const struct option_type time_type = {VALUE_TEXT, parse_time};
const struct option_type text_type = {VALUE_TEXT, parse_text};
const struct option_type file_name_type = {0, parse_text};
const struct option_type choice_type = {VALUE_TEXT, parse_choice};
const struct option_type file_type = {0, parse_file};
