/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Reading times. They are written by flow/figures.h. */
#ifndef GAPWATCH_BASE_TIMESTAMP_H
#define GAPWATCH_BASE_TIMESTAMP_H

#include <stdint.h>

#define TIMESTAMP_CHARS 40

/* Writes TIME_NS (since 1970, UTC) as RFC 3339, with nanoseconds, into TIMESTAMP of
 * TIMESTAMP_CHARS. */
void timestamp_format(uint64_t time_ns, char *timestamp);

/* Reads a time in the form of RFC 3339 section 5.6, with any offset from UTC, from 1970 to 2554,
 * as nanoseconds since 1970; further decimals are cut. Returns 0, or -1: not such a time. */
int timestamp_parse(const char *text, uint64_t *time_ns);

/* The same of a time that we wrote ourselves; 0 when it is none after all. */
uint64_t timestamp_or_zero(const char *text);

#endif
