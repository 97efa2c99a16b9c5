/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The pcap format. */
#ifndef GAPWATCH_SOURCE_CAPTURE_FILE_PCAP_H
#define GAPWATCH_SOURCE_CAPTURE_FILE_PCAP_H

#include "source/capture_file/capture_file.h"

/* Reads the header of FILE if its first octets, of which there are at least 4, are those of the
 * pcap format. Returns 1; 0 if it is another format; or -1 with ERROR set. */
int pcap_begin(struct capture_file *file, struct error *error);

#endif
