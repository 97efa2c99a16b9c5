/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/routes/flows/sums.h"

#include <stdint.h>
#include <string.h>

#define COLUMNS                                                                                    \
    "CREATE TABLE sums (flow INTEGER, packets INTEGER, bytes INTEGER, lost INTEGER, "              \
    "undetermined INTEGER, capture HIDDEN, since HIDDEN, until HIDDEN)"

#define FIGURES    4 /* sums of a flow */
#define CAPTURE    5 /* the column of the first argument */
#define ARGUMENTS  3
#define FIRST_ROOM 256
#define FREE       UINT32_MAX

/* Knuth's multiplicative hash. */
#define HASH_FACTOR UINT64_C(0x9E3779B97F4A7C15)

#define OF_TIME "WHERE whole.capture_id = ?1 AND whole.timestamp >= ?2 AND whole.timestamp < ?3"

static const char sums_select[] =
    "SELECT part.flow, part.packets, part.bytes, part.lost, part.lost_undetermined "
    "FROM capture_intervals AS whole CROSS JOIN interval_flows AS part ON part.interval = "
    "whole.id " OF_TIME;

static const char losses_select[] =
    "SELECT part.flow, 0, 0, part.lost, part.lost_undetermined "
    "FROM capture_intervals AS whole CROSS JOIN interval_flows AS part INDEXED BY "
    "interval_flows_lost ON part.interval = whole.id AND (part.lost > 0 OR "
    "part.lost_undetermined > 0) " OF_TIME;

struct sum {
    int64_t flow;
    int64_t figures[FIGURES];
};

/* The sums, found by their flows. All memory is SQLite's, which bounds it. */
struct sums {
    sqlite3_vtab_cursor base; /* must come first */
    struct sum *rows;
    uint32_t *slots; /* numbers of rows, or FREE; twice ROOM, which is a power of two */
    uint32_t count, room, present;
};

struct sums_table {
    sqlite3_vtab base; /* must come first */
    sqlite3 *database;
    const char *select;
};

static uint32_t *find_slot(const struct sums *sums, int64_t flow)
{
    uint32_t mask = 2 * sums->room - 1;
    uint32_t place = (uint32_t)(((uint64_t)flow * HASH_FACTOR) >> 32) & mask;

    while (sums->slots[place] != FREE && sums->rows[sums->slots[place]].flow != flow)
        place = (place + 1) & mask;
    return &sums->slots[place];
}

/* Doubles the room for rows. Returns SQLite's result code. */
static int grow(struct sums *sums)
{
    uint32_t room = sums->room ? 2 * sums->room : FIRST_ROOM;
    struct sum *rows = sqlite3_realloc64(sums->rows, room * (uint64_t)sizeof(*rows));
    uint32_t *slots;

    if (!rows)
        return SQLITE_NOMEM;
    sums->rows = rows;
    slots = sqlite3_realloc64(sums->slots, 2 * room * (uint64_t)sizeof(*slots));
    if (!slots)
        return SQLITE_NOMEM;
    sums->slots = slots;
    sums->room = room;
    memset(slots, 0xFF, 2 * room * sizeof(*slots));
    for (uint32_t i = 0; i < sums->count; i++)
        *find_slot(sums, rows[i].flow) = i;
    return SQLITE_OK;
}

/* The row of FLOW, a new one if there is none; NULL: no memory. */
static struct sum *find_row(struct sums *sums, int64_t flow)
{
    uint32_t *slot;

    if (sums->count == sums->room && grow(sums) != SQLITE_OK)
        return NULL;
    slot = find_slot(sums, flow);
    if (*slot == FREE) {
        *slot = sums->count++;
        sums->rows[*slot] = (struct sum){.flow = flow};
    }
    return &sums->rows[*slot];
}

/* Values of a hostile database may be anything; a sum beyond 64 bits stays at the limit. */
static void add(int64_t *sum, int64_t value)
{
    if (__builtin_add_overflow(*sum, value, sum))
        *sum = value > 0 ? INT64_MAX : INT64_MIN;
}

/* Adds up the rows of STATEMENT. Returns SQLite's result code. */
static int add_rows(struct sums *sums, sqlite3_stmt *statement)
{
    int result;

    while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
        struct sum *row = find_row(sums, sqlite3_column_int64(statement, 0));

        if (!row)
            return SQLITE_NOMEM;
        for (int i = 0; i < FIGURES; i++)
            add(&row->figures[i], sqlite3_column_int64(statement, i + 1));
    }
    return result == SQLITE_DONE ? SQLITE_OK : result;
}

