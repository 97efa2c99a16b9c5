/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Tracks the records of files, and hands what is found to a sink where there is one. */
#ifndef GAPWATCH_SESSION_RECORDER_H
#define GAPWATCH_SESSION_RECORDER_H

#include "sink/sink.h"

struct recorder {
    struct tracker *tracker; /* not owned */
    struct sink sink;
    char *files;     /* all of them, as one string; NULL without a sink */
    uint64_t now_ns; /* of the newest frame */
};

/*
 * Begins to record the COUNT FILES. SINK, which is not open, is copied; TRACKER has received
 * nothing yet, and outlives RECORDER. WINDOW is the tracker's. Returns 0, or -1 with ERROR set and
 * nothing to end.
 */
int recorder_begin(struct recorder *recorder, struct tracker *tracker, const struct sink *sink,
                   char *const *files, size_t count, uint32_t window, struct error *error);

/* Tracks BATCH; what was seen up to it are STATISTICS. */
void recorder_receive(struct recorder *recorder, const struct batch *batch,
                      const struct source_statistics *statistics);

/* Nothing came for a while; what was seen until now are STATISTICS. */
void recorder_idle(struct recorder *recorder, const struct source_statistics *statistics);

/* The tracker is finished. Returns when all is kept: 0, or -1 with ERROR set. */
int recorder_end(struct recorder *recorder, const struct source_statistics *statistics,
                 struct error *error);

#endif
