/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include <stdio.h>

#include "generate/output.h"

void markdown_rows(const struct table *table)
{
    printf("| figure | unit | meaning |\n|---|---|---|\n");
    for (size_t i = 0; i < table->count; i++) {
        const struct line *line = &table->lines[i];
        const char *null = null_text(line->null);

        if (line->mark == MARK_SINCE || line->mark == MARK_ROWID)
            continue;
        printf("| `%s` | %s | %s%s%s%s |\n", line->name, unit_text(line), line->meaning,
               *null ? "; null " : "", null,
               line->mark == MARK_STORED ? " (database and API only)" : "");
    }
}
