/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/capture_file/said_losses.h"

#include "source/capture_file/capture_file.h"

/* The place of INTERFACE in the list, or the count: it is not there. */
static size_t find(const struct said_losses *said, const struct file_interface *interface)
{
    size_t at = 0;

    while (at < said->count && (said->list[at].number != interface->number ||
                                said->list[at].start_ns != interface->counters.start_ns))
        at++;
    return at;
}

struct said_loss said_losses_before(const struct said_losses *said,
                                    const struct file_interface *interface)
{
    struct said_loss nothing = {0};
    size_t at = said && interface->counters.start_ns ? find(said, interface) : SAID_LOSSES_MAX;

    return said && at < said->count ? said->list[at] : nothing;
}

void said_losses_add(struct said_losses *said, const struct capture_file *file)
{
    for (uint32_t i = 0; i < file->interface_count; i++) {
        const struct file_interface *interface = file->interfaces[i];
        size_t at = find(said, interface);

        if (!interface->counters.start_ns || at == SAID_LOSSES_MAX)
            continue;
        if (at == said->count)
            said->list[said->count++] = (struct said_loss){
                .number = interface->number, .start_ns = interface->counters.start_ns};
        said->list[at].lost = interface->counted_lost;
        said->list[at].records += interface->records;
    }
}
