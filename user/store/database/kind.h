/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Tells files of SQLite from others. */
#ifndef GAPWATCH_STORE_DATABASE_KIND_H
#define GAPWATCH_STORE_DATABASE_KIND_H

/* Whether PATH leads to a regular file that begins like an SQLite database. Nothing else is read: a
 * pipe would lose its first octets, or wait for a writer. 0 too when the file cannot be read. */
int database_is_at(const char *path);

/* Whether PATH leads to a regular file that has octets and begins like no SQLite database. 0 too
 * when the file cannot be read. */
int database_is_none_at(const char *path);

#endif
