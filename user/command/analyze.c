/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "command/analyze.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/interrupt.h"
#include "base/units.h"
#include "command/results.h"
#include "report/progress.h"
#include "report/report.h"
#include "session/recorder.h"
#include "source/readahead.h"
#include "source/source.h"
#include "track/tracker.h"

struct analysis {
    const struct options *options;
    struct tracker tracker;
    struct recorder recorder;
    struct frame_limit limit;
    struct source_statistics statistics; /* of the files that were read completely */
    int files_read;
};

/* The statistics of all files, up to the batch that READAHEAD returned last. */
static struct source_statistics seen(const struct analysis *analysis,
                                     const struct readahead *readahead)
{
    struct source_statistics sum = analysis->statistics;
    struct source_statistics part;

    readahead_statistics(readahead, &part);
    statistics_add(&sum, &part);
    return sum;
}

/* Returns the next batch of READAHEAD, or NULL. Results that wait are passed on at least once a
 * second. */
static const struct batch *next_batch(struct analysis *analysis, struct readahead *readahead)
{
    while (!readahead_wait(readahead, NS_PER_SECOND)) {
        struct source_statistics statistics = seen(analysis, readahead);

        recorder_idle(&analysis->recorder, &statistics);
    }
    return readahead_next(readahead);
}

/* Tracks all frames of the open source. Returns 0, or -1 with ERROR set. */
static int track_source(struct analysis *analysis, void *state, struct error *error)
{
    struct readahead *readahead = readahead_start(&file_source, state, error);
    const struct batch *batch;
    struct progress progress;

    if (!readahead)
        return -1;
    progress_begin(&progress, stderr, file_source.size(state), analysis->options->quiet);
    while ((batch = next_batch(analysis, readahead))) {
        struct source_statistics statistics = seen(analysis, readahead);

        recorder_receive(&analysis->recorder, batch, &statistics);
        progress_update(&progress, batch->octets, batch->frames);
    }
    progress_end(&progress);
    return readahead_stop(readahead, error) == SOURCE_FAILED ? -1 : 0;
}

static void say_interrupted(void)
{
    if (interrupted())
        fputs("gapwatch: interrupted: this is the report of what was read\n", stderr);
}

/* Reads the open source STATE and closes it. */
static enum exit_code read_file(struct analysis *analysis, void *state)
{
    struct source_statistics statistics;
    struct error error;
    int status = track_source(analysis, state, &error);

    say_interrupted();
    file_source.statistics(state, 0, &statistics);
    statistics_add(&analysis->statistics, &statistics);
    file_source.close(state);
    return status < 0 ? complain(&error, EXIT_FAILED) : EXIT_DONE;
}

static void say_file(struct analysis *analysis, const char *path)
{
    analysis->files_read++;
    if (!analysis->options->json)
        printf("Analyzing packets from: %s\n", path);
}

static enum exit_code analyze_file(struct analysis *analysis, const char *path)
{
    struct source_options source_options = {
        .target = path,
        .filter = analysis->options->filter,
        .tunnels = analysis->options->tunnels,
        .esp_ports = analysis->options->esp_ports,
        .protocols = analysis->options->protocols,
        .limit = &analysis->limit,
    };
    struct error error;
    void *state;

    switch (file_source.open(&state, &source_options, &error)) {
    case OPEN_DONE:
        say_file(analysis, path);
        return read_file(analysis, state);
    case OPEN_INTERRUPTED:
        say_file(analysis, path);
        say_interrupted();
        return EXIT_DONE;
    case OPEN_FAILED:
        return complain(&error, EXIT_FAILED);
    case OPEN_BAD_FILTER:
        return complain(&error, EXIT_USAGE);
    }
    return EXIT_FAILED;
}

static enum exit_code write_report(struct analysis *analysis)
{
    const struct options *options = analysis->options;
    struct tracker *tracker = &analysis->tracker;
    struct report report = {
        .method = file_source.name,
        .targets = options->operands,
        .target_count = (size_t)options->operand_count,
        .statistics = analysis->statistics,
        .flows_wanted = options->json ? 0 : REPORT_FLOWS_SHOWN,
    };

    if (report_prepare(&report, &tracker, 1) < 0) {
        fprintf(stderr, "gapwatch: cannot make the report: %s\n", strerror(ENOMEM));
        return EXIT_FAILED;
    }
    if (options->json)
        report_write_json(&report, stdout);
    else
        report_write_text(&report, stdout);
    report_release(&report);
    return EXIT_DONE;
}

/* Keeps and reports what was counted before anything failed. */
static enum exit_code finish(struct analysis *analysis)
{
    enum exit_code code = EXIT_DONE;
    struct error error;

    tracker_finish(&analysis->tracker);
    if (recorder_end(&analysis->recorder, &analysis->statistics, &error) < 0)
        code = complain(&error, EXIT_FAILED);
    if (analysis->files_read && write_report(analysis) != EXIT_DONE)
        code = EXIT_FAILED;
    if (analysis->tracker.untracked) {
        fprintf(stderr, "gapwatch: no memory to track %llu frames\n",
                (unsigned long long)analysis->tracker.untracked);
        code = EXIT_FAILED;
    }
    return code;
}

static enum exit_code read_files(struct analysis *analysis)
{
    const struct options *options = analysis->options;
    enum exit_code worst = EXIT_DONE;

    for (int i = 0; i < options->operand_count && worst != EXIT_USAGE && !interrupted() &&
                    !limit_is_reached(&analysis->limit);
         i++) {
        enum exit_code code = analyze_file(analysis, options->operands[i]);

        if (code > worst)
            worst = code;
    }
    return worst;
}

/* Reports a wrong command line. Returns EXIT_DONE when it is right. */
static enum exit_code check(const struct options *options)
{
    const char *wrong = NULL;

    if (!options->operand_count)
        wrong = "no capture file given (see gapwatch --help)";
    else if (options->replace && !options->db)
        wrong = "--replace needs a database: --db FILE";
    if (!wrong)
        return EXIT_DONE;
    fprintf(stderr, "gapwatch: %s\n", wrong);
    return EXIT_USAGE;
}

enum exit_code analyze(const struct options *options)
{
    struct analysis analysis = {.options = options, .limit = {.most = options->max_packets}};
    enum exit_code worst = check(options);
    struct results results;
    enum exit_code code;
    struct error error;

    if (worst != EXIT_DONE)
        return worst;
    if (tracker_init(&analysis.tracker, (uint32_t)options->window, (uint32_t)options->max_flows) <
        0) {
        fprintf(stderr, "gapwatch: no memory for --max-flows %llu\n",
                (unsigned long long)options->max_flows);
        return EXIT_FAILED;
    }
    tracker_select(&analysis.tracker, options->protocols);
    if (options->json)
        tracker_keep_sas(&analysis.tracker);
    results_choose(&results, options, options->db, 1);
    if (recorder_begin(&analysis.recorder, &analysis.tracker, &results.sink, options->operands,
                       (size_t)options->operand_count, (uint32_t)options->window, &error) < 0) {
        tracker_release(&analysis.tracker);
        return complain(&error, EXIT_FAILED);
    }
    interrupt_catch(INTERRUPT_UNLESS_IGNORED);
    worst = read_files(&analysis);
    code = finish(&analysis);
    tracker_release(&analysis.tracker);
    return code > worst ? code : worst;
}
