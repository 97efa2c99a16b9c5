/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What each parameter of a query may be, for those who parse it and for openapi.json. */
#ifndef GAPWATCH_API_ROUTES_PARAMETER_TABLE_H
#define GAPWATCH_API_ROUTES_PARAMETER_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "api/routes/parameters.h"

enum kind {
    KIND_WHOLE,   /* MIN to MAX; the member is an int64_t */
    KIND_DECIMAL, /* not negative; a double */
    KIND_CHOICE,  /* one of WORDS; an int that becomes its place */
    KIND_NAME,    /* one of WORDS; text of PARAMETER_CHARS, like the next */
    KIND_TIME,    /* RFC 3339 */
};

struct parameter_row {
    const char *name;
    enum kind kind;
    size_t member; /* offset in struct parameters */
    int64_t min;
    int64_t max;
    const char *const *words; /* ends with NULL; one that is empty is not for users */
    const char *usual;        /* what it is when it is not given, as JSON; NULL: nothing */
    const char *meaning;      /* for people */
};

extern const struct parameter_row parameter_rows[PARAMETER_COUNT];

#endif
