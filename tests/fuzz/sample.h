/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A database with rows, as a capture writes it, and changes of it. */
#ifndef GAPWATCH_FUZZ_SAMPLE_H
#define GAPWATCH_FUZZ_SAMPLE_H

#include <fcntl.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"
#include "folder.h"
#include "store/store.h"
#include "track/tracker.h"

#define START_NS (UINT64_C(1767225600) * NS_PER_SECOND) /* 2026 */
#define FLOWS    24
#define ROUNDS   12

static const char *const tables[] = {
    "captures", "capture_counters",  "flows",          "sas",
    "events",   "capture_intervals", "interval_flows", "sequence_gaps",
};
#define TABLE_COUNT (sizeof(tables) / sizeof(tables[0]))

/* A file, as it is and as it was made. */
struct seed_file {
    char path[64];
    uint8_t *octets;
    size_t size;
};

static inline void must(int is_true)
{
    if (!is_true)
        abort();
}

/* --- making it --- */

static inline void ignore(const struct error *news)
{
    (void)news;
}

static inline uint64_t clock_of_the_frames(void)
{
    return START_NS + ROUNDS * NS_PER_SECOND;
}

/* ESP or DTLS, with addresses and ports that searches find. */
static inline void set_hosts(struct flow_key *key, uint32_t number)
{
    static const uint8_t net_4[] = {10, 0, 0}, net_6[] = {0x20, 1, 0x0D, 0xB8};

    key->spi = 1000 + number;
    key->family = number % 3 ? 4 : 6;
    memcpy(key->source, key->family == 4 ? net_4 : net_6, key->family == 4 ? 3 : 4);
    memcpy(key->destination, key->source, 4);
    key->source[key->family == 4 ? 3 : 15] = (uint8_t)(1 + number / 4);
    key->destination[15] = key->family == 4 ? 0 : 9;
    if (number % 4)
        return;
    key->protocol = OUTCOME_DTLS;
    key->spi = 0;
    key->source_port = (uint16_t)(440 + number);
    key->destination_port = 443;
}

/* Each flow loses every third number. */
static inline void feed(struct tracker *tracker, uint32_t round)
{
    for (uint32_t i = 0; i < FLOWS; i++) {
        struct frame_record record = {
            .key = {.protocol = i % 2 ? OUTCOME_MACSEC : OUTCOME_ESP, .family = 4},
            .sequence = 1 + round * 3 / 2,
            .timestamp_ns = START_NS + round * NS_PER_SECOND,
            .wire_bytes = 100 + i,
            .wire_packets = 1,
        };

        if (i % 2)
            record.key.sci = i;
        else
            set_hosts(&record.key, i);
        tracker_receive(tracker, &record, 1, NULL);
    }
}

/* Makes the database at PATH. */
static inline void make_sample(const char *path)
{
    struct store_options options = {
        .path = path,
        .source = "fuzz0",
        .method = "tc",
        .window = 2,
        .shards = 1,
        .flush_seconds = 2,
        .retain_days = STORE_RETAIN_DAYS,
        .max_bytes = STORE_MAX_BYTES,
        .clock = clock_of_the_frames,
        .tell = ignore,
    };
    struct source_statistics statistics = {0};
    struct error error;
    struct store *store = store_open(&options, &error);
    struct tracker tracker;

    must(store && tracker_init(&tracker, 2, 2 * FLOWS) == 0);
    tracker_keep_changes(&tracker);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        feed(&tracker, round);
        store_collect(store, 0, &tracker, &statistics, START_NS + round * NS_PER_SECOND);
    }
    tracker_finish(&tracker);
    store_finish(store, 0, &tracker, &statistics, clock_of_the_frames());
    must(store_close(store, &error) == 0);
    tracker_release(&tracker);
}

static inline void read_seed(struct seed_file *sample)
{
    FILE *file = fopen(sample->path, "rb");

    must(file && fseek(file, 0, SEEK_END) == 0);
    sample->size = (size_t)ftell(file);
    sample->octets = malloc(sample->size);
    rewind(file);
    must(sample->octets && fread(sample->octets, 1, sample->size, file) == sample->size);
    fclose(file);
}

static inline void write_seed(const char *path, const uint8_t *octets, size_t size)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    must(file >= 0 && write(file, octets, size) == (ssize_t)size);
    close(file);
}

/* --- changing it --- */

/* Binds the value that DATA of SIZE describes: its first octet is the type. */
static inline void bind_any(sqlite3_stmt *statement, const uint8_t *data, size_t size)
{
    int64_t integer = 0;
    double real_number;

    memcpy(&integer, data + 1, size - 1 < 8 ? size - 1 : 8);
    memcpy(&real_number, &integer, sizeof(real_number));
    switch (data[0] % 5) {
    case 0:
        sqlite3_bind_null(statement, 1);
        break;
    case 1:
        sqlite3_bind_int64(statement, 1, integer);
        break;
    case 2:
        sqlite3_bind_double(statement, 1, real_number);
        break;
    case 3:
        sqlite3_bind_text(statement, 1, (const char *)data + 1, (int)size - 1, SQLITE_STATIC);
        break;
    default:
        sqlite3_bind_blob(statement, 1, data + 1, (int)size - 1, SQLITE_STATIC);
    }
}

/* Sets column COLUMN of TABLE to what DATA describes, in all rows or in every second. */
static inline void change_column(sqlite3 *database, const char *table, unsigned column,
                                 const uint8_t *data, size_t size)
{
    sqlite3_stmt *statement;
    char sql[256];

    snprintf(sql, sizeof(sql), "SELECT * FROM %s", table);
    if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) != SQLITE_OK)
        return;
    snprintf(sql, sizeof(sql), "UPDATE %s SET \"%s\" = ?1%s", table,
             sqlite3_column_name(statement, (int)column % sqlite3_column_count(statement)),
             column & 0x80 ? " WHERE rowid % 2" : "");
    sqlite3_finalize(statement);
    if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) != SQLITE_OK)
        return; /* the table has no rowid */
    bind_any(statement, data, size);
    sqlite3_step(statement);
    sqlite3_finalize(statement);
}

/* Makes the file of SEED anew, with changes. Each is a table, a column, a length, and as many
 * octets. */
static inline void make_changed(const struct seed_file *seed, const uint8_t *data, size_t size)
{
    sqlite3 *database;

    write_seed(seed->path, seed->octets, seed->size);
    must(sqlite3_open(seed->path, &database) == SQLITE_OK);
    sqlite3_exec(database, "PRAGMA synchronous = OFF; BEGIN", NULL, NULL, NULL);
    for (size_t at = 0; at + 4 <= size;) {
        size_t length = 1 + data[at + 2] % 24;

        if (length > size - at - 3)
            length = size - at - 3;
        change_column(database, tables[data[at] % TABLE_COUNT], data[at + 1], data + at + 3,
                      length);
        at += 3 + length;
    }
    sqlite3_exec(database, "COMMIT", NULL, NULL, NULL);
    sqlite3_close(database);
}

#endif
