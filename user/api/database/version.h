/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What the file system tells of a database: whether it is still the same file, and whether anybody
 * wrote to it or to its write-ahead log. SQLite's own change counter does not move in WAL mode, and
 * its data_version means something to one connection only; this is the same for every worker.
 */
#ifndef GAPWATCH_API_DATABASE_VERSION_H
#define GAPWATCH_API_DATABASE_VERSION_H

#include <stddef.h>
#include <stdint.h>

struct file_version {
    uint64_t device;
    uint64_t inode;
    int64_t octets;
    int64_t changed_ns;
};

struct version {
    struct file_version database;
    struct file_version log; /* zeros: there is none */
};

/* Looks at the database at PATH. Returns 0, or -1 with errno set: it cannot be seen. */
int version_read(const char *path, struct version *version);

int version_is_same_file(const struct version *version, const struct version *other);
int version_is_equal(const struct version *version, const struct version *other);

/* A number that stands for VERSION and for this program; never 0. */
uint64_t version_number(const struct version *version);

/* The same for SIZE octets at DATA. */
uint64_t content_number(const void *data, size_t size);

#endif
