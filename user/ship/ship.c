/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "ship/ship.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/json_writer.h"
#include "base/monotonic.h"
#include "base/service.h"
#include "base/units.h"
#include "ship/cursor_name.h"
#include "ship/life.h"
#include "ship/refused.h"
#include "ship/spool.h"

#define BATCH_ROWS   10000
#define PASS_NS      (5 * NS_PER_SECOND)
#define BACKOFF_MAX  (60 * NS_PER_SECOND)
#define PAUSE_MAX    (3600 * NS_PER_SECOND) /* that a server may ask for */
#define ATTEMPTS_MAX 5                      /* with --once */
#define ESCAPED_MAX  6                      /* characters of JSON that an octet becomes */

struct ship {
    const struct ship_options *options;
    const struct target_ops *ops;
    void *target;
    struct spool spool;
    struct ship_cursor cursor;
    char cursor_path[PATH_MAX]; /* empty: none, as standard output does not confirm what arrived */
    struct life life;
    char *sensor;      /* as JSON */
    size_t batch_rows; /* that are sent at once */
    int is_in_trouble; /* and has said so */
    unsigned attempts; /* in a row that failed */
    int has_stopped;
    struct error failure;
};

/* --- waiting --- */

/* The pause after a failure: it doubles each time, varies at random by a half, and is at least as
 * long as the target asked for. */
static uint64_t choose_wait(const struct ship *ship)
{
    uint64_t wait_ns = NS_PER_SECOND << (ship->attempts < 6 ? ship->attempts : 6);
    uint64_t asked_ns = ship->ops->pause_ns ? ship->ops->pause_ns(ship->target) : 0;

    if (wait_ns > BACKOFF_MAX)
        wait_ns = BACKOFF_MAX;
    if (ship->options->once)
        wait_ns /= 8;
    wait_ns = wait_ns / 2 + wait_ns * (uint64_t)(random() % 1000) / 1000;
    if (asked_ns > PAUSE_MAX)
        asked_ns = PAUSE_MAX;
    return wait_ns > asked_ns ? wait_ns : asked_ns;
}

/* Prints the first failure of a row of failures, and waits before the next attempt. Returns 0, or
 * -1 when it is not to be tried again. */
static int wait_after(struct ship *ship, const struct error *error)
{
    uint64_t wait_ns = choose_wait(ship);

    ship->failure = *error;
    if (!ship->is_in_trouble && !ship->options->once) {
        fprintf(stderr, "gapwatch: cannot ship: %s; going on, and trying again\n", error->text);
        ship->is_in_trouble = 1;
    }
    ship->attempts++;
    if (interrupted() || (ship->options->once && ship->attempts >= ATTEMPTS_MAX))
        return -1;
    life_rest(&ship->life, wait_ns);
    return 0;
}

static void note_success(struct ship *ship)
{
    if (ship->is_in_trouble)
        fprintf(stderr, "gapwatch: shipping again\n");
    ship->is_in_trouble = 0;
    ship->attempts = 0;
}

/* --- one batch --- */

/* Opens the target again, after the user changed the files of its password or certificates. If that
 * fails, the old one stays. */
static void reload(struct ship *ship)
{
    struct error error;
    void *fresh;

    if (!life_must_reload())
        return;
    if (ship->ops->open(&fresh, &ship->options->target, &error) < 0) {
        fprintf(stderr, "gapwatch: %s; nothing was changed\n", error.text);
        return;
    }
    ship->ops->close(ship->target);
    ship->target = fresh;
    ship->batch_rows = BATCH_ROWS;
}

/* Gives up: trying again would not help. Returns -1. */
static int stop(struct ship *ship, const struct error *error)
{
    ship->failure = *error;
    ship->has_stopped = 1;
    return -1;
}

/* Delivers BATCH, and tries again while it is not known to have arrived. Returns 0; 1 when the
 * target takes fewer rows at once, so that a smaller batch must be made; or -1 when it gave up. */
