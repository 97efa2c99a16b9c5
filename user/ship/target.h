/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Where rows are shipped to. */
#ifndef GAPWATCH_SHIP_TARGET_H
#define GAPWATCH_SHIP_TARGET_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct target_options {
    const char *to; /* as the user gave it */
    const char *auth_file;
    const char *ca;
    const char *certificate;
    const char *key;
};

enum delivery {
    DELIVERED, /* and kept there */
    UNKNOWN,   /* it is not known to have arrived: send it again later */
    REFUSED,   /* because of its content: it would be refused again */
    TOO_LARGE, /* fewer rows at once may be taken */
    STOPPED,   /* the user told the program to end */
};

struct target_ops {
    /* Whether lines carry the name of their table, because all tables go to one place. */
    int names_tables;
    /* Checks the form of the target. Returns 0, or -1 with ERROR set. NULL: all is well. */
    int (*check)(const char *to, struct error *error);
    /* Sets *STATE, which close() frees. Returns 0, or -1 with ERROR set: wrong usage or a file that
     * cannot be read. */
    int (*open)(void **state, const struct target_options *options, struct error *error);
    /* Delivers SIZE octets of LINES, rows of TABLE. Sets ERROR unless they were delivered. */
    enum delivery (*send)(void *state, const char *table, const char *lines, size_t size,
                          struct error *error);
    /* The pause, in nanoseconds, that the target asked for when it did not take the last batch.
     * NULL: it never asks for one. */
    uint64_t (*pause_ns)(const void *state);
    void (*close)(void *state);
};

extern const struct target_ops files_target;  /* file:DIR */
extern const struct target_ops output_target; /* - */
#if defined(GAPWATCH_SHIP_HTTP)
extern const struct target_ops http_target; /* http://, https:// */
#endif

#endif
