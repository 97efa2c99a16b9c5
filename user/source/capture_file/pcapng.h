/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The pcapng format. */
#ifndef GAPWATCH_SOURCE_CAPTURE_FILE_PCAPNG_H
#define GAPWATCH_SOURCE_CAPTURE_FILE_PCAPNG_H

#include "source/capture_file/capture_file.h"

/* Reads the header of FILE as pcap_begin() does, if it is of the pcapng format. */
int pcapng_begin(struct capture_file *file, struct error *error);

#endif
