/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Included before a table of figures (table.h). A macro that the reader of the table has not
 * defined becomes FIGURE. ROWID (the row number, which SQLite assigns) and SINCE (the schema
 * version that added the figures after it) become nothing.
 */

#ifndef KEY
#define KEY(...) FIGURE(__VA_ARGS__)
#endif
#ifndef STORED
#define STORED(...) FIGURE(__VA_ARGS__)
#endif
#ifndef ROWID
#define ROWID(...)
#endif
#ifndef SINCE
#define SINCE(version)
#endif
