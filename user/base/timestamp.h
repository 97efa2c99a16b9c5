/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Times as text, RFC 3339. */
#ifndef GAPWATCH_BASE_TIMESTAMP_H
#define GAPWATCH_BASE_TIMESTAMP_H

#include <stdint.h>

#define TIMESTAMP_CHARS 40

/* Writes TIME_NS (nanoseconds since 1970, UTC) with nanoseconds into TIMESTAMP of
 * TIMESTAMP_CHARS. */
void timestamp_format(uint64_t time_ns, char *timestamp);

/*
 * Reads a time of the form of RFC 3339 section 5.6, with any offset from UTC, from 1970 to 2554.
 * Sets TIME_NS to nanoseconds since 1970; further decimals are cut off. Returns 0, or -1: not such
 * a time.
 */
int timestamp_parse(const char *text, uint64_t *time_ns);

/* Reads a time that this program wrote; 0 when TEXT is not a time. */
uint64_t timestamp_or_zero(const char *text);

#endif
