/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Tracks the records of files, and passes the results to a sink if there is one. */
#ifndef GAPWATCH_SESSION_RECORDER_H
#define GAPWATCH_SESSION_RECORDER_H

#include "sink/sink.h"

struct recorder {
    struct tracker *tracker; /* not owned */
    struct sink sink;
    char *files;     /* names of all files in one string; NULL without a sink */
    uint64_t now_ns; /* time of the newest frame */
};

/*
 * Starts to record the COUNT FILES. SINK is not open and is copied. TRACKER has received nothing
 * yet, and must outlive RECORDER. WINDOW is the tracker's. Returns 0, or -1 with ERROR set, when
 * nothing needs to be ended.
 */
int recorder_begin(struct recorder *recorder, struct tracker *tracker, const struct sink *sink,
                   char *const *files, size_t count, uint32_t window, struct error *error);

/* Tracks BATCH. STATISTICS are those up to its end. */
void recorder_receive(struct recorder *recorder, const struct batch *batch,
                      const struct source_statistics *statistics);

/* Called when nothing came for a while, with the STATISTICS so far. */
void recorder_idle(struct recorder *recorder, const struct source_statistics *statistics);

/* Called when the tracker is finished, with the STATISTICS of all files. Waits until everything is
 * kept. Returns 0, or -1 with ERROR set. */
int recorder_end(struct recorder *recorder, const struct source_statistics *statistics,
                 struct error *error);

#endif
