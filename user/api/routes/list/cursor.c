/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/routes/list/cursor.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SEPARATOR  '~'
#define MARK_CHARS 8

uint32_t cursor_mark(const struct call *call, const struct cursor_order *order)
{
    char chars[1024];
    struct text text = text_over(chars, sizeof(chars));

    text_add(&text, "%s of %s %s", order->list, call->flow_name,
             order->is_falling ? "falling" : "rising");
    for (int i = 0; i < order->key_count; i++)
        text_add(&text, " %s", order->keys[i]);
    return (uint32_t)content_number(chars, text.length);
}

/* Reads the keys and the id of a cursor from CHARS, which changes. Returns 0, or -1. */
static int read_keys(struct cursor *cursor, char *chars, int key_count)
{
    char *last = strrchr(chars, SEPARATOR), *end;

    for (int i = key_count - 1; i >= 0; i--) {
        char *separator = strrchr(chars, SEPARATOR);

        if (!separator)
            return -1;
        *separator = '\0';
        /* The first key may be a flow's id, which may contain a separator. */
        if (i > 0 && !(separator = strrchr(chars, SEPARATOR)))
            return -1;
        strcpy(cursor->keys[i], i > 0 ? separator + 1 : chars);
    }
    last = key_count ? last + 1 : chars;
    errno = 0;
    cursor->id = strtoll(last, &end, 10);
    return *last >= '0' && *last <= '9' && !*end && !errno ? 0 : -1;
}

int cursor_read(struct cursor *cursor, const struct call *call, const struct cursor_order *order)
{
    char chars[PARAMETER_CHARS], mark[MARK_CHARS + 2];

    snprintf(mark, sizeof(mark), "%08" PRIx32 "%c", cursor_mark(call, order), SEPARATOR);
    snprintf(chars, sizeof(chars), "%s", call->parameters->after);
    if (strncmp(chars, mark, strlen(mark)) != 0)
        return -1;
    return read_keys(cursor, chars + strlen(mark), order->key_count);
}

void cursor_write(sqlite3_stmt *statement, uint32_t mark, int first, int count, struct text *text)
{
    text_add(text, "%08" PRIx32, mark);
    for (int i = first; i < first + count; i++) {
        text_add(text, "%c", SEPARATOR);
        if (sqlite3_column_type(statement, i) == SQLITE_FLOAT)
            text_add(text, "%.17g", sqlite3_column_double(statement, i));
        else if (sqlite3_column_type(statement, i) != SQLITE_NULL)
            text_add(text, "%s", reader_text(statement, i));
    }
}

int call_read_cursor(struct call *call, struct cursor *cursor, const struct cursor_order *order)
{
    if (cursor_read(cursor, call, order) == 0)
        return 0;
    answer_error(call->answer, HTTP_BAD_REQUEST,
                 "after takes what `next` was of another page of this list in this order, not '%s'",
                 call->parameters->after);
    return -1;
}
