/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "compare/files/files.h"

#include <stdio.h>

#include "base/text.h"
#include "compare/files/assign.h"
#include "compare/files/relate.h"
#include "compare/files/undetermined.h"
#include "report/progress.h"
#include "selection.h"
#include "source/notices.h"
#include "source/readahead.h"
#include "source/source.h"
#include "track/tracker.h"

struct reading {
    struct point *point;
    const struct files_options *options;
    struct tracker tracker;
    struct frame_limit limit; /* without one */
    struct notices notices;
    int has_memory; /* for all SAs so far */
};

static void note_time(struct point *point, uint64_t time_ns)
{
    if (!point->start_ns || time_ns < point->start_ns)
        point->start_ns = time_ns;
    if (time_ns > point->end_ns)
        point->end_ns = time_ns;
}

static void take_batch(struct reading *reading, const struct batch *batch)
{
    tracker_note_losses(&reading->tracker, batch->lost, batch->lost_count);
    tracker_note_clock_set(&reading->tracker, batch->clock_set_ns);
    tracker_receive_of(&reading->tracker, batch->records, batch->origins, batch->count);
    for (size_t i = 0; i < batch->count; i++) {
        uint64_t time_ns = point_time(batch->records[i].timestamp_ns);

        note_time(reading->point, time_ns);
        frame_log_add(&reading->point->log, &batch->records[i], time_ns);
    }
}

/* Reads all frames of the open source STATE. Returns 0, or -1 with ERROR set. */
static int read_source(struct reading *reading, void *state, struct error *error)
{
    struct readahead *readahead = readahead_start(&file_source, state, error);
    const struct batch *batch;
    struct progress progress;

    if (!readahead)
        return -1;
    progress_begin(&progress, stderr, file_source.size(state), reading->options->is_quiet);
    while ((batch = readahead_next(readahead))) {
        take_batch(reading, batch);
        progress_update(&progress, batch->octets, batch->frames);
    }
    progress_end(&progress);
    return readahead_stop(readahead, error) == SOURCE_FAILED ? -1 : 0;
}

/* Reads all files. Returns EXIT_DONE, or else the exit status, with ERROR set. */
static enum exit_code read_files(struct reading *reading, struct error *error)
{
    const struct files_options *files = reading->options;
    struct source_options options = {
        .target = files->files[0],
        .targets = (const char *const *)files->files,
        .target_count = files->count,
        .filter = files->filter,
        .tunnels = TUNNELS_ALL,
        .protocols = PROTOCOLS_ALL,
        .limit = &reading->limit,
        .survey_all = 1,
        .notices = &reading->notices,
    };
    struct source_statistics statistics;
    enum open_status status;
    void *state;
    int read_status;

    status = file_source.open(&state, &options, error);
    if (status == OPEN_INTERRUPTED)
        return EXIT_DONE;
    if (status != OPEN_DONE)
        return status == OPEN_BAD_FILTER ? EXIT_USAGE : EXIT_FAILED;
    read_status = read_source(reading, state, error);
    file_source.statistics(state, 0, &statistics);
    reading->point->frames += statistics.frames;
    reading->point->clock_steps += statistics.clock_steps;
    file_source.close(state);
    return read_status < 0 || notices_take_failure(&reading->notices, error) ? EXIT_FAILED
                                                                             : EXIT_DONE;
}

static int take_sa(void *context, const struct sa_change *sa)
{
    struct reading *reading = context;

    if (!point_add(reading->point, sa))
        reading->has_memory = 0;
    return reading->has_memory ? 0 : -1;
}

/* Adds the SAs that the tracker found. Returns 0, or -1 with ERROR set. */
static int take_sas(struct reading *reading, struct error *error)
{
    struct tracker *tracker = &reading->tracker;
    const struct flow_table *table = &tracker->table;

    reading->has_memory = 1;
    for (uint32_t i = flow_table_oldest(table); i != POOL_NONE; i = flow_table_newer(table, i)) {
        const struct flow *flow = flow_table_at(table, i);

        if (flow_has_sequence(flow))
            sequence_live_sas(&tracker->sequencer, flow, take_sa, reading);
    }
    for (size_t i = 0; i < tracker->sas.count && reading->has_memory; i++)
        take_sa(reading, &tracker->sas.sas[i]);
    reading->point->omitted_sas = tracker->sas.omitted + tracker->evicted.flows;
    return reading->has_memory ? 0 : error_set(error, "no memory for the SAs");
}

/* Finds the SAs in what was read, and their frames. Returns 0, or -1 with ERROR set. */
static int finish(struct reading *reading, struct error *error)
{
    struct point *point = reading->point;

    tracker_finish(&reading->tracker);
    if (point->log.untracked || reading->tracker.untracked)
        return error_set(error, "no memory for the frames of %s", point->name);
    if (take_sas(reading, error) < 0)
        return -1;
    point_arrange(point);
    if (point_take_undetermined(point, &reading->tracker.gaps, error) < 0 ||
        point_relate(point, &reading->tracker.moves.ties, error) < 0)
        return -1;
    return assign_frames(point, error);
}

enum exit_code point_read_files(struct point *point, const struct files_options *options,
                                struct error *error)
{
    struct reading reading = {.point = point, .options = options};
    enum exit_code code;
    struct error more;

    *point = (struct point){.window = options->window, .tail_ns = TAIL_NS};
    point->name = text_join(options->files, options->count);
    if (!point->name || frame_log_init(&point->log, options->max_flows) < 0 ||
        tracker_init(&reading.tracker, options->window, options->max_flows) < 0) {
        error_set(error, "no memory for --max-flows %u", options->max_flows);
        return EXIT_FAILED;
    }
    tracker_keep_sas(&reading.tracker);
    code = read_files(&reading, error);
    notices_print(&reading.notices, options->is_quiet);
    notices_release(&reading.notices);
    if (code != EXIT_USAGE && finish(&reading, &more) < 0) {
        *error = more;
        code = EXIT_FAILED;
    }
    tracker_release(&reading.tracker);
    return code;
}
