/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The definition of each query parameter, for the parser and for openapi.json. */
#ifndef GAPWATCH_API_ROUTES_REQUEST_PARAMETER_TABLE_H
#define GAPWATCH_API_ROUTES_REQUEST_PARAMETER_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "api/routes/request/parameters.h"

enum kind {
    KIND_WHOLE,   /* MIN to MAX; the member is an int64_t */
    KIND_DECIMAL, /* not negative; the member is a double */
    KIND_CHOICE,  /* one of WORDS; the member is an int, the index of the word */
    KIND_NAME,    /* one of WORDS; the member is text of PARAMETER_CHARS */
    KIND_TIME,    /* RFC 3339, or like -5m; the member is text of PARAMETER_CHARS */
    KIND_TEXT,    /* not empty; the member is text of PARAMETER_CHARS */
};

struct parameter_row {
    const char *name;
    enum kind kind;
    size_t member; /* offset in struct parameters */
    int64_t min;
    int64_t max;
    const char *const *words; /* ends with NULL; "" cannot be chosen */
    const char *usual;        /* default value as JSON; NULL: none */
    const char *meaning;      /* for the documentation */
};

extern const struct parameter_row parameter_rows[PARAMETER_COUNT];

#endif
