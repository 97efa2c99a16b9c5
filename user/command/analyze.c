/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "command/analyze.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/monotonic.h"
#include "base/text.h"
#include "base/units.h"
#include "command/results.h"
#include "report/progress.h"
#include "report/report.h"
#include "session/recorder.h"
#include "source/file/files.h"
#include "source/notices.h"
#include "source/readahead.h"
#include "store/database/kind.h"
#include "track/tracker.h"

/* More files are named in one line. */
#define FILES_NAMED_MAX 8

struct analysis {
    const struct options *options;
    struct tracker tracker;
    struct recorder recorder;
    struct frame_limit limit;
    struct notices notices;
    void *source;      /* the open file_source */
    int survey_all;    /* source_options.survey_all */
    int is_repeated;   /* the files are read for the second time, as files_need_survey() */
    int has_to_repeat; /* this was the first time, and there is no result */
    struct source_statistics statistics;
    uint64_t
        report_ns; /* when the next report is due, on the monotonic clock; 0: only at the end */
};

/* Prints REPORT, whose figures are in the tracker. Returns EXIT_DONE, or EXIT_FAILED after printing
 * why. */
static enum exit_code print_report(struct analysis *analysis, struct report *report)
{
    struct tracker *tracker = &analysis->tracker;

    if (report_prepare(report, &tracker, 1) < 0) {
        fprintf(stderr, "gapwatch: cannot make the report: %s\n", strerror(ENOMEM));
        return EXIT_FAILED;
    }
    if (analysis->options->json)
        report_write_json(report, stdout);
    else
        report_write_text(report, stdout);
    report_release(report);
    return EXIT_DONE;
}

/* A report on STATISTICS, without the names of the files. */
static struct report make_report(const struct analysis *analysis,
                                 const struct source_statistics *statistics)
{
    return (struct report){
        .method = file_source.name,
        .statistics = *statistics,
        .shows_sas = analysis->options->sas,
        .shows_peers = analysis->options->peers,
        .flows_wanted = analysis->options->json ? 0 : REPORT_FLOWS_SHOWN,
    };
}

/* Prints a report of what has been read so far, if one is due. Another thread is reading the files,
 * so it has the names that the user gave, and no interfaces. */
static void report_in_time(struct analysis *analysis, const struct source_statistics *statistics)
{
    const struct options *options = analysis->options;
    struct report report;

    if (!analysis->report_ns || monotonic_ns() < analysis->report_ns)
        return;
    analysis->report_ns += options->interval * NS_PER_SECOND;
    report = make_report(analysis, statistics);
    report.is_interim = 1;
    report.targets = options->operands;
    report.target_count = (size_t)options->operand_count;
    print_report(analysis, &report);
    fflush(stdout);
}

/* Returns the next batch of READAHEAD, or NULL. Results that wait are passed on at least once a
 * second. */
static const struct batch *next_batch(struct analysis *analysis, struct readahead *readahead)
{
    while (!readahead_wait(readahead, NS_PER_SECOND)) {
        struct source_statistics statistics;

        readahead_statistics(readahead, &statistics);
        recorder_idle(&analysis->recorder, &statistics);
        report_in_time(analysis, &statistics);
    }
    return readahead_next(readahead);
}

