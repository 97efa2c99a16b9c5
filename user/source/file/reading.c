/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Reading files, one after the other or merged. */
#include <stdio.h>
#include <string.h>

#include "source/file/losses.h"

/* --- from file to file --- */

/* The clock of ENTRY. */
static struct file_clock *clock_of(struct files *files, const struct file_entry *entry)
{
    return files->clocks ? &files->clocks[entry - files->entries] : &files->clock;
}

/* Says once for a file that there are interfaces whose frames cannot be read. */
static void remark_unread(struct files *files, const struct file_entry *entry)
{
    const struct file_interface *first = NULL;
    unsigned long long frames = 0;

    for (uint32_t i = 0; i < entry->file.interface_count; i++) {
        const struct file_interface *interface = entry->file.interfaces[i];

        if (!interface->records || interface->link->is_readable)
            continue;
        frames += interface->records;
        if (!first)
            first = interface;
    }
    if (first)
        notices_add_remark(files->options.notices,
                           "%s: %llu frames count as not IP: the link type of their interfaces is "
                           "not supported (%s of interface %u)",
                           entry->path, frames, first->link->name, first->number);
}

/* Names the link type of a file without packets. */
static void name_unused_link(struct files *files, const struct capture_file *file)
{
    if (!file->records && file->interface_count)
        statistics_name_link(&files->statistics, file->interfaces[0]->link->name);
}

/* Notes whether the next frame of ENTRY, if it is the first one of its interface, is older than
 * frames in the files before. */
static void look_for_overlap(struct files *files, struct file_entry *entry)
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

/* ENTRY has been read: counts it if it overlaps in time with files before. Several interfaces of
 * one file are not in the order of time, so each is compared with itself, if it was there before.
 */
static void count_overlap(struct files *files, const struct file_entry *entry)
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

/* ENTRY has been read as far as it goes, or could not be opened. */
static void finish_entry(struct files *files, struct file_entry *entry)
{
    if (entry->is_open) {
        interface_rows_add(&files->interfaces, &entry->file);
        said_losses_add(&files->said, &entry->file);
        name_unused_link(files, &entry->file);
        remark_unread(files, entry);
        count_overlap(files, entry);
        files->octets_done += entry->file.input.raw_octets;
    }
    if (files->has_left_out)
        losses_leave_out(files, NULL);
    entry_close(entry);
    entry->is_done = 1;
    if (files->options.by_time) {
        order_heap_settle(&files->heap);
        return;
    }
    files->current++;
    files->newest_ns = files->last_ns > files->newest_ns ? files->last_ns : files->newest_ns;
    file_clock_next_file(&files->clock);
}

static void fail_entry(struct files *files, struct file_entry *entry, const struct error *error)
{
    notices_add_failure(files->options.notices, error);
    losses_leave_out(files, entry);
    finish_entry(files, entry);
}

/* ENTRY, a file that grew, could not be read to its end, for the reason in ERROR unless it was
 * written over or removed. */
static void miss(struct files *files, struct file_entry *entry, const struct error *error)
{
    if (entry->has_failed)
        return;
    entry->has_failed = 1;
    losses_leave_out(files, entry);
    if (!entry->is_open || entry->file.input.is_stale)
        follow_miss(&files->follow, entry->path);
    else
        notices_add_failure(files->options.notices, error);
}

/* Opens ENTRY. Returns FILE_NOTHING, or FILE_INTERRUPTED. */
static enum file_status open_next(struct files *files, struct file_entry *entry)
{
    struct error error;

    switch (entry_open(entry, files->options.follow, &files->links, &error)) {
    case OPEN_DONE:
        entry->file.said = &files->said;
        entry->file.input.is_complete = files->follow.count > 0;
        entry_set_clock(entry, clock_of(files, entry));
        return FILE_NOTHING;
    case OPEN_INTERRUPTED:
        return FILE_INTERRUPTED;
    default:
        break;
    }
    if (!files->options.follow) {
        fail_entry(files, entry, &error);
        return FILE_NOTHING;
    }
    miss(files, entry, &error);
    entry->next = FILE_END;
    return FILE_NOTHING;
}

/* ENTRY, a file that grew, has been read as far as possible. Goes on with the file behind it.
 * Returns FILE_NOTHING, or, when there is none yet, FILE_WAITS, after a while if WAIT. */
static enum file_status follow_on(struct files *files, struct file_entry *entry, int wait)
{
    struct follow *follow = &files->follow;
    size_t missed = follow->missed;
    const char *path = NULL;

    if (entry->file.input.is_stale)
        miss(files, entry, NULL);
    if (follow_look(follow, entry->path, &entry->file.input, entry->last_stamp_ns, &files->links))
        path = follow_next(follow, entry->path, entry->first_stamp_ns, &files->links);
    if (follow->missed != missed)
        losses_leave_out(files, entry);
    if (!path) {
        if (wait)
            follow_wait();
        return FILE_WAITS;
    }
    finish_entry(files, entry);
    files->current = 0;
    entry->path = path;
    entry->is_done = entry->has_failed = 0;
    entry->next = FILE_NOTHING;
    return FILE_NOTHING;
}

