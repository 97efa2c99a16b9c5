/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Reads a vantage point from capture files. */
#ifndef GAPWATCH_COMPARE_FILES_FILES_H
#define GAPWATCH_COMPARE_FILES_FILES_H

#include "base/exit_code.h"
#include "compare/point/point.h"

struct files_options {
    char *const *files; /* paths, or "-" for standard input */
    size_t count;
    const char *filter; /* pcap-filter expression, or NULL */
    uint32_t window;    /* replay window, in sequence numbers */
    uint32_t max_flows;
    int is_quiet; /* no progress on standard error */
};

/*
 * Reads the files of OPTIONS into POINT, which the caller releases in any case. Needs 16 octets of
 * memory for each frame with a number, and a struct stray for each that was delayed or a copy. What
 * was read before a damaged place is in POINT. Returns EXIT_DONE, or else the exit status, with
 * ERROR set.
 */
enum exit_code point_read_files(struct point *point, const struct files_options *options,
                                struct error *error);

#endif
