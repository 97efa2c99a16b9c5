/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Parses the query string; parameter_table.h defines the parameters. */
#ifndef GAPWATCH_API_ROUTES_REQUEST_PARAMETERS_H
#define GAPWATCH_API_ROUTES_REQUEST_PARAMETERS_H

#include <stdint.h>

#include "base/error.h"

#define LIMIT_DEFAULT 100
#define LIMIT_MAX     1000

#define PARAMETER_CHARS 256 /* of a value, with its terminator */

enum parameter {
    PARAMETER_LIMIT,
    PARAMETER_OFFSET,
    PARAMETER_CAPTURE,
    PARAMETER_PROTOCOL,
    PARAMETER_MIN_BYTES,
    PARAMETER_MAX_BYTES,
    PARAMETER_MIN_BANDWIDTH,
    PARAMETER_MAX_BANDWIDTH,
    PARAMETER_MIN_LOST,
    PARAMETER_SORT,
    PARAMETER_ORDER,
    PARAMETER_SINCE,
    PARAMETER_UNTIL,
    PARAMETER_CAUSE,
    PARAMETER_KIND,
    PARAMETER_STEP,
    PARAMETER_INTERFACE,
    PARAMETER_SEARCH,
    PARAMETER_AFTER,
    PARAMETER_FLOW,
    PARAMETER_ASSOCIATION,
    PARAMETER_LINEAGE,
    PARAMETER_COMPARISON,
    PARAMETER_COMPARED_SA,
    PARAMETER_COUNT,
};

#define GIVEN(parameter) (1u << (parameter))

struct parameters {
    uint32_t given; /* GIVEN() of each parameter in the query */
    int64_t limit;
    int64_t offset;
    int64_t capture;
    int64_t min_bytes;
    int64_t max_bytes;
    int64_t min_lost;
    int64_t step;
    double min_bandwidth;
    double max_bandwidth;
    int sort;  /* enum sort */
    int order; /* enum order */
    char protocol[PARAMETER_CHARS];
    char cause[PARAMETER_CHARS];
    char kind[PARAMETER_CHARS];
    char since[PARAMETER_CHARS]; /* as the database stores times */
    char until[PARAMETER_CHARS];
    int is_relative; /* since or until was given as a time before now */
    char interface[PARAMETER_CHARS];
    char search[PARAMETER_CHARS];
    char after[PARAMETER_CHARS];
    char flow[PARAMETER_CHARS];
    int64_t association;
    char lineage[PARAMETER_CHARS];
    int64_t comparison;
    int64_t compared_sa;
};

enum sort {
    SORT_LOST,
    SORT_LOST_NETWORK,
    SORT_BYTES,
    SORT_BANDWIDTH,
    SORT_FLOW_ID,
    SORT_RATIO,
    SORT_TIME,
    SORT_LOST_WORD, /* the word of intervals for lost_network */
    SORT_COUNT,
};

enum order {
    ORDER_UNSAID, /* the default of the sort key */
    ORDER_RISING,
    ORDER_FALLING,
};

/* Sets PARAMETERS from QUERY, percent-encoded (NULL: none), and from the defaults. ALLOWED has
 * GIVEN() of each parameter that the route permits. Returns 0; or -1 with ERROR set to a message
 * that names the parameter, and PARAMETERS undefined. */
int parameters_parse(struct parameters *parameters, const char *query, uint32_t allowed,
                     struct error *error);

#endif