/* Tracks all frames of the source. Returns 0, or -1 with ERROR set. */
static int track_source(struct analysis *analysis, struct error *error)
{
    struct readahead *readahead = readahead_start(&file_source, analysis->source, error);
    const struct batch *batch;
    struct progress progress;

    if (!readahead)
        return -1;
    progress_begin(&progress, stderr, file_source.size(analysis->source), analysis->options->quiet);
    while ((batch = next_batch(analysis, readahead))) {
        struct source_statistics statistics;

        readahead_statistics(readahead, &statistics);
        recorder_receive(&analysis->recorder, batch, &statistics);
        report_in_time(analysis, &statistics);
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

static void print_name(const char *path)
{
    for (; *path; path++)
        putchar(text_is_printable(*path) ? *path : '?');
}

/* Names the files in the order in which they are read; many of them in one line. */
static void say_files(char *const *paths, size_t count)
{
    if (count > FILES_NAMED_MAX) {
        printf("Analyzing packets from %zu files: ", count);
        print_name(paths[0]);
        printf(" to ");
        print_name(paths[count - 1]);
        putchar('\n');
        return;
    }
    for (size_t i = 0; i < count; i++) {
        printf("Analyzing packets from: ");
        print_name(paths[i]);
        putchar('\n');
    }
}

static enum exit_code write_report(struct analysis *analysis)
{
    struct report report = make_report(analysis, &analysis->statistics);

    report.targets = files_paths(analysis->source, &report.target_count);
    report.interfaces = files_interfaces(analysis->source, &report.interface_count);
    return print_report(analysis, &report);
}

/* Keeps and reports what was counted before anything failed. */
static enum exit_code finish(struct analysis *analysis)
{
    enum exit_code code = EXIT_DONE;
    struct error error;

    tracker_finish(&analysis->tracker);
    if (recorder_end(&analysis->recorder, &analysis->statistics, &error) < 0)
        code = complain(&error, EXIT_FAILED);
    if (write_report(analysis) != EXIT_DONE)
        code = EXIT_FAILED;
    if (analysis->tracker.untracked) {
        fprintf(stderr, "gapwatch: no memory to track %llu frames\n",
                (unsigned long long)analysis->tracker.untracked);
        code = EXIT_FAILED;
    }
    return code;
}

/* Opens the files. Returns EXIT_DONE, or what to exit with after printing why. */
static enum exit_code open_files(struct analysis *analysis)
{
    const struct options *options = analysis->options;
    struct source_options source_options = {
        .target = options->operands[0],
        .targets = (const char *const *)options->operands,
        .target_count = (size_t)options->operand_count,
        .filter = options->filter,
        .tunnels = options->tunnels,
        .esp_ports = options->esp_ports,
        .protocols = options->protocols,
        .limit = &analysis->limit,
        .in_order = options->in_order,
        .by_time = options->merge,
        .survey_all = analysis->survey_all,
        .dedup_ns = options->dedup_ns,
        .follow = options->follow,
        .notices = &analysis->notices,
    };
    struct error error;
    enum open_status status = file_source.open(&analysis->source, &source_options, &error);

    if (status == OPEN_DONE)
        return EXIT_DONE;
    notices_print(&analysis->notices, options->quiet);
    return complain(&error, status == OPEN_BAD_FILTER ? EXIT_USAGE : EXIT_FAILED);
}

/* Reads and reports the open files. */
static enum exit_code read_files(struct analysis *analysis)
{
    const struct options *options = analysis->options;
    size_t count;
    char *const *paths = files_paths(analysis->source, &count);
    enum exit_code worst = EXIT_DONE, code;
    struct results results;
    struct error error;

    results_choose(&results, options, options->db, 1);
    if (recorder_begin(&analysis->recorder, &analysis->tracker, &results.sink, paths, count,
                       (uint32_t)options->window, &error) < 0)
        return complain(&error, EXIT_FAILED);
    if (!options->json && !analysis->is_repeated)
        say_files(paths, count);
    if (options->follow)
        analysis->report_ns = monotonic_ns() + options->interval * NS_PER_SECOND;
    if (track_source(analysis, &error) < 0)
        worst = complain(&error, EXIT_FAILED);
    analysis->has_to_repeat = files_need_survey(analysis->source) && !interrupted();
    if (analysis->has_to_repeat)
        return EXIT_DONE;
    say_interrupted();
    files_end(analysis->source);
    notices_print(&analysis->notices, options->quiet);
    if (analysis->notices.have_failure)
        worst = EXIT_FAILED;
    file_source.statistics(analysis->source, 0, &analysis->statistics);
    code = finish(analysis);
    return code > worst ? code : worst;
}

/* Reports a wrong command line. Returns EXIT_DONE when it is right. */
static enum exit_code check(const struct options *options)
{
    const char *wrong = NULL;

    if (!options->operand_count)
        wrong = "no capture file given (see gapwatch analyze --help)";
    else if (options->replace && !options->db)
        wrong = "--replace needs a database: --db FILE";
    else if (options->follow && (options->operand_count > 1 || options->operands[0][0] == '-'))
        wrong = "--follow needs one file, to which tcpdump writes";
    else if (options->merge && options->in_order)
        wrong = "--merge and --in-order exclude each other";
    if (!wrong)
        return EXIT_DONE;
    fprintf(stderr, "gapwatch: %s\n", wrong);
    return EXIT_USAGE;
}

/* Whether PATH is a database, or is missing and named like one. */
static int is_meant_as_database(const char *path)
{
    size_t length = strlen(path);

    if (access(path, F_OK) == 0 || errno != ENOENT)
        return database_is_at(path);
    return length > 3 && strcmp(path + length - 3, ".db") == 0;
}

/* Refuses a database as the last of several operands: `capture` takes one there, `analyze` takes
 * capture files only. Returns EXIT_DONE, or EXIT_USAGE after printing what was meant. */
static enum exit_code check_last(const struct options *options)
{
    const char *last = options->operands[options->operand_count - 1];
    struct error error;

    if (options->operand_count == 1 || options->db || !is_meant_as_database(last))
        return EXIT_DONE;
    error_set(&error, "'%s' is no capture file: did you mean --db %s?", last, last);
    return complain(&error, EXIT_USAGE);
}

/* Makes the tracker. Returns EXIT_DONE, or EXIT_FAILED after printing why. */
static enum exit_code make_tracker(struct analysis *analysis)
{
    const struct options *options = analysis->options;

    if (tracker_init(&analysis->tracker, (uint32_t)options->window, (uint32_t)options->max_flows) <
        0) {
        fprintf(stderr, "gapwatch: no memory for --max-flows %llu\n",
                (unsigned long long)options->max_flows);
        return EXIT_FAILED;
    }
    tracker_select(&analysis->tracker, options->protocols);
    if (options->json || options->sas)
        tracker_keep_sas(&analysis->tracker);
    return EXIT_DONE;
}

/* Does ANALYSIS, of which only the first members are set. Returns the exit status, unless the files
 * have to be read again. */
static enum exit_code run(struct analysis *analysis)
{
    enum exit_code code = make_tracker(analysis);

    if (code != EXIT_DONE)
        return code;
    code = open_files(analysis);
    if (analysis->source)
        code = read_files(analysis);
    file_source.close(analysis->source);
    notices_release(&analysis->notices);
    tracker_release(&analysis->tracker);
    return code;
}

enum exit_code analyze(const struct options *options)
{
    struct analysis analysis = {
        .options = options,
        .limit = {.most = options->max_packets},
        .survey_all = options->db != NULL, /* rows in the database cannot be withdrawn */
    };
    struct analysis again = analysis;
    enum exit_code code = check(options);

    if (code == EXIT_DONE)
        code = check_last(options);
    if (code != EXIT_DONE)
        return code;
    interrupt_catch(options->follow ? INTERRUPT_ALL : INTERRUPT_UNLESS_IGNORED);
    code = run(&analysis);
    if (!analysis.has_to_repeat)
        return code;
    again.survey_all = again.is_repeated = 1;
    return run(&again);
}
