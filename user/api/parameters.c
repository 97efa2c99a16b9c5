/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/parameters.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "api/percent.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "outcome.h"

#define STEP_MAX (366 * 24 * 3600)

enum kind {
    KIND_WHOLE,   /* MIN to MAX */
    KIND_DECIMAL, /* not negative */
    KIND_CHOICE,  /* one of WORDS; the member is an int that becomes its place */
    KIND_NAME,    /* one of WORDS; the member is text */
    KIND_TIME,
};

struct parameter_row {
    const char *name;
    enum kind kind;
    size_t member; /* offset in struct parameters */
    int64_t min;
    int64_t max;
    const char *const *words; /* ends with NULL */
};

static const char *const sort_words[] = {
    [SORT_LOST_NETWORK] = "lost_network", [SORT_LOST] = "total_lost_packets",
    [SORT_BYTES] = "total_bytes",         [SORT_BANDWIDTH] = "bandwidth_mbps",
    [SORT_FLOW_ID] = "flow_id",           [SORT_COUNT] = NULL,
};

static const char *const order_words[] = {
    [ORDER_UNSAID] = "",
    [ORDER_RISING] = "asc",
    [ORDER_FALLING] = "desc",
    NULL,
};

static const char *const protocol_words[] = {
#define ROW(id, name, ...) #name,
    PROTOCOL_TABLE(ROW)
#undef ROW
        NULL,
};

static const char *const cause_words[] = {"network", "undetermined", NULL};

#define MEMBER(name) offsetof(struct parameters, name)

static const struct parameter_row rows[PARAMETER_COUNT] = {
    [PARAMETER_LIMIT] = {"limit", KIND_WHOLE, MEMBER(limit), 1, LIMIT_MAX, NULL},
    [PARAMETER_OFFSET] = {"offset", KIND_WHOLE, MEMBER(offset), 0, INT64_MAX, NULL},
    [PARAMETER_CAPTURE] = {"capture", KIND_WHOLE, MEMBER(capture), 1, INT64_MAX, NULL},
    [PARAMETER_PROTOCOL] = {"protocol", KIND_NAME, MEMBER(protocol), 0, 0, protocol_words},
    [PARAMETER_MIN_BYTES] = {"min_bytes", KIND_WHOLE, MEMBER(min_bytes), 0, INT64_MAX, NULL},
    [PARAMETER_MAX_BYTES] = {"max_bytes", KIND_WHOLE, MEMBER(max_bytes), 0, INT64_MAX, NULL},
    [PARAMETER_MIN_BANDWIDTH] = {"min_bandwidth_mbps", KIND_DECIMAL, MEMBER(min_bandwidth), 0, 0,
                                 NULL},
    [PARAMETER_MAX_BANDWIDTH] = {"max_bandwidth_mbps", KIND_DECIMAL, MEMBER(max_bandwidth), 0, 0,
                                 NULL},
    [PARAMETER_MIN_LOST] = {"min_lost", KIND_WHOLE, MEMBER(min_lost), 0, INT64_MAX, NULL},
    [PARAMETER_SORT] = {"sort", KIND_CHOICE, MEMBER(sort), 0, 0, sort_words},
    [PARAMETER_ORDER] = {"order", KIND_CHOICE, MEMBER(order), 0, 0, order_words},
    [PARAMETER_SINCE] = {"since", KIND_TIME, MEMBER(since), 0, 0, NULL},
    [PARAMETER_UNTIL] = {"until", KIND_TIME, MEMBER(until), 0, 0, NULL},
    [PARAMETER_CAUSE] = {"cause", KIND_NAME, MEMBER(cause), 0, 0, cause_words},
    [PARAMETER_STEP] = {"step", KIND_WHOLE, MEMBER(step), 1, STEP_MAX, NULL},
};

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

/* The place of VALUE among the row's words, or -1. */
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

static int take_time(const struct parameter_row *row, const char *value, char *timestamp,
                     struct error *error)
{
    uint64_t time_ns;

    if (timestamp_parse(value, &time_ns) < 0)
        return error_set(error, "%s takes a time like 2025-01-31T12:00:00Z, not '%s'", row->name,
                         value);
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
        strcpy(member, value); /* both of PARAMETER_CHARS */
        return find_word(row, value, error) < 0 ? -1 : 0;
    case KIND_TIME:
        return take_time(row, value, member, error);
    }
    return -1;
}

static int find_parameter(const char *name)
{
    for (int i = 0; i < PARAMETER_COUNT; i++)
        if (strcmp(rows[i].name, name) == 0)
            return i;
    return -1;
}

/* One NAME=VALUE of LENGTH octets. */
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
    return take_value(parameters, &rows[found], value, error);
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
