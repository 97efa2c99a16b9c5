/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Any octets as a capture file, from opening it to the reports. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "protocols.h"
#include "report/report.h"
#include "session/recorder.h"
#include "source/notices.h"
#include "source/source.h"
#include "track/tracker.h"
#include "tunnels.h"

#define MAX_FLOWS 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static FILE *nowhere; /* where reports go */

/* Reads the open file STATE into RECORDER, and sets STATISTICS. */
static void read_file(void *state, struct recorder *recorder, struct source_statistics *statistics)
{
    static struct batch batch;
    struct error error;

    while (file_source.next(state, 0, &batch, &error) == SOURCE_MORE) {
        file_source.statistics(state, 0, statistics);
        recorder_receive(recorder, &batch, statistics);
    }
    file_source.statistics(state, 0, statistics);
}

static void write_reports(struct tracker *tracker, const struct source_statistics *statistics)
{
    char *name = (char *)"fuzz";
    struct report report = {
        .method = file_source.name,
        .targets = &name,
        .target_count = 1,
        .statistics = *statistics,
    };

    if (report_prepare(&report, &tracker, 1) < 0)
        return;
    report_write_json(&report, nowhere);
    report_write_text(&report, nowhere);
    report_release(&report);
}

static void analyze(void *state)
{
    struct sink none = {0};
    struct source_statistics statistics = {0};
    struct recorder recorder;
    struct tracker tracker;
    struct error error;

    if (tracker_init(&tracker, WINDOW_DEFAULT, MAX_FLOWS) < 0)
        return;
    tracker_keep_sas(&tracker);
    if (recorder_begin(&recorder, &tracker, &none, NULL, 0, WINDOW_DEFAULT, &error) == 0) {
        read_file(state, &recorder, &statistics);
        tracker_finish(&tracker);
        recorder_end(&recorder, &statistics, &error);
        write_reports(&tracker, &statistics);
    }
    tracker_release(&tracker);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct frame_limit limit;
    char path[64];
    const char *targets[] = {path};
    struct notices notices = {0};
    struct source_options options = {
        .target = path,
        .targets = targets,
        .target_count = 1,
        .notices = &notices,
        .tunnels = UINT32_MAX,
        .protocols = UINT32_MAX,
        .limit = &limit,
    };
    int file = memfd_create("fuzz", 0);
    struct error error;
    void *state;

    if (!nowhere)
        nowhere = fopen("/dev/null", "w");
    limit = (struct frame_limit){0};
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    if (file >= 0 && write(file, data, size) == (ssize_t)size &&
        file_source.open(&state, &options, &error) == OPEN_DONE) {
        analyze(state);
        file_source.close(state);
    }
    notices_release(&notices);
    close(file);
    return 0;
}