static int deliver(struct ship *ship, const char *table, const struct spool_batch *batch)
{
    struct error error, reason;

    for (;;) {
        reload(ship);
        life_show(&ship->life);
        switch (ship->ops->send(ship->target, table, batch->lines, batch->size, &error)) {
        case DELIVERED:
            note_success(ship);
            return 0;
        case TOO_LARGE:
            if (batch->rows > 1) {
                ship->batch_rows = batch->rows / 2;
                return 1;
            }
            ship->batch_rows = BATCH_ROWS; /* this row is too large by itself */
            __attribute__((fallthrough));
        case REFUSED:
            reason = error;
            if (refused_set_aside(ship->cursor_path, table, batch, &reason, &error) == 0)
                return 0;
            break;
        case STOPPED:
            return stop(ship, &error);
        case UNKNOWN:
            break;
        }
        if (wait_after(ship, &error) < 0)
            return -1;
    }
}

/* Writes the cursor to its file. Returns 0, or -1 after a wait. */
static int keep_cursor(struct ship *ship)
{
    struct error error;

    if (!*ship->cursor_path || ship_cursor_write(&ship->cursor, ship->cursor_path, &error) == 0)
        return 0;
    wait_after(ship, &error);
    return -1;
}

static int move_on(struct ship *ship, const struct spool_batch *batch)
{
    memcpy(ship->cursor.position, batch->position, sizeof(batch->position));
    return keep_cursor(ship);
}

/* The members that each row of TABLE begins with. */
static void make_head(const struct ship *ship, const char *table, char *head, size_t size)
{
    snprintf(head, size, "%s%s%s\"sensor\":%s,\"store\":\"%s\"",
             ship->ops->names_tables ? "\"table\":\"" : "", ship->ops->names_tables ? table : "",
             ship->ops->names_tables ? "\"," : "", ship->sensor, ship->cursor.store);
}

/* Ships the next batch of the pass. Returns 1, 0 when the pass is complete, or -1 when it failed.
 */
static int ship_batch(struct ship *ship)
{
    struct ship_cursor *cursor = &ship->cursor;
    const char *table = ship_tables[cursor->pass_table].name;
    char head[ESCAPED_MAX * SENSOR_CHARS + 128];
    struct spool_batch batch;
    struct error error;
    int status;

    make_head(ship, table, head, sizeof(head));
    status = spool_read(&ship->spool, cursor->pass_table, cursor->change, cursor->position,
                        ship->batch_rows, head, &batch, &error);
    if (status > 0) {
        status = stop(ship, &error);
    } else if (status < 0) {
        spool_close(&ship->spool);
        wait_after(ship, &error);
    } else if (batch.rows) {
        status = deliver(ship, table, &batch);
        if (status == 0)
            status = move_on(ship, &batch);
    } else {
        ship_cursor_begin_table(cursor, cursor->pass_table + 1);
    }
    spool_batch_release(&batch);
    return status < 0 ? -1 : cursor->pass_table < ship_table_count;
}

/* --- passes --- */

/* Begins a pass over what changed since the last one, unless one goes on. Another database is
 * shipped from its start, and so is one whose changes the cursor is ahead of: an older copy. Its
 * cursor is written before the first row is sent, because retention spares rows only while there is
 * a cursor. Returns 0, or -1 when it could not be kept. */
static int begin_pass(struct ship *ship, const struct spool_state *state)
{
    struct ship_cursor *cursor = &ship->cursor;

    if (strcmp(cursor->store, state->store) != 0 || cursor->change > state->change ||
        cursor->pass_change > state->change) {
        ship_cursor_reset(cursor, state->store);
        if (keep_cursor(ship) < 0) {
            ship_cursor_reset(cursor, "");
            return -1;
        }
    }
    if (cursor->pass_change <= cursor->change) {
        cursor->pass_change = state->change;
        ship_cursor_begin_table(cursor, 0);
    }
    return 0;
}

static int end_pass(struct ship *ship)
{
    struct ship_cursor *cursor = &ship->cursor;

    cursor->change = cursor->pass_change;
    cursor->pass_table = 0;
    return keep_cursor(ship);
}

/* Ships everything that changed since the last pass. Returns 1 when there was something, or it is
 * to be tried again; 0 when there was nothing; or -1 when it failed. */
static int take_pass(struct ship *ship)
{
    struct ship_cursor before = ship->cursor;
    struct spool_state state;
    struct error error;
    int status;

    if (spool_look(&ship->spool, &state, &error) < 0)
        return wait_after(ship, &error) < 0 ? -1 : 1;
    if (begin_pass(ship, &state) < 0)
        return -1;
    if (ship->cursor.pass_change <= ship->cursor.change) {
        note_success(ship);
        return 0;
    }
    do
        status = ship_batch(ship);
    while (status > 0);
    if (status == 0)
        return end_pass(ship) < 0 ? -1 : 1;
    if (ship_cursor_read(&ship->cursor, ship->cursor_path) < 0)
        ship->cursor = before;
    return -1;
}

