/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Which captures an answer is about. With the parameter `capture` it is that one; with `interface`
 * the running captures of that interface, else its newest one; with neither all running captures,
 * else the newest one. A capture is running when it has not ended and was updated within three
 * flushes. The analysis of a file never counts as running.
 */
#ifndef GAPWATCH_API_ROUTES_REQUEST_SCOPE_H
#define GAPWATCH_API_ROUTES_REQUEST_SCOPE_H

#include <stdint.h>

#include "api/database/reader.h"
#include "base/text.h"

#define SCOPE_MAX   32 /* captures; of more that run, the newest are shown */
#define SCOPE_CHARS (SCOPE_MAX * 22)

struct scope {
    int64_t captures[SCOPE_MAX]; /* row ids, newest first */
    int count;
};

/* The running captures. The list is valid for one version of the database, and until one of the
 * captures has not been updated for too long. */
struct running {
    struct scope scope;
    struct version version;
    int64_t until; /* seconds since 1970 */
    int is_known;
};

/* Whether the list in RUNNING still holds for VERSION of the database. */
int running_is_current(const struct running *running, const struct version *version);

/* Sets RUNNING to the running captures in the open transaction of READER, unless it still holds.
 * reader_end() reports errors. */
void running_read(struct running *running, struct reader *reader);

/* A hash of the version that RUNNING was read from, and of its captures; never 0. */
uint64_t running_number(const struct running *running);

/* Writes " = ID" or " IN (ID, ...)" with the captures of SCOPE, for conditions on capture_id, to
 * CONDITION of SCOPE_CHARS. */
void scope_condition(const struct scope *scope, char *condition);

/* Writes " = ID", for the capture ID alone, to CONDITION of SCOPE_CHARS. */
void scope_condition_of_one(int64_t id, char *condition);

#endif
