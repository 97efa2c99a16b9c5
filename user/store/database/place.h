/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The files to which the path of a database leads, to notice that they were deleted, moved or
 * replaced. */
#ifndef GAPWATCH_STORE_DATABASE_PLACE_H
#define GAPWATCH_STORE_DATABASE_PLACE_H

#include <sys/types.h>

/* A file by its device and number; both are 0 when there is none. */
struct place_file {
    dev_t device;
    ino_t number;
};

struct place {
    struct place_file database;
    struct place_file log;   /* PATH-wal */
    struct place_file index; /* PATH-shm */
};

/* Notes which files PATH leads to now. */
void place_note(struct place *place, const char *path);

/* Whether PATH leads to another database than the noted one, or to none. */
int place_has_changed(const struct place *place, const char *path);

/* Whether the database at PATH, which is the noted one, was emptied, or its log or the log's index
 * was deleted or replaced. SQLite does not notice this, and other programs cannot read what is
 * written. */
int place_is_damaged(const struct place *place, const char *path);

/* Removes the noted log and its index if they are still beside PATH and the noted database is not:
 * SQLite would take them for those of the database that is there now. No program may be writing to
 * the noted database. */
void place_remove_rest(const struct place *place, const char *path);

#endif