/* As advance(), of a file that grows and has no next frame: STATUS says why. */
static enum file_status advance_growing(struct files *files, struct file_entry *entry,
                                        enum file_status status, int wait)
{
    struct input *input = &entry->file.input;
    struct error error;

    if (status == FILE_WAITS) {
        input->is_complete =
            follow_look(&files->follow, entry->path, input, entry->last_stamp_ns, &files->links);
        return input->is_complete ? FILE_NOTHING : FILE_WAITS;
    }
    if (status == FILE_DAMAGED) {
        capture_file_problem(&entry->file, &error);
        miss(files, entry, &error);
    }
    return follow_on(files, entry, wait);
}

/* Reads the next frame of ENTRY. Returns FILE_NOTHING, or why it did not come that far. */
static enum file_status advance(struct files *files, struct file_entry *entry, struct batch *batch,
                                int wait)
{
    struct file_clock *clock = clock_of(files, entry);
    uint64_t steps = clock->steps;
    enum file_status status;
    struct error error;

    if (!entry->is_open && entry->next == FILE_NOTHING)
        return open_next(files, entry);
    status = entry_peek(entry, clock, wait);
    files->statistics.clock_steps += clock->steps - steps;
    if (files->options.follow &&
        (status == FILE_WAITS || status == FILE_DAMAGED || status == FILE_END))
        return advance_growing(files, entry, status, wait);
    switch (status) {
    case FILE_FRAME:
        look_for_overlap(files, entry);
        if (files->options.by_time)
            order_heap_settle(&files->heap);
        return FILE_NOTHING;
    case FILE_STATISTICS:
        losses_take_statistics(files, entry, batch);
        entry->next = FILE_NOTHING;
        return FILE_NOTHING;
    case FILE_DAMAGED:
        capture_file_problem(&entry->file, &error);
        fail_entry(files, entry, &error);
        return FILE_NOTHING;
    case FILE_END:
        finish_entry(files, entry);
        return FILE_NOTHING;
    default:
        return status;
    }
}

/* The file whose turn it is; NULL: all have been read. */
static struct file_entry *turn(const struct files *files)
{
    if (files->options.by_time)
        return files->heap.count ? files->heap.entries[0] : NULL;
    return files->current < files->count ? &files->entries[files->current] : NULL;
}

/* Sets *ENTRY to the file whose next frame is next of all. Returns FILE_FRAME, FILE_END, or why
 * there is none at present. */
static enum file_status find_frame(struct files *files, struct file_entry **entry,
                                   struct batch *batch, int wait)
{
    enum file_status status = FILE_NOTHING;

    while ((*entry = turn(files)) && status == FILE_NOTHING) {
        if ((*entry)->next == FILE_FRAME)
            return FILE_FRAME;
        status = advance(files, *entry, batch, wait);
    }
    return *entry ? status : FILE_END;
}

/* --- frames --- */

/* Gives records of BATCH their right time, which only the next frame of ENTRY shows: those of the
 * last frame, or of all frames of its file. */
static void correct_times(struct files *files, const struct file_entry *entry, struct batch *batch)
{
    size_t from = entry->all_were_wrong ? files->file_from : files->last_from;

    for (size_t i = from; i < files->last_until; i++)
        batch->records[i].timestamp_ns = clock_of(files, entry)->before_ns;
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

/* Adds records to BATCH for frames that can have no copy any more at NOW_NS. */
static void add_singles(struct files *files, struct batch *batch, uint64_t now_ns)
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
    const struct file_interface *interface = entry->frame.interface;
    unsigned origin = interface->has_origin ? interface->origin : losses_origin(files, entry);

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

/* Takes the next frame of ENTRY. Returns 0 when that has to wait for the next batch. */
static int take_frame(struct files *files, struct file_entry *entry, struct batch *batch)
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
    if (entry->last_was_wrong || entry->all_were_wrong)
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

/* --- batches --- */

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
    if (files->overlaps == 1)
        notices_add_remark(notices, "%s and %s overlap in time: --merge reads them as one",
                           files->overlap_of[1], files->overlap_of[0]);
    else if (files->overlaps)
        notices_add_remark(notices,
                           "%zu files overlap in time with others, as %s with %s: --merge reads "
                           "them as one",
                           files->overlaps, files->overlap_of[1], files->overlap_of[0]);
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
        status = find_frame(files, &entry, batch, !batch->count);
        if (status != FILE_FRAME || !take_frame(files, entry, batch))
            break;
        if (files->dedup)
            add_singles(files, batch, files->last_ns);
    }
    return status;
}

enum source_status files_read(struct files *files, struct batch *batch)
{
    enum file_status status;

    begin_batch(files, batch);
    status = fill_batch(files, batch);
    if (status == FILE_END && files->dedup)
        add_singles(files, batch, UINT64_MAX);
    if (status == FILE_FRAME && files->clock.is_open)
        carry_last(files, batch);
    batch->frames = files->statistics.frames;
    batch->octets = octets_read(files);
    if (status != FILE_END || batch->count || batch->lost_count)
        return SOURCE_MORE;
    files_finish(files);
    return SOURCE_END;
}
