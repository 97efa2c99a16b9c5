/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/file/frames.h"

#include <string.h>

#include "source/file/losses.h"
#include "source/file/turn.h"

/* Gives records of BATCH their right time, which only the next frame of ENTRY shows: those of the
 * last frame, or of all frames of its file. */
static void correct_times(struct files *files, const struct file_entry *entry, struct batch *batch)
{
    size_t from = entry->wrong == WRONG_ALL ? files->file_from : files->last_from;

    for (size_t i = from; i < files->last_until; i++)
        batch->records[i].timestamp_ns = turn_clock(files, entry)->before_ns;
}

/* The records of the last frame are in BATCH from FIRST on. If it is a copy of an earlier frame,
 * replaces them by one that says so; a mirror's own number stays. */
static void drop_copy(struct files *files, const struct seen_frame *seen, struct batch *batch,
                      size_t first)
{
    struct frame_record *record;

    if (first < batch->count && batch->records[first].key.protocol == PROTOCOL_MIRROR)
        first++;
    if (first == batch->count)
        return;
    record = &batch->records[first];
    if (!dedup_is_copy(files->dedup, &files->classifier, seen, record))
        return;
    record->flags |= RECORD_COPY;
    batch->count = first + 1;
    files->statistics.copies_dropped += record->wire_packets;
}

void frames_add_singles(struct files *files, struct batch *batch, uint64_t now_ns)
{
    struct frame_record *record = &batch->records[batch->count];

    while (batch_has_room(batch) && dedup_take_single(files->dedup, now_ns, record)) {
        record->flags |= RECORD_ALONE;
        record->timestamp_ns = files->last_ns;
        batch->origins[batch->count] = 0; /* the flow has it from the frame itself */
        record = &batch->records[++batch->count];
    }
}

/* Classifies FRAME and adds its records to BATCH. Returns the outcome. */
static enum outcome add_records(struct files *files, const struct file_entry *entry,
                                struct batch *batch)
{
    const struct file_frame *frame = &entry->frame;
    struct source_statistics *statistics = &files->statistics;
    struct seen_frame seen = {
        .data = frame->data,
        .captured = frame->captured,
        .length = frame->length > frame->captured ? frame->length : frame->captured,
        .timestamp_ns = entry->next_ns,
    };
    enum outcome outcome = OUTCOME_NOT_IP;
    size_t first = batch->count, count;

    if (frame->interface->link->is_readable) {
        files->classifier.link = frame->interface->link->type;
        outcome = decode_seen(&files->classifier, &seen, statistics, &batch->records[batch->count],
                              &count);
        batch->count += count;
        if (files->dedup)
            drop_copy(files, &seen, batch, first);
        return outcome;
    }
    statistics->frames++;
    statistics->bytes += seen.length;
    statistics->outcomes[outcome]++;
    return outcome;
}

/* Notes the origin of the frame of ENTRY for its records, those of BATCH from FIRST on: nearly
 * always one. There is room for it even when there is none. */
static void note_origin(struct files *files, struct file_entry *entry, struct batch *batch,
                        size_t first)
{
    unsigned origin = losses_origin(files, entry);

    batch->origins[first] = (uint8_t)origin;
    if (batch->count > first + 1)
        memset(&batch->origins[first], (int)origin, batch->count - first);
}

/* Counts the frame of ENTRY, which passed the filter, also in its interface. */
static void count_frame(struct files *files, struct file_entry *entry, struct batch *batch)
{
    struct file_interface *interface = entry->frame.interface;
    uint64_t frames = files->statistics.frames, bytes = files->statistics.bytes;
    size_t first = batch->count;
    enum outcome outcome = add_records(files, entry, batch);

    note_origin(files, entry, batch, first);
    if (!interface->frames)
        statistics_name_link(&files->statistics, interface->link->name);
    frames = files->statistics.frames - frames;
    interface->frames += frames;
    interface->bytes += files->statistics.bytes - bytes;
    interface->outcomes[outcome] += frames;
}

int frames_take(struct files *files, struct file_entry *entry, struct batch *batch)
{
    const struct file_frame *frame = &entry->frame;

    if (!losses_note(files, entry, batch))
        return 0;
    if (frame->lost)
        losses_count(files, entry);
    if (entry->file.records == 1)
        files->file_from = batch->count;
    if (!frame->has_stamp)
        files->timeless++;
    if (entry->wrong != WRONG_NONE)
        correct_times(files, entry, batch);
    files->last_from = batch->count;
    if (file_link_matches(frame->interface->link, frame->data, frame->captured, frame->length) &&
        limit_take(files->options.limit))
        count_frame(files, entry, batch);
    files->last_until = batch->count;
    files->last_ns = entry->last_ns = entry->next_ns;
    files->last_of_ns[losses_origin(files, entry)] = entry->next_ns;
    entry->last_stamp_ns = frame->stamp_ns;
    if (entry->file.records == 1)
        entry->first_stamp_ns = frame->stamp_ns;
    frame->interface->last_ns = entry->next_ns;
    entry->next = FILE_NOTHING;
    return 1;
}
