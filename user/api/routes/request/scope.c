/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/routes/request/scope.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "api/routes/api.h"

/* A sensor is given this long for three flushes, even if it flushes every second. */
#define LEAST_SECONDS 15

/* The length of a flush in databases that do not tell it. */
#define USUAL_FLUSH "5"

/* Of several captures of an interface by the same method only the newest is running: the others
 * were killed less than three flushes ago. */
#define RUNNING                                                                                    \
    "SELECT max(id), max(CAST(strftime('%s', updated) AS INTEGER) + max(?, 3 * "                   \
    "coalesce(nullif(flush_interval, 0), " USUAL_FLUSH "))) "                                      \
    "FROM captures INDEXED BY captures_open WHERE ended IS NULL AND method <> 'file' "             \
    "GROUP BY source, method ORDER BY 1 DESC"

int running_is_current(const struct running *running, const struct version *version)
{
    return running->is_known && version_is_equal(&running->version, version) &&
           time(NULL) <= running->until;
}

void running_read(struct running *running, struct reader *reader)
{
    int64_t now = time(NULL);
    sqlite3_stmt *statement;
    struct query query;

    if (running_is_current(running, &reader->version))
        return;
    *running = (struct running){.version = reader->version, .until = INT64_MAX, .is_known = 1};
    query_init(&query);
    query_add(&query, "%s", RUNNING);
    query_integer(&query, LEAST_SECONDS);
    statement = reader_select(reader, &query);
    while (running->scope.count < SCOPE_MAX && reader_next(reader, statement)) {
        int64_t until = sqlite3_column_int64(statement, 1);

        if (until < now)
            continue;
        running->until = until < running->until ? until : running->until;
        running->scope.captures[running->scope.count++] = sqlite3_column_int64(statement, 0);
    }
}

uint64_t running_number(const struct running *running)
{
    struct {
        struct version version;
        struct scope scope;
    } content;

    memset(&content, 0, sizeof(content));
    content.version = running->version;
    content.scope = running->scope;
    return content_number(&content, sizeof(content));
}

void scope_condition(const struct scope *scope, char *condition)
{
    struct text text = text_over(condition, SCOPE_CHARS);

    text_add(&text, scope->count == 1 ? " = " : " IN (");
    for (int i = 0; i < scope->count; i++)
        text_add(&text, "%s%" PRId64, i ? ", " : "", scope->captures[i]);
    text_add(&text, scope->count == 1 ? "" : ")");
}

void scope_condition_of_one(int64_t id, char *condition)
{
    const struct scope scope = {.captures = {id}, .count = 1};

    scope_condition(&scope, condition);
}

/* Sets the scope to the captures that SQL, with one value in it, selects. Returns how many. */
static int select_captures(struct call *call, const char *sql, const char *interface)
{
    struct scope *scope = &call->scope;
    sqlite3_stmt *statement;
    struct query query;

    scope->count = 0;
    query_init(&query);
    query_add(&query, "%s", sql);
    if (interface)
        query_text(&query, interface);
    statement = reader_select(call->reader, &query);
    while (scope->count < SCOPE_MAX && reader_next(call->reader, statement))
        scope->captures[scope->count++] = sqlite3_column_int64(statement, 0);
    return scope->count;
}

static int find_one(struct call *call)
{
    sqlite3_stmt *statement;
    struct query query;

    query_init(&query);
    query_add(&query, "SELECT id FROM captures WHERE id = ?");
    query_integer(&query, call->parameters->capture);
    statement = reader_select(call->reader, &query);
    if (!reader_next(call->reader, statement)) {
        answer_error(call->answer, HTTP_NOT_FOUND, "there is no capture %" PRId64,
                     call->parameters->capture);
        return -1;
    }
    call->scope = (struct scope){.captures = {call->parameters->capture}, .count = 1};
    return 0;
}

static int find_of_interface(struct call *call)
{
    char running[SCOPE_CHARS], sql[SCOPE_CHARS + 128];
    const char *interface = call->parameters->interface;

    scope_condition(&call->running->scope, running);
    snprintf(sql, sizeof(sql), "SELECT id FROM captures WHERE source = ? AND id%s ORDER BY id DESC",
             running);
    if (select_captures(call, sql, interface) ||
        select_captures(call,
                        "SELECT id FROM captures WHERE source = ? ORDER BY method = 'file', "
                        "id DESC LIMIT 1",
                        interface))
        return 0;
    answer_error(call->answer, HTTP_NOT_FOUND, "there is no capture of an interface '%s'",
                 interface);
    return -1;
}

int call_find_captures(struct call *call)
{
    if (call->parameters->given & GIVEN(PARAMETER_CAPTURE))
        return find_one(call);
    if (call->parameters->given & GIVEN(PARAMETER_INTERFACE))
        return find_of_interface(call);
    call->scope = call->running->scope;
    if (call->scope.count ||
        select_captures(call, "SELECT id FROM captures ORDER BY id DESC LIMIT 1", NULL))
        return 0;
    answer_error(call->answer, HTTP_UNAVAILABLE, "the database has no capture yet");
    return -1;
}
