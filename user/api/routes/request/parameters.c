/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/routes/request/parameters.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/routes/request/parameter_table.h"
#include "api/routes/request/percent.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "base/units.h"
#include "outcome.h"

static int take_whole(const struct parameter_row *row, const char *value, int64_t *number,
                      struct error *error)
{
    char *end;

    errno = 0;
    *number = strtoll(value, &end, 10);
    if (*value >= '0' && *value <= '9' && !*end && !errno && *number >= row->min &&
        *number <= row->max)
        return 0;
    return error_set(error, "%s takes a whole number from %" PRId64 " to %" PRId64 ", not '%s'",
                     row->name, row->min, row->max, value);
}

static int take_decimal(const struct parameter_row *row, const char *value, double *number,
                        struct error *error)
{
    char *end;

    *number = strtod(value, &end);
    if (*value >= '0' && *value <= '9' && !strpbrk(value, "xX") && !*end && isfinite(*number))
        return 0;
    return error_set(error, "%s takes a number that is not negative, not '%s'", row->name, value);
}

/* The index of VALUE in the row's words, or -1 with ERROR set. */
static int find_word(const struct parameter_row *row, const char *value, struct error *error)
{
    char known[256];
    struct text list = text_over(known, sizeof(known));

    for (int i = 0; row->words[i]; i++) {
        if (*value && strcmp(row->words[i], value) == 0)
            return i;
        if (*row->words[i])
            text_add(&list, "%s%s", list.length ? ", " : "", row->words[i]);
    }
    return error_set(error, "%s takes one of %s, not '%s'", row->name, known, value);
}

/* Reads a time before now, such as -5m. Returns 0, or -1: it is none. */
static int parse_age(const char *value, uint64_t *time_ns)
{
    static const char units[] = "smhd";
    static const uint64_t seconds[] = {1, 60, 3600, 86400};
    uint64_t now = (uint64_t)time(NULL);
    unsigned long long number;
    const char *unit;
    char *end;

    if (value[0] != '-' || value[1] < '0' || value[1] > '9')
        return -1;
    errno = 0;
    number = strtoull(value + 1, &end, 10);
    unit = *end ? strchr(units, *end) : NULL;
    if (!unit || end[1] || errno || number > now / seconds[unit - units])
        return -1;
    *time_ns = (now - number * seconds[unit - units]) * NS_PER_SECOND;
    return 0;
}

static int take_time(struct parameters *parameters, const struct parameter_row *row,
                     const char *value, char *timestamp, struct error *error)
{
    uint64_t time_ns;

    if (parse_age(value, &time_ns) == 0)
        parameters->is_relative = 1;
    else if (timestamp_parse(value, &time_ns) < 0)
        return error_set(error, "%s takes a time like 2025-01-31T12:00:00Z or -5m, not '%s'",
                         row->name, value);
    timestamp_format(time_ns, timestamp);
    return 0;
}

static int take_value(struct parameters *parameters, const struct parameter_row *row,
                      const char *value, struct error *error)
{
    void *member = (char *)parameters + row->member;
    int place;

    switch (row->kind) {
    case KIND_WHOLE:
        return take_whole(row, value, member, error);
    case KIND_DECIMAL:
        return take_decimal(row, value, member, error);
    case KIND_CHOICE:
        place = find_word(row, value, error);
        *(int *)member = place;
        return place < 0 ? -1 : 0;
    case KIND_NAME:
        strcpy(member, value); /* both have PARAMETER_CHARS */
        return find_word(row, value, error) < 0 ? -1 : 0;
    case KIND_TIME:
        return take_time(parameters, row, value, member, error);
    case KIND_TEXT:
        strcpy(member, value); /* both have PARAMETER_CHARS */
        return *value ? 0 : error_set(error, "%s takes a text that is not empty", row->name);
    }
    return -1;
}

static int find_parameter(const char *name)
{
    for (int i = 0; i < PARAMETER_COUNT; i++)
        if (strcmp(parameter_rows[i].name, name) == 0)
            return i;
    return -1;
}

/* Parses one NAME=VALUE of LENGTH octets. */
static int take_pair(struct parameters *parameters, const char *pair, size_t length,
                     uint32_t allowed, struct error *error)
{
    const char *equals = memchr(pair, '=', length);
    size_t name_length = equals ? (size_t)(equals - pair) : length;
    char name[PARAMETER_CHARS], value[PARAMETER_CHARS] = "";
    int found;

    if (percent_decode(pair, name_length, ' ', name, sizeof(name)) < 0)
        return error_set(error, "the name of a parameter is too long or wrongly encoded");
    found = find_parameter(name);
    if (found < 0 || !(allowed & GIVEN(found)))
        return error_set(error, "there is no parameter '%s' here", name);
    if (parameters->given & GIVEN(found))
        return error_set(error, "%s is given twice", name);
    parameters->given |= GIVEN(found);
    if (equals &&
        percent_decode(equals + 1, length - name_length - 1, ' ', value, sizeof(value)) < 0)
        return error_set(error, "the value of %s is too long or wrongly encoded", name);
    return take_value(parameters, &parameter_rows[found], value, error);
}

int parameters_parse(struct parameters *parameters, const char *query, uint32_t allowed,
                     struct error *error)
{
    *parameters = (struct parameters){.limit = LIMIT_DEFAULT};
    while (query && *query) {
        size_t length = strcspn(query, "&");

        if (length && take_pair(parameters, query, length, allowed, error) < 0)
            return -1;
        query += length + (query[length] == '&');
    }
    return 0;
}
