/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/routes/list/list.h"

#include "api/routes/list/rows.h"

struct cursor_order list_order(const struct list *list)
{
    return (struct cursor_order){list->key, list->keys, list->key_count, list->is_falling};
}

/* Adds the keys with SEPARATOR behind each, and the id. */
static void add_keys(struct query *query, const struct list *list, const char *separator)
{
    for (int i = 0; i < list->key_count; i++)
        query_add(query, "%s%s, ", list->keys[i], separator);
    query_add(query, "id%s", separator);
}

void list_add_order(struct query *query, const struct list *list)
{
    query_add(query, " ORDER BY ");
    add_keys(query, list, list->is_falling ? " DESC" : "");
}

/* Adds the condition that a row comes after CURSOR, with the keys from FROM on. */
static void add_after(struct query *query, const struct list *list, const struct cursor *cursor,
                      int from)
{
    const char *before = "";

    query_add(query, " AND (");
    for (int i = from; i < list->key_count; i++, before = ", ")
        query_add(query, "%s%s", before, list->keys[i]);
    query_add(query, "%sid) %s (", before, list->is_falling ? "<" : ">");
    before = "";
    for (int i = from; i < list->key_count; i++, before = ", ") {
        query_add(query, "%s?", before);
        query_text(query, cursor->keys[i]);
    }
    query_add(query, "%s?)", before);
    query_integer(query, cursor->id);
}

void list_add_after(struct query *query, const struct list *list, const struct cursor *cursor)
{
    add_after(query, list, cursor, 0);
}

/* Adds one SELECT of the ids and keys of a capture's rows. WHICH is one more condition. */
static void add_part(struct query *query, const struct call *call, const struct list *list,
                     const char *captures, const char *which)
{
    if (query->sql.length && query->sql.chars[query->sql.length - 1] != '(')
        query_add(query, " UNION ALL ");
    query_add(query, "SELECT ");
    add_keys(query, list, "");
    list->add_source(query, call, list, captures);
    query_add(query, "%s", which);
}

/*
 * Adds the SELECTs of one capture. SQLite sorts NULL before all numbers, but a comparison with NULL
 * is never true. So where the first key may be NULL, the rows without it have a SELECT of their
 * own; without HAS_REST those that come last are left out.
 */
static void add_capture(struct query *query, const struct call *call, const struct list *list,
                        const struct cursor *cursor, int has_rest, const char *captures)
{
    int is_null = cursor && list->may_be_null && !*cursor->keys[0];
    char null[64] = "";

    if (list->may_be_null)
        snprintf(null, sizeof(null), " AND %s IS NULL", list->keys[0]);
    if (!cursor) {
        add_part(query, call, list, captures, "");
    } else if (is_null) {
        add_part(query, call, list, captures, null);
        add_after(query, list, cursor, 1);
    } else {
        add_part(query, call, list, captures, "");
        add_after(query, list, cursor, 0);
    }
    if (!has_rest || !list->may_be_null || !cursor || is_null == list->is_falling)
        return;
    snprintf(null, sizeof(null), " AND %s IS %sNULL", list->keys[0], is_null ? "NOT " : "");
    add_part(query, call, list, captures, null);
}

static void add_captures(struct query *query, const struct call *call, const struct list *list,
                         const struct cursor *cursor, int has_rest)
{
    char captures[SCOPE_CHARS];

    if (!list->has_captures)
        add_capture(query, call, list, cursor, has_rest, "");
    for (int i = 0; list->has_captures && i < call->scope.count; i++) {
        scope_condition_of_one(call->scope.captures[i], captures);
        add_capture(query, call, list, cursor, has_rest, captures);
    }
}

struct total count_rows(struct call *call, struct query *query)
{
    struct total total;

    query_add(query, " LIMIT ?)");
    query_integer(query, COUNT_MAX + 1);
    total.rows = reader_count(call->reader, query);
    total.is_exact = total.rows <= COUNT_MAX;
    if (!total.is_exact)
        total.rows = COUNT_MAX;
    return total;
}

struct total list_count(struct call *call, const struct list *list)
{
    char captures[SCOPE_CHARS];
    struct query query;

    scope_condition(&call->scope, captures);
    query_init(&query);
    query_add(&query, "SELECT count(*) FROM (SELECT 1");
    list->add_source(&query, call, list, captures);
    return count_rows(call, &query);
}

/* Whether the rows that come last (see add_capture()) are on the page behind CURSOR. Among a
 * million rows without a key, few may match, so these are not looked for when others fill the page.
 */
static int needs_rest(struct call *call, const struct list *list, const struct cursor *cursor)
{
    int64_t rows = call->parameters->offset + call->parameters->limit;
    struct query query;

    if (!cursor || !list->may_be_null)
        return 0;
    query_init(&query);
    query_add(&query, "SELECT count(*) FROM (SELECT id FROM (");
    add_captures(&query, call, list, cursor, 0);
    list_add_order(&query, list); /* else the index is read from its other end, far from the page */
    query_add(&query, " LIMIT ?))");
    query_integer(&query, rows);
    return reader_count(call->reader, &query) < rows;
}

void list_answer(struct call *call, const struct list *list, struct total total)
{
    int has_cursor = (call->parameters->given & GIVEN(PARAMETER_AFTER)) != 0;
    const struct cursor_order order = list_order(list);
    const struct cursor *after;
    struct cursor cursor;
    struct query query;

    if (has_cursor && call_read_cursor(call, &cursor, &order) < 0)
        return;
    after = has_cursor ? &cursor : NULL;
    query_init(&query);
    query_add(&query, "SELECT %s%s, ", list->figures->columns,
              list->has_captures ? CAPTURE_LABELS : "");
    add_keys(&query, list, "");
    query_add(&query, " FROM %s WHERE id IN (SELECT id FROM (", list->table);
    add_captures(&query, call, list, after, needs_rest(call, list, after));
    list_add_order(&query, list);
    query_page(&query, call->parameters);
    query_add(&query, "))");
    list_add_order(&query, list);
    rows_answer(call, list->key,
                &(struct rows){.figures = list->figures,
                               .more = list->has_captures ? CAPTURE_LABEL_COUNT : 0,
                               .keys = list->key_count + 1,
                               .mark = cursor_mark(call, &order)},
                &query, total);
}
