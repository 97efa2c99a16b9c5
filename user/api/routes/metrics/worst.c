/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/routes/metrics/worst.h"

#include <stdlib.h>

#include "base/timestamp.h"
#include "base/units.h"

/* Loss that is found late counts in the interval in which it happened, so a list is cached only
 * when its stretch ended this long ago. */
#define SETTLED_SECONDS 60

#define LISTS (SCOPE_MAX * WORST_STRETCHES)

#define SELECT                                                                                     \
    "SELECT part.flow FROM capture_intervals AS whole CROSS JOIN interval_flows AS part "          \
    "INDEXED BY interval_flows_lost ON part.interval = whole.id AND part.lost > 0 "                \
    "WHERE whole.capture_id = ? AND whole.timestamp >= ? AND whole.timestamp < ? "                 \
    "GROUP BY part.flow ORDER BY sum(part.lost) DESC, part.flow LIMIT ?"

static void clear(struct worst_list *list)
{
    free(list->flows);
    *list = (struct worst_list){0};
}

void worst_release(struct worst *worst)
{
    for (size_t i = 0; i < LISTS; i++)
        clear(&worst->lists[i]);
}

static struct worst_list *find(struct worst *worst, int64_t capture, int64_t stretch)
{
    for (size_t i = 0; i < LISTS; i++)
        if (worst->lists[i].capture == capture && worst->lists[i].stretch == stretch)
            return &worst->lists[i];
    return NULL;
}

/* Reads the list of CAPTURE and STRETCH. Returns 0, or -1: no memory. */
static int read_list(struct worst_list *list, struct reader *reader, int64_t capture,
                     int64_t stretch, int64_t top)
{
    char since[TIMESTAMP_CHARS], until[TIMESTAMP_CHARS];
    uint64_t begin_ns = (uint64_t)(stretch * WORST_SECONDS) * NS_PER_SECOND;
    sqlite3_stmt *statement;
    struct query query;

    timestamp_format(begin_ns, since);
    timestamp_format(begin_ns + WORST_SECONDS * NS_PER_SECOND, until);
    query_init(&query);
    query_add(&query, SELECT);
    query_integer(&query, capture);
    query_text(&query, since);
    query_text(&query, until);
    query_integer(&query, top);
    *list = (struct worst_list){.capture = capture, .stretch = stretch};
    list->flows = malloc((size_t)(top ? top : 1) * sizeof(*list->flows));
    if (!list->flows)
        return -1;
    statement = reader_select(reader, &query);
    while (list->count < top && reader_next(reader, statement))
        list->flows[list->count++] = sqlite3_column_int64(statement, 0);
    return 0;
}

static void take_list(const struct worst_list *list, int64_t stretches_ago,
                      void (*take)(void *data, int64_t flow, int64_t stretches_ago), void *data)
{
    for (int i = 0; i < list->count; i++)
        take(data, list->flows[i], stretches_ago);
}

/* Keeps LIST in place of the oldest one. */
static struct worst_list *keep(struct worst *worst, const struct worst_list *list)
{
    struct worst_list *place = &worst->lists[worst->next++ % LISTS];

    clear(place);
    *place = *list;
    return place;
}

void worst_find(struct worst *worst, struct reader *reader, const struct scope *scope, int64_t top,
                int64_t now, void (*take)(void *data, int64_t flow, int64_t stretches_ago),
                void *data)
{
    int64_t present = now / WORST_SECONDS;

    if (!version_is_same_file(&worst->version, &reader->version))
        worst_release(worst);
    worst->version = reader->version;
    for (int i = 0; i < scope->count; i++)
        for (int64_t ago = 0; ago < WORST_STRETCHES; ago++) {
            int64_t stretch = present - ago;
            struct worst_list *known = find(worst, scope->captures[i], stretch);
            struct worst_list list;

            if (known) {
                take_list(known, ago, take, data);
                continue;
            }
            if (read_list(&list, reader, scope->captures[i], stretch, top) < 0)
                return;
            take_list(&list, ago, take, data);
            if (now >= (stretch + 1) * WORST_SECONDS + SETTLED_SECONDS &&
                reader->result == SQLITE_OK)
                keep(worst, &list);
            else
                clear(&list);
        }
}
