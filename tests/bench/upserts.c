// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
/*
 * The yardstick of the store: the rows that a flush changes, in a bare loop of prepared statements
 * in one transaction, with the same schema and settings. It does not track, derive or format
 * anything.
 *
 *   upserts SCHEMA DATABASE FLOWS ROUNDS
 *
 * Prints the seconds of each round except the first, which inserts.
 */
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SCHEMA_MAX 65536
#define COLUMNS                                                                                    \
    "packets_received, total_bytes, gaps_detected, total_lost_packets, loss_ratio, "               \
    "unobserved_packets, duplicate_packets, reordered_packets, late_packets, outlier_packets, "    \
    "max_reorder_distance, wraparounds, restarts, rekeys, first_sequence, last_sequence, "         \
    "min_gap, max_gap, first_timestamp, last_timestamp, duration_seconds, bandwidth_mbps, "        \
    "min_inter_arrival_ms, max_inter_arrival_ms, avg_inter_arrival_ms, stddev_inter_arrival_ms"
#define VALUES                                                                                     \
    "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, "  \
    "?21, ?22, ?23, ?24, ?25, ?26"

static sqlite3 *database;

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void fail(void)
{
    fprintf(stderr, "upserts: %s\n", sqlite3_errmsg(database));
    exit(1);
}

static void run(const char *sql)
{
    if (sqlite3_exec(database, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail();
}

static sqlite3_stmt *prepare(const char *sql)
{
    sqlite3_stmt *statement;

    if (sqlite3_prepare_v2(database, sql, -1, &statement, NULL) != SQLITE_OK)
        fail();
    return statement;
}

static void step(sqlite3_stmt *statement)
{
    if (sqlite3_step(statement) != SQLITE_DONE)
        fail();
    sqlite3_reset(statement);
}

static void open_database(const char *schema_path, const char *path)
{
    static char schema[SCHEMA_MAX];
    FILE *file = fopen(schema_path, "r");

    if (!file || fread(schema, 1, sizeof(schema) - 1, file) == 0 ||
        sqlite3_open_v2(path, &database,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK) {
        fprintf(stderr, "upserts: cannot open %s or %s\n", schema_path, path);
        exit(1);
    }
    fclose(file);
    run("PRAGMA auto_vacuum = INCREMENTAL");
    run(schema);
    run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;"
        "PRAGMA secure_delete = OFF; PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 4000");
    run("INSERT INTO captures (id, source, method, version, window, started, updated) "
        "VALUES (1, 'bench', 'tc', '0', 32, '', '')");
}

static void bind_figures(sqlite3_stmt *statement, int round)
{
    sqlite3_int64 packets = 1000 * round + random() % 1000;

    sqlite3_bind_int64(statement, 1, packets);
    sqlite3_bind_int64(statement, 2, packets * 700 + random() % 700);
    sqlite3_bind_int64(statement, 3, round);
    sqlite3_bind_int64(statement, 4, round);
    sqlite3_bind_double(statement, 5, round / (double)packets);
    for (int i = 6; i <= 18; i++)
        sqlite3_bind_int64(statement, i, i == 16 ? packets : i > 16);
    sqlite3_bind_text(statement, 19, "2025-01-01T00:00:00.123456789Z", -1, SQLITE_STATIC);
    for (int i = 21; i <= 26; i++)
        sqlite3_bind_double(statement, i, (double)random() / 1e6);
}

/* Makes the timestamps before it starts to measure. */
static void one_round(int round, int flows, char (*last)[40])
{
    sqlite3_stmt *insert = prepare("INSERT INTO flows (" COLUMNS ", capture_id, flow_id, protocol) "
                                   "VALUES (" VALUES ", 1, ?27, 'macsec')");
    sqlite3_stmt *update = prepare("UPDATE flows SET (" COLUMNS ") = (" VALUES ") WHERE id = ?27");
    sqlite3_stmt *interval =
        prepare("INSERT INTO interval_flows VALUES (?1, ?2, 10, 7000, 1, 0, 0)");
    double began;

    for (int i = 0; i < flows; i++)
        snprintf(last[i], sizeof(last[i]), "2025-01-01T00:%02d:05.%09ldZ", round,
                 random() % 1000000000);
    began = now();
    run("BEGIN IMMEDIATE");
    run("INSERT INTO capture_intervals (capture_id, timestamp, duration_seconds, packets, bytes, "
        "lost, lost_undetermined) SELECT 1, count(*), 5, 0, 0, 0, 0 FROM capture_intervals");
    for (int i = 0; i < flows; i++) {
        sqlite3_stmt *statement = round ? update : insert;
        char id[64];

        bind_figures(statement, round);
        sqlite3_bind_text(statement, 20, last[i], -1, SQLITE_STATIC);
        if (round) {
            sqlite3_bind_int(statement, 27, i + 1);
        } else {
            snprintf(id, sizeof(id), "MACsec { sci: 0x%016llx }",
                     (unsigned long long)random() << 31 | (unsigned long long)i);
            sqlite3_bind_text(statement, 27, id, -1, SQLITE_STATIC);
        }
        step(statement);
    }
    for (int i = 0; i < flows; i++) {
        sqlite3_bind_int(interval, 1, round + 1);
        sqlite3_bind_int(interval, 2, i + 1);
        step(interval);
    }
    run("COMMIT");
    if (round)
        printf("%.6f\n", now() - began);
    sqlite3_finalize(insert);
    sqlite3_finalize(update);
    sqlite3_finalize(interval);
}

int main(int argc, char **argv)
{
    int flows, rounds;
    char(*last)[40];

    if (argc != 5) {
        fprintf(stderr, "usage: upserts SCHEMA DATABASE FLOWS ROUNDS\n");
        return 2;
    }
    flows = atoi(argv[3]);
    rounds = atoi(argv[4]);
    last = calloc((size_t)flows, sizeof(*last));
    if (!last)
        return 1;
    open_database(argv[1], argv[2]);
    for (int round = 0; round <= rounds; round++)
        one_round(round, flows, last);
    free(last);
    return sqlite3_close(database) != SQLITE_OK;
}