/* Ships until the program is told to end, or there is nothing more. Returns 0 when all that is
 * there was shipped, or -1. */
static int ship_all(struct ship *ship)
{
    int is_ending, status;

    do {
        is_ending = interrupted();
        status = take_pass(ship);
        if (ship->has_stopped || (status < 0 && (ship->options->once || is_ending)))
            return -1;
        if (status == 0 && ship->options->once)
            return 0;
        if (status == 0 && !is_ending)
            life_rest(&ship->life, PASS_NS);
    } while (!is_ending);
    return status < 0 ? -1 : 0;
}

/* --- the interface --- */

static const struct target_ops *choose_target(const char *to, struct error *error)
{
    if (strcmp(to, "-") == 0)
        return &output_target;
    if (strncmp(to, "file:", 5) == 0 && to[5])
        return &files_target;
    if (strncmp(to, "http://", 7) == 0 || strncmp(to, "https://", 8) == 0) {
#if defined(GAPWATCH_SHIP_HTTP)
        return &http_target;
#else
        error_set(error, "this gapwatch was built without libcurl");
        return NULL;
#endif
    }
    error_set(error, "results are shipped to http(s)://HOST:PORT/DATABASE, file:DIR or -, not '%s'",
              to);
    return NULL;
}

int ship_check(const struct target_options *target, const char *sensor, struct error *error)
{
    const struct target_ops *ops = choose_target(target->to, error);

    if (sensor && (!*sensor || strlen(sensor) >= SENSOR_CHARS))
        return error_set(error, "the name of a sensor has 1 to %d octets", SENSOR_CHARS - 1);
    if (!ops || (ops->check && ops->check(target->to, error) < 0))
        return -1;
    if (!target->certificate != !target->key)
        return error_set(error, "--tls-cert and --tls-key go together");
    return 0;
}

/* Makes the sensor's name JSON. */
static int name_sensor(struct ship *ship, struct error *error)
{
    const char *given = ship->options->sensor;
    char name[SENSOR_CHARS] = "";
    struct json_writer json;
    size_t size;
    FILE *to = open_memstream(&ship->sensor, &size);

    if (!to)
        return error_set(error, "out of memory");
    if (given)
        snprintf(name, sizeof(name), "%s", given);
    else
        gethostname(name, sizeof(name) - 1);
    json_begin(&json, to);
    json_string(&json, NULL, name);
    json_flush(&json);
    return fclose(to) == 0 ? 0 : error_set(error, "out of memory");
}

static int prepare(struct ship *ship, struct error *error)
{
    const struct ship_options *options = ship->options;

    ship->ops = choose_target(options->target.to, error);
    if (!ship->ops || name_sensor(ship, error) < 0 ||
        ship->ops->open(&ship->target, &options->target, error) < 0)
        return -1;
    if (ship->ops != &output_target &&
        cursor_name(options->database, options->target.to, ship->cursor_path, error) < 0) {
        ship->ops->close(ship->target);
        return -1;
    }
    ship_cursor_reset(&ship->cursor, "");
    if (*ship->cursor_path && ship_cursor_read(&ship->cursor, ship->cursor_path) < 0)
        ship_cursor_reset(&ship->cursor, "");
    if (ship->cursor.pass_table >= ship_table_count)
        ship_cursor_reset(&ship->cursor, "");
    ship->spool.path = options->database;
    ship->spool.samples = options->samples;
    return 0;
}

int ship_run(const struct ship_options *options, struct error *error)
{
    struct ship ship = {.options = options, .batch_rows = BATCH_ROWS};
    int status = prepare(&ship, error);

    srandom((unsigned)(monotonic_ns() ^ (uint64_t)getpid()));
    if (status == 0) {
        if (!options->quiet && ship.ops != &output_target)
            fprintf(stderr, "gapwatch: shipping %s to %s\n", options->database, options->target.to);
        life_begin(&ship.life);
        status = ship_all(&ship);
        service_tell("STOPPING=1");
        if (status < 0)
            error_set(error, "not everything was shipped: %s", ship.failure.text);
        ship.ops->close(ship.target);
    }
    spool_close(&ship.spool);
    free(ship.sensor);
    return status;
}
