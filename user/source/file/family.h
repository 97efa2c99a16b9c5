/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The names of the files that one writer writes one after the other: `tcpdump -w` with -C, -G and
 * -W, and `dumpcap -b`. They differ in a number: at the end, or of at least two digits elsewhere.
 */
#ifndef GAPWATCH_SOURCE_FILE_FAMILY_H
#define GAPWATCH_SOURCE_FILE_FAMILY_H

#include <stdint.h>

/* Whether NAME may be the name of a file of the same writer as the file OF. */
int family_has(const char *name, const char *of);

/* The number of the file NAME among those of its writer: at the end (tcpdump -C), where no number
 * is 0, or in front of the time (dumpcap -b). -1: there is a time instead. */
int64_t family_number(const char *name);

/* dumpcap's numbers are below this, and then begin anew. */
#define DUMPCAP_NUMBERS 100000

/* The number of the file NAME, if dumpcap -b made it; else -1. */
int64_t family_dumpcap_number(const char *name);

#endif
