/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "command/analyze.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/interrupt.h"
#include "report/progress.h"
#include "report/report.h"
#include "source/readahead.h"
#include "source/source.h"
#include "track/tracker.h"

struct analysis {
    const struct options *options;
    struct tracker tracker;
    struct source_statistics statistics;
    int files_read;
};

static enum exit_code complain(const struct error *error, enum exit_code code)
{
    error_print(error);
    return code;
}

/* Tracks all that the opened source yields. Returns 0, or -1 with ERROR set. */
static int track_source(struct analysis *analysis, void *state, struct error *error)
{
    struct readahead *readahead = readahead_start(&file_source, state, error);
    const struct batch *batch;
    struct progress progress;

    if (!readahead)
        return -1;
    interrupt_catch(); /* not before: a file that is slow to open has nothing to report */
    progress_begin(&progress, stderr, file_source.size(state), analysis->options->quiet);
    while ((batch = readahead_next(readahead))) {
        tracker_receive(&analysis->tracker, batch->records, batch->count, NULL);
        progress_update(&progress, batch->octets, batch->frames);
    }
    progress_end(&progress);
    return readahead_stop(readahead, error) == SOURCE_FAILED ? -1 : 0;
}

static enum exit_code analyze_file(struct analysis *analysis, const char *path)
{
    struct source_options source_options = {.target = path, .filter = analysis->options->filter};
    struct source_statistics statistics;
    struct error error;
    void *state;
    int status;

    switch (file_source.open(&state, &source_options, &error)) {
    case OPEN_DONE:
        break;
    case OPEN_FAILED:
        return complain(&error, EXIT_FAILED);
    case OPEN_BAD_FILTER:
        return complain(&error, EXIT_USAGE);
    }
    analysis->files_read++;
    if (!analysis->options->json)
        printf("Analyzing packets from: %s\n", path);
    status = track_source(analysis, state, &error);
    if (interrupted())
        fputs("gapwatch: interrupted: this is what was read until now\n", stderr);
    file_source.statistics(state, 0, &statistics);
    statistics_add(&analysis->statistics, &statistics);
    file_source.close(state);
    return status < 0 ? complain(&error, EXIT_FAILED) : EXIT_DONE;
}

static enum exit_code write_report(struct analysis *analysis)
{
    const struct options *options = analysis->options;
    struct report report = {
        .method = file_source.name,
        .targets = options->operands,
        .target_count = (size_t)options->operand_count,
        .statistics = analysis->statistics,
    };

    tracker_finish(&analysis->tracker);
    if (report_prepare(&report, &analysis->tracker) < 0) {
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

enum exit_code analyze(const struct options *options)
{
    struct analysis analysis = {.options = options};
    enum exit_code worst = EXIT_DONE;

    if (!options->operand_count) {
        fputs("gapwatch: no capture file given (see gapwatch --help)\n", stderr);
        return EXIT_USAGE;
    }
    if (tracker_init(&analysis.tracker, (uint32_t)options->window, (uint32_t)options->max_flows) <
        0) {
        fprintf(stderr, "gapwatch: no memory for --max-flows %llu\n",
                (unsigned long long)options->max_flows);
        return EXIT_FAILED;
    }
    for (int i = 0; i < options->operand_count && worst != EXIT_USAGE && !interrupted(); i++) {
        enum exit_code code = analyze_file(&analysis, options->operands[i]);

        if (code > worst)
            worst = code;
    }
    /* What was counted before anything broke is reported all the same. */
    if (analysis.files_read && write_report(&analysis) != EXIT_DONE)
        worst = EXIT_FAILED;
    if (analysis.tracker.untracked) {
        fprintf(stderr, "gapwatch: no memory to track %llu frames\n",
                (unsigned long long)analysis.tracker.untracked);
        worst = EXIT_FAILED;
    }
    tracker_release(&analysis.tracker);
    return worst;
}
