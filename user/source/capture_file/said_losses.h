/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What the interfaces of the files read so far said that they have lost. They count from the
 * beginning of a capture, of which a file may be a later part. */
#ifndef GAPWATCH_SOURCE_CAPTURE_FILE_SAID_LOSSES_H
#define GAPWATCH_SOURCE_CAPTURE_FILE_SAID_LOSSES_H

#include <stddef.h>
#include <stdint.h>

/* Further interfaces count from the beginning of their file. */
#define SAID_LOSSES_MAX 64

/* What the files have of an interface of one capture. */
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

/* What SAID (NULL: nothing) has of the capture of INTERFACE, whose statistics tell its start. All
 * zeros: nothing. */
struct said_loss said_losses_before(const struct said_losses *said,
                                    const struct file_interface *interface);

/* FILE has been read: adds what its interfaces said. */
void said_losses_add(struct said_losses *said, const struct capture_file *file);

#endif
