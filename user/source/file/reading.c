/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Reading files, one after the other or merged: fills batches, and says at the end what is known
 * only then. */
#include <string.h>

#include "source/file/frames.h"
#include "source/file/overlap.h"
#include "source/file/turn.h"

static void begin_batch(struct files *files, struct batch *batch)
{
    memcpy(batch->records, files->carried, files->carried_count * sizeof(files->carried[0]));
    memset(batch->origins, files->carried_origin, files->carried_count);
    batch->count = files->carried_count;
    batch->lost_count = 0;
    files->last_from = files->file_from = 0;
    files->last_until = files->carried_count;
    files->carried_count = 0;
}

/* Keeps the records of the last frame for the next batch. */
static void carry_last(struct files *files, struct batch *batch)
{
    files->carried_count = files->last_until - files->last_from;
    memcpy(files->carried, &batch->records[files->last_from],
           files->carried_count * sizeof(files->carried[0]));
    if (files->carried_count)
        files->carried_origin = batch->origins[files->last_from];
    batch->count = files->last_from;
}

/* Octets of all files that were read so far. */
static uint64_t octets_read(const struct files *files)
{
    uint64_t octets = files->octets_done;

    if (!files->options.by_time && files->current < files->count)
        return octets + files->entries[files->current].file.input.raw_octets;
    for (size_t i = 0; i < files->heap.count; i++)
        octets += files->heap.entries[i]->file.input.raw_octets;
    return octets;
}

void files_finish(struct files *files)
{
    struct notices *notices = files->options.notices;

    if (files->has_ended)
        return;
    files->has_ended = 1;
    for (size_t i = 0; i < files->heap.count; i++) /* they ended at the limit of packets */
        interface_rows_add(&files->interfaces, &files->heap.entries[i]->file);
    if (!files->options.by_time && files->current < files->count)
        interface_rows_add(&files->interfaces, &files->entries[files->current].file);
    overlap_remark(files);
    if (files->follow.missed)
        notices_add_remark(notices,
                           "files were written over or removed before they had been read to their "
                           "end (%zu times, first at %s): gaps there are undetermined",
                           files->follow.missed, files->follow.first_missed);
    if (files->lost_earlier)
        notices_add_remark(notices,
                           "the sensor lost %llu frames, which a pipe or a growing file says only "
                           "behind them: gaps before that may not be the network's",
                           (unsigned long long)files->lost_earlier);
    if (files->timeless)
        notices_add_remark(notices,
                           "%llu frames have no timestamp: they count as of the time of the frame "
                           "before them, or of when the file was written",
                           (unsigned long long)files->timeless);
    if (files->dedup && dedup_forgotten(files->dedup))
        notices_add_remark(notices,
                           "--dedup: more than %u frames came within the time; %llu were forgotten "
                           "before, and copies of these were not found",
                           DEDUP_FRAMES_MAX, (unsigned long long)dedup_forgotten(files->dedup));
    if (files->links.failed)
        notices_add_failure(notices, &files->links.why);
}

/* Adds frames to BATCH. Returns how that ended; FILE_FRAME: the batch is full. */
static enum file_status fill_batch(struct files *files, struct batch *batch)
{
    enum file_status status = FILE_FRAME;
    struct file_entry *entry;

    while (batch_has_room(batch)) {
        if (limit_is_reached(files->options.limit) || files->needs_survey)
            return FILE_END;
        status = turn_find(files, &entry, batch, !batch->count);
        if (status != FILE_FRAME || !frames_take(files, entry, batch))
            break;
        if (files->dedup)
            frames_add_singles(files, batch, files->last_ns);
    }
    return status;
}

/* The last time at which the clock of a file was set, or 0. */
static uint64_t clock_set_ns(const struct files *files)
{
    uint64_t set_ns = files->clock.set_ns;

    for (size_t i = 0; files->clocks && i < files->count; i++)
        if (files->clocks[i].set_ns > set_ns)
            set_ns = files->clocks[i].set_ns;
    return set_ns;
}

enum source_status files_read(struct files *files, struct batch *batch)
{
    enum file_status status;

    begin_batch(files, batch);
    status = fill_batch(files, batch);
    if (status == FILE_END && files->dedup)
        frames_add_singles(files, batch, UINT64_MAX);
    if (status == FILE_FRAME && files->clock.is_open)
        carry_last(files, batch);
    batch->frames = files->statistics.frames;
    batch->octets = octets_read(files);
    batch->clock_set_ns = clock_set_ns(files);
    if (status != FILE_END || batch->count || batch->lost_count)
        return SOURCE_MORE;
    files_finish(files);
    return SOURCE_END;
}
