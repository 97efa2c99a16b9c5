/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/file/losses.h"

/* Notes in BATCH that frames were lost between FROM_NS and UNTIL_NS. A batch has one span. Returns
 * 0 when this is another one, which has to wait for the next batch. */
static int note_lost(struct batch *batch, uint64_t from_ns, uint64_t until_ns)
{
    if (!batch->lost_until_ns) {
        batch->lost_from_ns = from_ns;
        batch->lost_until_ns = until_ns ? until_ns : 1;
        return 1;
    }
    if (from_ns > batch->lost_until_ns || until_ns < batch->lost_from_ns)
        return 0;
    if (from_ns < batch->lost_from_ns)
        batch->lost_from_ns = from_ns;
    if (until_ns > batch->lost_until_ns)
        batch->lost_until_ns = until_ns;
    return 1;
}

/* Notes that the files have no frames between those before and the next one of ENTRY, or not all,
 * since the last file was not read whole: until another file begins. Returns as note_lost(). */
static int note_left_out(struct files *files, const struct file_entry *entry, struct batch *batch)
{
    if (!note_lost(batch, files->left_out_ns ? files->left_out_ns : entry->next_ns, entry->next_ns))
        return 0;
    files->is_leaving_out = entry->file.records > 1;
    return 1;
}

void losses_leave_out(struct files *files)
{
    if (!files->is_leaving_out)
        files->left_out_ns = files->last_ns;
    files->is_leaving_out = 1;
}

int losses_note(struct files *files, struct file_entry *entry, struct batch *batch)
{
    const struct file_frame *frame = &entry->frame;
    uint64_t before_ns = frame->interface->last_ns;

    if (files->is_leaving_out && !note_left_out(files, entry, batch))
        return 0;
    if (frame->lost && !note_lost(batch, before_ns ? before_ns : entry->next_ns, entry->next_ns))
        return 0;
    if (entry->survey.span_count && entry_is_losing(entry))
        return note_lost(batch, files->last_ns ? files->last_ns : entry->next_ns, entry->next_ns);
    return 1;
}

void losses_count(struct files *files, const struct file_entry *entry)
{
    const struct file_interface *interface = entry->frame.interface;
    uint64_t lost = entry->frame.lost;
    uint64_t noted = interface->noted_lost;

    if (entry->next == FILE_FRAME) { /* its loss is in `noted` already */
        uint64_t before = noted - lost > interface->said_lost ? noted - lost : interface->said_lost;

        lost = file_interface_lost(interface) - before;
    }
    files->statistics.sensor_drops = lost_sum(files->statistics.sensor_drops, lost);
}

/* ENTRY has statistics of a loss that the survey did not see: says so once for a file. */
static void remark_late(struct files *files, struct file_entry *entry)
{
    if (entry->is_regular && !files->options.follow && entry->frame.interface->said_lost &&
        !entry->has_late_losses++)
        notices_add_remark(files->options.notices,
                           "%s: in front of byte %llu its sensor lost frames, which was not known "
                           "before: the last gaps in front of it may not be the network's",
                           entry->path, (unsigned long long)entry->file.input.offset);
}

void losses_take_statistics(struct files *files, struct file_entry *entry, struct batch *batch)
{
    struct file_interface *interface = entry->frame.interface;

    losses_count(files, entry);
    if (!entry->survey.is_complete) {
        remark_late(files, entry);
        if (!note_lost(batch, interface->statistics_ns, files->last_ns))
            batch->lost_until_ns = files->last_ns;
    }
    interface->statistics_ns = files->last_ns;
}
