/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What retention removes of a database in which values were changed. The first four octets are its
 * settings, and how far the results have been shipped. */
#include "sample.h"
#include "store/database/database.h"
#include "store/database/ship_cursor.h"
#include "store/retention/retention.h"

#define SETTING_OCTETS 4

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct seed_file kept;
static uint64_t later_ns; /* than the end of the capture */

static uint64_t clock_of_retention(void)
{
    return clock_of_the_frames() + later_ns;
}

/* How far each of two programs has shipped the results; 0: there is no such program. */
static void write_cursor(const struct writer *writer, uint8_t change, const char *name)
{
    char path[128], store[SHIP_UUID_CHARS] = "";
    struct ship_cursor cursor;
    sqlite3_stmt *statement;
    struct error error;

    snprintf(path, sizeof(path), "%s.ship-%s", writer->options->path, name);
    unlink(path);
    statement = database_prepare(writer->database, "SELECT uuid FROM store", &error);
    if (change && statement && sqlite3_step(statement) == SQLITE_ROW) {
        snprintf(store, sizeof(store), "%s", (const char *)sqlite3_column_text(statement, 0));
        ship_cursor_reset(&cursor, store);
        cursor.change = change - 2;
        must(ship_cursor_write(&cursor, path, &error) == 0);
        must(ship_cursor_read(&cursor, path) == 0 && cursor.change == change - 2);
    }
    sqlite3_finalize(statement);
}

static void run_retention(const struct writer *writer)
{
    struct retention retention;
    struct error error;

    if (retention_init(&retention, writer, &error) == 0) {
        retention_run(&retention, NS_PER_SECOND / 10);
        retention_copied(&retention);
        retention_finish(&retention);
        retention_replace(&retention, &error);
    }
    retention_release(&retention);
}

/* Removes what is due of a database whose capture ended some hours ago, or still runs. */
static void retain(const uint8_t *data, size_t size)
{
    struct store_options options = {
        .path = kept.path,
        .siblings = 60, /* so that it takes a part of a second */
        .clock = clock_of_retention,
        .tell = ignore,
    };
    struct writer writer = {.options = &options};
    struct error error;

    later_ns =
        (uint64_t)(data[0] & 0x80 ? data[0] & 0x7F : 60 * (unsigned)data[0]) * 60 * NS_PER_SECOND;
    options.retain_days = 1 + data[1] % 4;
    options.max_bytes = data[1] & 0x40 ? STORE_MAX_BYTES : (uint64_t)data[1] << 10;
    writer.capture = data[1] >> 7;
    make_changed(&kept, data + SETTING_OCTETS, size - SETTING_OCTETS);
    writer.database = database_open(kept.path, &error);
    if (!writer.database)
        return;
    write_cursor(&writer, data[2], "a");
    write_cursor(&writer, data[3], "b");
    run_retention(&writer);
    database_close(writer.database);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    folder_make();
    snprintf(kept.path, sizeof(kept.path), "%s/kept.db", folder);
    make_sample(kept.path);
    read_seed(&kept);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size >= SETTING_OCTETS)
        retain(data, size);
    return 0;
}
