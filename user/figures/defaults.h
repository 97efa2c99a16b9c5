/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Begins a table of figures (table.h): a mark that whoever reads it did not define is FIGURE, and
 * the number of a row, which SQLite has by itself, is left out, as is from which version on the
 * database has what follows. */

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
