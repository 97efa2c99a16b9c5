/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/file/origins.h"

#include <stdio.h>
#include <string.h>

static unsigned find_or_add(struct origins *origins, size_t file, uint32_t number, const char *name)
{
    struct file_origin *added;

    for (unsigned i = 0; i < origins->count; i++) {
        const struct file_origin *origin = &origins->list[i];

        if (origin->file == file && origin->number == number && strcmp(origin->name, name) == 0)
            return i;
    }
    if (origins->count == ORIGINS_MAX)
        return ORIGINS_MAX - 1;
    added = &origins->list[origins->count];
    *added = (struct file_origin){.file = file, .number = number};
    snprintf(added->name, sizeof(added->name), "%s", name);
    return origins->count++;
}

unsigned origins_add(struct origins *origins, size_t file, struct file_interface *interface)
{
    interface->origin = find_or_add(origins, file, interface->number, interface->name);
    interface->has_origin = 1;
    return interface->origin;
}

unsigned origins_in_file(struct origins *origins, size_t file, unsigned origin)
{
    const struct file_origin like = origins->list[origin];

    return find_or_add(origins, file, like.number, like.name);
}
