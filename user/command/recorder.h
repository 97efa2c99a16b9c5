/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Tracks the records of files, and keeps what is found in a database where one is asked for. */
#ifndef GAPWATCH_COMMAND_RECORDER_H
#define GAPWATCH_COMMAND_RECORDER_H

#include "options/options.h"
#include "store/store.h"

struct recorder {
    struct tracker *tracker; /* not owned */
    struct store *store;     /* NULL: results are not kept */
    char *source;            /* all files, as one string */
    uint64_t now_ns;         /* of the newest frame */
};

/* Opens the database of OPTIONS, if there is one, for TRACKER. Returns 0, or -1 with ERROR set. */
int recorder_begin(struct recorder *recorder, const struct options *options,
                   struct tracker *tracker, struct error *error);

/* Tracks BATCH; what was seen up to it are STATISTICS. */
void recorder_receive(struct recorder *recorder, const struct batch *batch,
                      const struct source_statistics *statistics);

/* Nothing came for a while. */
void recorder_idle(struct recorder *recorder, const struct source_statistics *statistics);

/* The tracker is finished. Returns when all is written: 0, or -1 with ERROR set. */
int recorder_end(struct recorder *recorder, const struct source_statistics *statistics,
                 struct error *error);

#endif
