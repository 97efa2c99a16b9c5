/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The origins of frames (base/origin.h) are the interfaces of the files. Those with the same number
 * and name are one, as in the files of a ring, unless the files are merged: then each file is of
 * another tap. */
#ifndef GAPWATCH_SOURCE_FILE_ORIGINS_H
#define GAPWATCH_SOURCE_FILE_ORIGINS_H

#include "base/origin.h"
#include "source/capture_file/capture_file.h"

#define ORIGIN_OF_ANY_FILE SIZE_MAX

struct file_origin {
    size_t file; /* its index, or ORIGIN_OF_ANY_FILE */
    uint32_t number;
    char name[INTERFACE_NAME_CHARS];
};

/* All zeros at first. */
struct origins {
    struct file_origin list[ORIGINS_MAX];
    unsigned count;
};

/* Finds the origin of INTERFACE of FILE, which has none yet. */
unsigned origins_add(struct origins *origins, size_t file, struct file_interface *interface);

/* The origin of frames of INTERFACE of FILE. The interfaces for which there is no room share the
 * last one. */
static inline unsigned origins_of(struct origins *origins, size_t file,
                                  struct file_interface *interface)
{
    return interface->has_origin ? interface->origin : origins_add(origins, file, interface);
}

/* The interface ORIGIN in another FILE: its origin. */
unsigned origins_in_file(struct origins *origins, size_t file, unsigned origin);

#endif
