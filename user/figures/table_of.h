/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Makes the table NAME from the lines in the file LINES. Included by table.c for each table. */
#define JOIN(a, b)      a##b
#define NAMED(name, of) JOIN(name, of)
#define NAMED_TABLE(of) TABLE(of)

static const struct figure NAMED(NAME, _figures)[] = {
#define FIGURE               ENTRY
#define ROWID(name, meaning) ENTRY(name, ID)
#include LINES
};
static const char NAMED(NAME, _columns)[] =
#define FIGURE COLUMN
#define ROWID  COLUMN
#include LINES
    ;
NAMED_TABLE(NAME)

#undef JOIN
#undef NAMED
#undef NAMED_TABLE
#undef NAME
#undef LINES
