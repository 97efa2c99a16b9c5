/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Two capture files of the same frames, as two taps see them: some frames are in one file only,
 * some come late. The first octet chooses: they are compared; analysed one after the other, or
 * merged, with all reports; or analysed into databases, which are compared. Each other four octets
 * make a frame.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "compare/comparison.h"
#include "compare/files/files.h"
#include "compare/files/joint.h"
#include "compare/point/database.h"
#include "compare/report/keep.h"
#include "compare/report/report.h"
#include "folder.h"
#include "protocols.h"
#include "report/report.h"
#include "session/recorder.h"
#include "source/notices.h"
#include "store/store.h"
#include "tunnels.h"

#define MAX_FLOWS   64
#define FEW_FLOWS   3 /* so that flows leave the table, and come back */
#define FRAME_BYTES 64
#define RECORD_HEAD 16
#define START       1767225600U /* seconds: 2026 */
#define LINK_IPV4   228
#define DATAGRAM    (FRAME_BYTES - 20)

enum {
    BY_TIME = 4,
    WITHOUT_COPIES = 8,
    BY_SPI = 16,
    IN_A_SMALL_TABLE = 32,
    SLOWLY = 64,
};

/* One frame of the input. */
struct step {
    uint8_t tunnel; /* lower half: which SA; upper half: which kind of frame */
    uint8_t ahead;  /* steps of its number, less than 128; else back */
    uint8_t places; /* 1: not at A; 2: not at B; upper half: octets that are changed */
    uint8_t time;   /* milliseconds since the frame before; SLOWLY: hundreds of them */
};

