/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Ships the results in a database elsewhere, at least once. Rows have natural keys, so that a row
 * that is shipped again replaces itself. A file beside the database holds its progress
 * (store/database/ship_cursor.h). */
#ifndef GAPWATCH_SHIP_SHIP_H
#define GAPWATCH_SHIP_SHIP_H

#include "base/error.h"
#include "ship/target.h"

#define SENSOR_CHARS 256

struct ship_options {
    const char *database;
    const char *sensor; /* name of this sensor; NULL: the host's */
    uint64_t samples;   /* one sample of this many is shipped; 0: none */
    int once;           /* ship what is there and end */
    int quiet;
    struct target_options target;
};

/* Whether results can be shipped to TARGET, as it is written, by SENSOR, a name of 1 to 255 octets
 * (NULL: the host's). Returns 0, or -1 with ERROR set. */
int ship_check(const struct target_options *target, const char *sensor, struct error *error);

/* Ships until the program is told to end; then it ships what is there, unless that fails. Returns
 * 0, or -1 with ERROR set. */
int ship_run(const struct ship_options *options, struct error *error);

#endif
