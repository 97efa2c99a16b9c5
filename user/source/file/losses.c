/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/file/losses.h"

/* The span of ORIGIN that BATCH got last, or NULL. */
static struct lost_span *last_span(struct batch *batch, unsigned origin)
{
    for (size_t i = batch->lost_count; i-- > 0;)
        if (batch->lost[i].origin == origin)
            return &batch->lost[i];
    return NULL;
}

/* Notes in BATCH that frames of ORIGIN were lost between FROM_NS and UNTIL_NS. Returns 0 when BATCH
 * has no room, so that this has to wait for the next batch. */
static int note_lost(struct batch *batch, unsigned origin, uint64_t from_ns, uint64_t until_ns)
{
    struct lost_span *last = last_span(batch, origin);

    if (last && from_ns <= last->until_ns && until_ns >= last->from_ns) {
        if (from_ns < last->from_ns)
            last->from_ns = from_ns;
        if (until_ns > last->until_ns)
            last->until_ns = until_ns;
        return 1;
    }
    if (batch->lost_count == BATCH_LOST)
        return 0;
    batch->lost[batch->lost_count++] =
        (struct lost_span){.from_ns = from_ns, .until_ns = until_ns, .origin = origin};
    return 1;
}

/* Notes, for each origin in FILES->left_out, that frames were lost in front of the next one of
 * ENTRY. An origin leaves the set with its own first frame in ENTRY, ORIGIN_ALL with the first of
 * all unless files are merged. Returns as note_lost(). */
static int note_left_out(struct files *files, struct file_entry *entry, struct batch *batch)
{
    for (uint64_t left = files->left_out; left; left &= left - 1) {
        unsigned origin = (unsigned)__builtin_ctzll(left);
        uint64_t since_ns = files->left_out_ns[origin];

        if (!note_lost(batch, origin, since_ns ? since_ns : entry->next_ns, entry->next_ns))
            return 0;
    }
    if (entry->file.records <= 1)
        files->left_out &= files->options.by_time ? 0 : ~(UINT64_C(1) << ORIGIN_ALL);
    if (!entry->frame.interface->last_ns)
        files->left_out &= ~(uint64_t)origin_bit(losses_origin(files, entry));
    return 1;
}

static void leave_out(struct files *files, unsigned origin, uint64_t since_ns)
{
    uint64_t bit = UINT64_C(1) << origin;

    if (!(files->left_out & bit))
        files->left_out_ns[origin] = since_ns;
    files->left_out |= bit;
}

/* Files that are merged are of different taps, so the others have all of their frames. */
void losses_leave_out(struct files *files, const struct file_entry *entry)
{
    if (!files->options.by_time || !entry || !entry->is_open || !entry->file.records) {
        leave_out(files, ORIGIN_ALL, files->last_ns);
        for (unsigned i = 0; i < files->origins.count; i++)
            leave_out(files, i, files->last_of_ns[i]);
        return;
    }
    for (uint32_t i = 0; i < entry->file.interface_count; i++)
        if (entry->file.interfaces[i]->has_origin)
            leave_out(files, entry->file.interfaces[i]->origin, files->last_ns);
}

/* Notes the frames before the next one of ENTRY that statistics report as lost. Returns as
 * note_lost(). */
static int note_losing(struct file_entry *entry, struct batch *batch, uint64_t before_ns)
{
    uint32_t left = survey_losing_at(&entry->survey, entry->file.input.offset);

    for (; left; left &= left - 1)
        if (!note_lost(batch, (unsigned)__builtin_ctz(left), before_ns, entry->next_ns))
            return 0;
    return 1;
}

int losses_note_any(struct files *files, struct file_entry *entry, struct batch *batch)
{
    uint64_t interface_ns = entry->frame.interface->last_ns;
    uint64_t before_ns = files->options.by_time ? entry->last_ns : files->last_ns;

    if (!before_ns)
        before_ns = entry->next_ns;
    if (files->left_out && !note_left_out(files, entry, batch))
        return 0;
    if (entry->frame.lost && !note_lost(batch, losses_origin(files, entry),
                                        interface_ns ? interface_ns : before_ns, entry->next_ns))
        return 0;
    return !entry->survey.lossy || note_losing(entry, batch, before_ns);
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

void losses_take_statistics(struct files *files, struct file_entry *entry, struct batch *batch)
{
    struct file_interface *interface = entry->frame.interface;
    unsigned origin = losses_origin(files, entry);

    losses_count(files, entry);
    if (!entry->survey.is_complete) {
        if (entry->is_regular && !files->options.follow)
            files->needs_survey = 1;
        else if (entry->file.records > batch->count)
            files->lost_earlier = lost_sum(files->lost_earlier, entry->frame.lost);
        if (!note_lost(batch, origin, interface->statistics_ns, files->last_ns))
            batch->lost[BATCH_LOST - 1] = (struct lost_span){
                .from_ns = interface->statistics_ns,
                .until_ns = files->last_ns,
                .origin = ORIGIN_ALL,
            };
    }
    interface->statistics_ns = files->last_ns;
}
