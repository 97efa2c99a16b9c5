/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/file/overlap.h"

#include "source/file/losses.h"

void overlap_look(struct files *files, struct file_entry *entry)
{
    uint64_t newest_ns;

    if (entry->frame.interface->last_ns || !files->is_sorted || files->options.by_time)
        return;
    newest_ns = files->newest_of_ns[losses_origin(files, entry)];
    if (newest_ns) {
        entry->has_known = 1;
        entry->overlaps_known |= entry->next_ns < newest_ns;
    } else {
        entry->overlaps_others |= entry->next_ns < files->newest_ns;
    }
}

/* Several interfaces of one file are not in the order of time, so each is compared with itself, if
 * it was there before. */
void overlap_count(struct files *files, const struct file_entry *entry)
{
    const struct capture_file *file = &entry->file;

    if (entry->has_known ? entry->overlaps_known : entry->overlaps_others)
        if (!files->overlaps++) {
            files->overlap_of[0] = entry->path;
            files->overlap_of[1] = entry[-1].path;
        }
    for (uint32_t i = 0; i < file->interface_count; i++) {
        const struct file_interface *interface = file->interfaces[i];

        if (interface->has_origin && interface->last_ns > files->newest_of_ns[interface->origin])
            files->newest_of_ns[interface->origin] = interface->last_ns;
    }
}

void overlap_remark(const struct files *files)
{
    struct notices *notices = files->options.notices;

    if (files->overlaps == 1)
        notices_add_remark(notices, "%s and %s overlap in time: --merge reads them as one",
                           files->overlap_of[1], files->overlap_of[0]);
    else if (files->overlaps)
        notices_add_remark(notices,
                           "%zu files overlap in time with others, as %s with %s: --merge reads "
                           "them as one",
                           files->overlaps, files->overlap_of[1], files->overlap_of[0]);
}