static void clear(struct sums *sums)
{
    sqlite3_free(sums->rows);
    sqlite3_free(sums->slots);
    sums->rows = NULL;
    sums->slots = NULL;
    sums->count = sums->room = sums->present = 0;
}

static int connect_table(sqlite3 *database, void *select, int count, const char *const *words,
                         sqlite3_vtab **made, char **error)
{
    struct sums_table *table;
    int result = sqlite3_declare_vtab(database, COLUMNS);

    (void)count, (void)words, (void)error;
    if (result == SQLITE_OK)
        result = sqlite3_vtab_config(database, SQLITE_VTAB_DIRECTONLY);
    if (result != SQLITE_OK)
        return result;
    table = sqlite3_malloc(sizeof(*table));
    if (!table)
        return SQLITE_NOMEM;
    *table = (struct sums_table){.database = database, .select = select};
    *made = &table->base;
    return SQLITE_OK;
}

static int disconnect_table(sqlite3_vtab *table)
{
    sqlite3_free(table);
    return SQLITE_OK;
}

/* Takes the three arguments; nothing else is used. */
static int choose(sqlite3_vtab *table, sqlite3_index_info *info)
{
    int given = 0;

    (void)table;
    for (int i = 0; i < info->nConstraint; i++) {
        int argument = info->aConstraint[i].iColumn - CAPTURE;

        if (argument < 0 || info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ)
            continue;
        if (!info->aConstraint[i].usable)
            return SQLITE_CONSTRAINT;
        info->aConstraintUsage[i].argvIndex = argument + 1;
        info->aConstraintUsage[i].omit = 1;
        given |= 1 << argument;
    }
    return given == (1 << ARGUMENTS) - 1 ? SQLITE_OK : SQLITE_CONSTRAINT;
}

static int open_cursor(sqlite3_vtab *table, sqlite3_vtab_cursor **cursor)
{
    struct sums *sums = sqlite3_malloc(sizeof(*sums));

    (void)table;
    if (!sums)
        return SQLITE_NOMEM;
    *sums = (struct sums){0};
    *cursor = &sums->base;
    return SQLITE_OK;
}

static int close_cursor(sqlite3_vtab_cursor *cursor)
{
    clear((struct sums *)cursor);
    sqlite3_free(cursor);
    return SQLITE_OK;
}

static int begin(sqlite3_vtab_cursor *cursor, int plan, const char *plan_text, int count,
                 sqlite3_value **arguments)
{
    const struct sums_table *table = (const struct sums_table *)cursor->pVtab;
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(table->database, table->select, -1, &statement, NULL);

    (void)plan, (void)plan_text;
    clear((struct sums *)cursor);
    for (int i = 0; i < count && result == SQLITE_OK; i++)
        result = sqlite3_bind_value(statement, i + 1, arguments[i]);
    if (result == SQLITE_OK)
        result = add_rows((struct sums *)cursor, statement);
    sqlite3_finalize(statement);
    return result;
}

static int advance(sqlite3_vtab_cursor *cursor)
{
    ((struct sums *)cursor)->present++;
    return SQLITE_OK;
}

static int is_behind(sqlite3_vtab_cursor *cursor)
{
    const struct sums *sums = (const struct sums *)cursor;

    return sums->present >= sums->count;
}

static int give_column(sqlite3_vtab_cursor *cursor, sqlite3_context *context, int column)
{
    const struct sums *sums = (const struct sums *)cursor;
    const struct sum *row = &sums->rows[sums->present];

    if (column == 0)
        sqlite3_result_int64(context, row->flow);
    else if (column <= FIGURES)
        sqlite3_result_int64(context, row->figures[column - 1]);
    return SQLITE_OK;
}

static int give_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *rowid)
{
    *rowid = ((const struct sums *)cursor)->present;
    return SQLITE_OK;
}

int sums_register(sqlite3 *database)
{
    static const sqlite3_module module = {.xConnect = connect_table,
                                          .xBestIndex = choose,
                                          .xDisconnect = disconnect_table,
                                          .xOpen = open_cursor,
                                          .xClose = close_cursor,
                                          .xFilter = begin,
                                          .xNext = advance,
                                          .xEof = is_behind,
                                          .xColumn = give_column,
                                          .xRowid = give_rowid};
    int result =
        sqlite3_create_module(database, FLOW_SUMS, &module, (void *)(uintptr_t)sums_select);

    if (result != SQLITE_OK)
        return result;
    return sqlite3_create_module(database, FLOW_LOSSES, &module, (void *)(uintptr_t)losses_select);
}
