/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What the interfaces of the files read so far said that they have lost. They count from the
 * beginning of a capture, of which a file may be a later part. */
#ifndef GAPWATCH_SOURCE_CAPTURE_FILE_SAID_LOSSES_H
#define GAPWATCH_SOURCE_CAPTURE_FILE_SAID_LOSSES_H

#include <stddef.h>
#include <stdint.h>

/* Further interfaces count from the beginning of their file. */
#define SAID_LOSSES_MAX 64

struct said_losses {
    struct {
        uint64_t start_ns; /* of the capture */
        uint64_t lost;
        uint32_t number; /* of the interface */
    } list[SAID_LOSSES_MAX];
    size_t count;
};

struct capture_file;

/* What interface NUMBER of the capture that began at START_NS had lost in earlier files. */
uint64_t said_losses_before(const struct said_losses *said, uint32_t number, uint64_t start_ns);

/* FILE has been read: adds what its interfaces said. */
void said_losses_add(struct said_losses *said, const struct capture_file *file);

#endif
