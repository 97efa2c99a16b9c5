/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/routes/list/cursor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SEPARATOR '~'

int cursor_read(struct cursor *cursor, const char *text, int key_count)
{
    char chars[PARAMETER_CHARS], *last, *end;

    snprintf(chars, sizeof(chars), "%s", text);
    last = strrchr(chars, SEPARATOR);
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

void cursor_write(sqlite3_stmt *statement, int first, int count, struct text *text)
{
    for (int i = first; i < first + count; i++) {
        if (i > first)
            text_add(text, "%c", SEPARATOR);
        if (sqlite3_column_type(statement, i) == SQLITE_FLOAT)
            text_add(text, "%.17g", sqlite3_column_double(statement, i));
        else if (sqlite3_column_type(statement, i) != SQLITE_NULL)
            text_add(text, "%s", reader_text(statement, i));
    }
}

int call_read_cursor(struct call *call, struct cursor *cursor, int key_count)
{
    if (cursor_read(cursor, call->parameters->after, key_count) == 0)
        return 0;
    answer_error(call->answer, HTTP_BAD_REQUEST,
                 "after takes what `next` of another page of this list was, not '%s'",
                 call->parameters->after);
    return -1;
}