struct tap {
    int file;
    char path[32];
    char database[64];
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static FILE *nowhere; /* where reports go */

static void must(int is_true)
{
    if (!is_true)
        abort();
}

static void start(void)
{
    nowhere = fopen("/dev/null", "w");
    must(nowhere != NULL);
    folder_make();
}

static void ignore(const struct error *news)
{
    (void)news;
}

/* --- making the files --- */

static void put_be32(uint8_t *to, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* Exchanges source and destination. */
static void turn_around(uint8_t packet[FRAME_BYTES])
{
    uint8_t source[4];

    memcpy(source, packet + 12, 4);
    memcpy(packet + 12, packet + 16, 4);
    memcpy(packet + 16, source, 4);
}

/* Writes an IPv4 packet whose number is NUMBER: ESP in either direction, ESP in UDP, WireGuard,
 * OpenVPN, TCP, or a CREATE_CHILD_SA exchange of IKE. */
static void make_packet(uint8_t packet[FRAME_BYTES], const struct step *step, uint32_t number)
{
    static const uint8_t head[] = {0x45, 0, 0,   FRAME_BYTES, 0, 0, 0,   0,  64,  50,
                                   0,    0, 192, 0,           2, 1, 198, 51, 100, 2};
    static const uint8_t udp[] = {0x11, 0x94, 0x11, 0x94, 0, DATAGRAM, 0, 0};
    uint8_t *inside = packet + sizeof(head);
    unsigned sa = step->tunnel & 0xF, kind = step->tunnel >> 4 & 7;

    memset(packet, 0, FRAME_BYTES);
    memcpy(packet, head, sizeof(head));
    packet[sa & 8 ? 19 : 15] = (uint8_t)(1 + (sa & 3)); /* the receiver, or the sender */
    if (kind == 1 || kind == 2 || kind == 3) {
        packet[9] = 17;
        memcpy(inside, udp, sizeof(udp));
        inside += sizeof(udp);
    }
    if (kind == 2) { /* WireGuard counts in little-endian order */
        inside[-8] = inside[-6] = 0xCA;
        inside[0] = 4;
        put_be32(inside + 4, 0x01020300 + sa);
        for (int i = 0; i < 4; i++)
            inside[8 + i] = (uint8_t)(number >> (8 * i));
    } else if (kind == 3) {
        inside[-8] = inside[-6] = 0x04;
        inside[-7] = inside[-5] = 0xAA;
        put_be32(inside, 0x48000000 + sa);
        put_be32(inside + 4, number);
    } else if (kind == 4) {
        packet[9] = 6;
        inside[12] = 0x50;
    } else if (kind == 5) {
        packet[9] = 17;
        memcpy(inside, udp, sizeof(udp));
        inside[0] = inside[2] = 500 >> 8;
        inside[1] = inside[3] = 500 & 0xFF;
        inside[8 + 17] = 0x20;
        inside[8 + 18] = 36;
    } else {
        if (kind == 6)
            turn_around(packet);
        put_be32(inside, 0x1000 + sa);
        put_be32(inside + 4, number);
    }
}

static void write_record(const struct tap *tap, uint64_t time_us, const uint8_t packet[FRAME_BYTES])
{
    uint32_t head[] = {(uint32_t)(START + time_us / 1000000), (uint32_t)(time_us % 1000000),
                       FRAME_BYTES, FRAME_BYTES};

    must(write(tap->file, head, sizeof(head)) == (ssize_t)sizeof(head));
    must(write(tap->file, packet, FRAME_BYTES) == FRAME_BYTES);
}

static void make_files(const struct tap taps[2], uint8_t choice, const uint8_t *data, size_t size)
{
    uint32_t unit_us = choice & SLOWLY ? 100000 : 1000;
    uint32_t numbers[256] = {0};
    uint64_t time_us = 0;

    for (size_t at = 0; at + sizeof(struct step) <= size; at += sizeof(struct step)) {
        uint8_t packet[FRAME_BYTES];
        struct step step;

        memcpy(&step, data + at, sizeof(step));
        numbers[step.tunnel] += (uint32_t)(int8_t)step.ahead + 1;
        time_us += step.time * unit_us;
        make_packet(packet, &step, numbers[step.tunnel]);
        packet[step.places >> 2] ^= step.places & 0x80 ? step.ahead : 0;
        if (!(step.places & 1))
            write_record(&taps[0], time_us, packet);
        if (!(step.places & 2))
            write_record(&taps[1], time_us + 500 + step.time, packet);
    }
}

static void open_tap(struct tap *tap, int number)
{
    static const uint32_t head[] = {0xA1B2C3D4, 2 | 4 << 16, 0, 0, 65535, LINK_IPV4};

    tap->file = memfd_create("fuzz", 0);
    must(tap->file >= 0 && write(tap->file, head, sizeof(head)) == (ssize_t)sizeof(head));
    snprintf(tap->path, sizeof(tap->path), "/proc/self/fd/%d", tap->file);
    snprintf(tap->database, sizeof(tap->database), "%s/%d.db", folder, number);
}

/* --- comparing --- */

static void compare(const struct point points[2], enum match match, const char *database)
{
    struct comparison comparison;
    struct error error;

    must(comparison_make(&comparison, &points[0], &points[1], match, &error) == 0);
    comparison_write_json(&comparison, nowhere);
    comparison_write_text(&comparison, nowhere);
    if (database)
        must(comparison_keep(&comparison, database, 1, &error) == 0);
    comparison_release(&comparison);
}

static void compare_files(const struct tap taps[2], enum match match)
{
    struct point points[2] = {0};
    struct error error;

    for (int i = 0; i < 2; i++) {
        char *path = (char *)taps[i].path;
        struct files_options options = {.files = &path,
                                        .count = 1,
                                        .window = WINDOW_DEFAULT,
                                        .max_flows = MAX_FLOWS,
                                        .is_quiet = 1};

        point_read_files(&points[i], &options, &error);
    }
    must(points_join(&points[0], &points[1], match, WINDOW_DEFAULT, &error) == 0);
    compare(points, match, NULL);
    for (int i = 0; i < 2; i++)
        point_release(&points[i]);
}

/* --- analysing --- */

static void write_reports(struct tracker *tracker, void *state,
                          const struct source_statistics *statistics)
{
    struct report report = {
        .method = file_source.name,
        .statistics = *statistics,
        .shows_sas = 1,
        .shows_peers = 1,
    };

    must(report_prepare(&report, &tracker, 1) == 0);
    report.targets = files_paths(state, &report.target_count);
    report.interfaces = files_interfaces(state, &report.interface_count);
    report_write_json(&report, nowhere);
    report_write_text(&report, nowhere);
    report_write_live(&report, 1, nowhere);
    report_release(&report);
}

/* Tracks at most MAX_FLOWS flows of the open files STATE; keeps what was found in DATABASE unless
 * it is NULL. */
static void track(void *state, uint32_t max_flows, const char *database)
{
    static struct batch batch;
    struct store_options settings = {.path = database,
                                     .flush_seconds = 1,
                                     .retain_days = STORE_RETAIN_DAYS,
                                     .max_bytes = STORE_MAX_BYTES,
                                     .tell = ignore};
    struct sink sink = {.ops = database ? &store_sink : NULL, .settings = &settings};
    struct source_statistics statistics = {0};
    struct recorder recorder;
    struct tracker tracker;
    struct error error;
    size_t count;

    must(tracker_init(&tracker, WINDOW_DEFAULT, max_flows) == 0);
    tracker_keep_sas(&tracker);
    files_paths(state, &count);
    must(recorder_begin(&recorder, &tracker, &sink, files_paths(state, &count), count,
                        WINDOW_DEFAULT, &error) == 0);
    while (file_source.next(state, 0, &batch, &error) == SOURCE_MORE) {
        file_source.statistics(state, 0, &statistics);
        recorder_receive(&recorder, &batch, &statistics);
    }
    tracker_finish(&tracker);
    must(recorder_end(&recorder, &statistics, &error) == 0);
    write_reports(&tracker, state, &statistics);
    tracker_release(&tracker);
}

static void analyze(const struct tap *taps, size_t count, uint8_t choice, const char *database)
{
    static struct frame_limit limit;
    const char *targets[2] = {taps[0].path, taps[count - 1].path};
    struct notices notices = {0};
    struct source_options options = {
        .target = targets[0],
        .targets = targets,
        .target_count = count,
        .notices = &notices,
        .tunnels = TUNNELS_ALL,
        .protocols = PROTOCOLS_ALL,
        .by_time = (choice & BY_TIME) != 0,
        .dedup_ns = choice & WITHOUT_COPIES ? 10000000 : 0,
        .survey_all = 1,
        .limit = &limit,
    };
    struct error error;
    void *state;

    limit = (struct frame_limit){0};
    if (file_source.open(&state, &options, &error) == OPEN_DONE) {
        track(state, choice & IN_A_SMALL_TABLE ? FEW_FLOWS : MAX_FLOWS, database);
        file_source.close(state);
    }
    notices_release(&notices);
}

static void compare_databases(const struct tap taps[2], uint8_t choice)
{
    struct point points[2] = {0};
    struct error error;

    for (int i = 0; i < 2; i++) {
        analyze(&taps[i], 1, choice, taps[i].database);
        point_read_database(&points[i], taps[i].database, NULL, &error);
    }
    compare(points, choice & BY_SPI ? MATCH_SPI : MATCH_FLOW, taps[0].database);
    for (int i = 0; i < 2; i++) {
        point_release(&points[i]);
        unlink(taps[i].database);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tap taps[2];

    if (size <= sizeof(struct step))
        return 0;
    if (!nowhere)
        start();
    for (int i = 0; i < 2; i++)
        open_tap(&taps[i], i);
    make_files(taps, data[0], data + 1, size - 1);
    if (data[0] % 4 == 0)
        compare_databases(taps, data[0]);
    else if (data[0] % 4 == 1)
        analyze(taps, 2, data[0], NULL);
    else
        compare_files(taps, data[0] & BY_SPI ? MATCH_SPI : MATCH_FLOW);
    for (int i = 0; i < 2; i++)
        close(taps[i].file);
    return 0;
}
