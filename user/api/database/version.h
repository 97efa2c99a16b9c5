/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The state of a database in the file system: shows whether the file was replaced, and whether it
 * or its write-ahead log was written to. SQLite offers nothing equivalent: in WAL mode its change
 * counter stays the same, and data_version is valid for one connection only. This is the same in
 * every worker.
 */
#ifndef GAPWATCH_API_DATABASE_VERSION_H
#define GAPWATCH_API_DATABASE_VERSION_H

#include <stddef.h>
#include <stdint.h>

/* The state of one file. */
struct file_version {
    uint64_t device;
    uint64_t inode;
    int64_t octets;
    int64_t changed_ns;
};

struct version {
    struct file_version database;
    struct file_version log; /* zeros when there is none */
};

/* Sets VERSION to the state of the database at PATH. Returns 0, or -1 with errno set: it is not
 * accessible; EINVAL: it, or a file beside it that SQLite would open, is not a regular file. A FIFO
 * would make the reader wait. */
int version_read(const char *path, struct version *version);

/* Whether VERSION and OTHER are of the same file, even if it was written to in between. */
int version_is_same_file(const struct version *version, const struct version *other);

/* Whether nothing was replaced or written to between VERSION and OTHER. */
int version_is_equal(const struct version *version, const struct version *other);

/* A hash of VERSION and of the version of this program; never 0. */
uint64_t version_number(const struct version *version);

/* A hash of the SIZE octets at DATA and of the version of this program; never 0. */
uint64_t content_number(const void *data, size_t size);

#endif
