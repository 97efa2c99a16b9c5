/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The API over real database files. The first octet chooses: any request of a database with rows;
 * all requests of a database in which octets were changed; all requests of a database without types
 * and checks, in which values were changed. The latter two are also opened for writing.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/http/head.h"
#include "api/http/negotiate.h"
#include "api/routes/api.h"
#include "api/routes/stream.h"
#include "base/monotonic.h"
#include "sample.h"
#include "store/database/database.h"

#define METRICS_TOP 5

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const requests[] = {
    "/health",
    "/metrics",
    "/api/v1/captures",
    "/api/v1/flows?sort=loss_ratio",
    "/api/v1/flows?sort=last_timestamp&order=asc&min_lost=1",
    "/api/v1/gaps",
    "/api/v1/sas",
    "/api/v1/events",
    "/api/v1/protocols",
    "/api/v1/intervals",
    "/api/v1/stats/summary",
    "/api/v1/flows/MACsec%20%7B%20sci%3A%200x0000000000000003%20%7D",
    "/api/v1/flows/MACsec%20%7B%20sci%3A%200x0000000000000003%20%7D/gaps",
    "/api/v1/flows/MACsec%20%7B%20sci%3A%200x0000000000000003%20%7D/sas",
    "/api/v1/flows/MACsec%20%7B%20sci%3A%200x0000000000000003%20%7D/intervals",
    "/api/v1/flows?since=2026-01-01T00:00:00Z&sort=loss_ratio&min_bandwidth_mbps=0",
    "/api/v1/flows?q=10.0.0.0/8&protocol=esp&max_bytes=100000",
    "/api/v1/gaps?cause=network&until=2027-01-01T00:00:00Z",
    "/api/v1/intervals?step=5&capture=1",
    "/api/v1/stats/summary?since=2026-01-01T00:00:00Z",
    "/api/v1/peers",
    "/api/v1/peers?since=2026-01-01T00:00:00Z&interface=fuzz0",
    "/api/v1/comparisons",
    "/api/v1/comparisons/sas",
    "/api/v1/comparisons/delays",
    "/api/v1/openapi.json",
};
#define REQUEST_COUNT (sizeof(requests) / sizeof(requests[0]))

static struct seed_file real, loose;

/* --- making the samples --- */

/* Makes the tables again without types, keys and checks. */
static void make_loose(void)
{
    char sql[256];
    sqlite3 *database;

    must(sqlite3_open(loose.path, &database) == SQLITE_OK);
    sqlite3_exec(database, "PRAGMA journal_mode = DELETE; DROP VIEW flow_intervals", NULL, NULL,
                 NULL);
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        snprintf(sql, sizeof(sql),
                 "CREATE TABLE copy AS SELECT * FROM %s; DROP TABLE %s; "
                 "ALTER TABLE copy RENAME TO %s",
                 tables[i], tables[i], tables[i]);
        must(sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK);
    }
    sqlite3_close(database);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    folder_make();
    snprintf(real.path, sizeof(real.path), "%s/real.db", folder);
    snprintf(loose.path, sizeof(loose.path), "%s/loose.db", folder);
    make_sample(real.path);
    read_seed(&real);
    write_seed(loose.path, real.octets, real.size);
    make_loose();
    read_seed(&loose);
    return 0;
}

/* --- asking --- */

static void ask(struct api *api, const char *request, int takes_csv)
{
    char copy[4096];
    struct answer answer;
    char *query;

    snprintf(copy, sizeof(copy), "%s", request);
    query = strchr(copy, '?');
    if (query)
        *query++ = '\0';
    answer_init(&answer);
    answer.takes_csv = takes_csv;
    api_answer(api, copy, query, &answer);
    must(answer.status >= 200 && answer.status < 600);
    answer_release(&answer);
}

/* Takes the stream from its begin. */
static void ask_stream(struct api *api)
{
    struct stream_place place = stream_place_read("0-0");
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);

    must(to != NULL);
    stream_write(api, &place, monotonic_ns() + NS_PER_SECOND, to);
    fclose(to);
    free(text);
}

static void ask_everything(const char *path)
{
    struct api api;

    api_init(&api, path, METRICS_TOP);
    for (size_t i = 0; i < REQUEST_COUNT; i++) {
        ask(&api, requests[i], 0);
        ask(&api, requests[i], 1);
    }
    ask_stream(&api);
    api_release(&api);
}

/* Opens the database at PATH as a capture does, which may fail. */
static void open_for_writing(const char *path)
{
    struct error error;

    database_close(database_open(path, &error));
}

/* The text is the request, with or without the headers of HTTP. */
static void ask_text(const char *text, size_t size)
{
    static char chars[HEAD_OCTETS_MAX + 256];
    static const struct head_rules rules = {.hosts = "localhost"};
    static struct api api;
    struct text clean = text_over(chars, sizeof(chars));
    size_t length = head_length(text, size);
    char request[4096];
    struct answer answer;

    if (!api.reader.path)
        api_init(&api, real.path, METRICS_TOP);
    answer_init(&answer);
    if (length)
        head_read(text, length, &rules, &clean, &answer);
    answer_release(&answer);
    accepts_gzip(text);
    etag_matches(text, "W/\"0000000000000000\"");
    is_authorized(text, "secret");
    snprintf(request, sizeof(request), "%.*s", (int)strcspn(text, "\r\n"), text);
    ask(&api, request, prefers_csv(text));
}

/* --- changing --- */

static void damage(const uint8_t *data, size_t size)
{
    uint8_t *octets = malloc(real.size);
    char path[96];

    snprintf(path, sizeof(path), "%s/damaged.db", folder);
    must(octets != NULL);
    memcpy(octets, real.octets, real.size);
    for (size_t i = 0; i + 3 <= size; i += 3) {
        size_t place = (size_t)(data[i] << 8 | data[i + 1]) * real.size >> 16;

        octets[(place + data[i + 2]) % real.size] = data[i + 2];
    }
    write_seed(path, octets, real.size);
    ask_everything(path);
    open_for_writing(path);
    free(octets);
    unlink(path);
}

static void change_rows(const uint8_t *data, size_t size)
{
    make_changed(&loose, data, size);
    ask_everything(loose.path);
    open_for_writing(loose.path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text;

    if (size < 2)
        return 0;
    switch (data[0] % 4) {
    case 0:
        damage(data + 1, size - 1);
        break;
    case 1:
        change_rows(data + 1, size - 1);
        break;
    default:
        text = malloc(size);
        must(text != NULL);
        memcpy(text, data + 1, size - 1);
        text[size - 1] = '\0';
        ask_text(text, size - 1);
        free(text);
    }
    return 0;
}
