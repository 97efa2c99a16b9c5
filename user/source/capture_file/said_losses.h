/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The losses that the interfaces of the files read so far have reported. Their counters start at
 * the beginning of a capture, and a file may be a later part of it. */
#ifndef GAPWATCH_SOURCE_CAPTURE_FILE_SAID_LOSSES_H
#define GAPWATCH_SOURCE_CAPTURE_FILE_SAID_LOSSES_H

#include <stddef.h>
#include <stdint.h>

/* Further interfaces count from the beginning of their file. */
#define SAID_LOSSES_MAX 64

/* An interface of one capture, as the files read so far show it. */
struct said_loss {
    uint64_t start_ns; /* of the capture */
    uint64_t lost;
    uint64_t records; /* packets in the files */
    uint32_t number;  /* of the interface */
};

struct said_losses {
    struct said_loss list[SAID_LOSSES_MAX];
    size_t count;
};

struct capture_file;
struct file_interface;

/* The entry of SAID (NULL: none) for INTERFACE and for its capture, whose start the interface's
 * statistics give. All zeros: there is none. */
struct said_loss said_losses_before(const struct said_losses *said,
                                    const struct file_interface *interface);

/* Called when FILE has been read: adds the losses that its interfaces reported. */
void said_losses_add(struct said_losses *said, const struct capture_file *file);

#endif
