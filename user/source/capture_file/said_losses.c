/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/capture_file/said_losses.h"

#include "source/capture_file/capture_file.h"

/* The place of the interface in the list, or the count: it is not there. */
static size_t find(const struct said_losses *said, uint32_t number, uint64_t start_ns)
{
    size_t at = 0;

    while (at < said->count &&
           (said->list[at].number != number || said->list[at].start_ns != start_ns))
        at++;
    return at;
}

uint64_t said_losses_before(const struct said_losses *said, uint32_t number, uint64_t start_ns)
{
    size_t at = find(said, number, start_ns);

    return at < said->count ? said->list[at].lost : 0;
}

void said_losses_add(struct said_losses *said, const struct capture_file *file)
{
    for (uint32_t i = 0; i < file->interface_count; i++) {
        const struct file_interface *interface = file->interfaces[i];
        size_t at;

        if (!interface->start_ns)
            continue;
        at = find(said, interface->number, interface->start_ns);
        if (at == SAID_LOSSES_MAX)
            return;
        said->list[at].number = interface->number;
        said->list[at].start_ns = interface->start_ns;
        said->list[at].lost = interface->counted_lost;
        if (at == said->count)
            said->count++;
    }
}
