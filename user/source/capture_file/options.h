/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The options at the end of a pcapng block (draft-ietf-opsawg-pcapng, 3.5):
 *
 *   | code (2) | length (2) | value, padded to 4 octets | ...
 *
 * Code 0 ends the list. An option that does not fit into its block ends it, too.
 */
#ifndef GAPWATCH_SOURCE_CAPTURE_FILE_OPTIONS_H
#define GAPWATCH_SOURCE_CAPTURE_FILE_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "source/capture_file/capture_file.h"

struct block_options {
    const unsigned char *at;
    const unsigned char *end;
    int is_swapped;
};

struct block_option {
    uint16_t code;
    uint16_t length;
    const unsigned char *value;
};

/* Takes the next option. Returns 0 when there is none. */
int option_next(struct block_options *options, struct block_option *option);

/* An interface's name, resolution and offset, from the options of its description (4.2). */
void options_describe(struct block_options options, struct file_interface *interface);

/* How many frames were lost in front of a packet, LOST_MAX at most, from its options
 * (epb_dropcount, 4.3). */
uint64_t options_lost(struct block_options options);

/* The statistics of an interface whose time has UNIT (4.6). */
void options_count(struct block_options options, const struct stamp_unit *unit,
                   struct interface_counts *counts);

#endif
