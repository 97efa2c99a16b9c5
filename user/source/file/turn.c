/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/file/turn.h"

#include "source/file/losses.h"
#include "source/file/overlap.h"

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

/* ENTRY has been read as far as it goes, or could not be opened. */
static void finish_entry(struct files *files, struct file_entry *entry)
{
    if (entry->is_open) {
        interface_rows_add(&files->interfaces, &entry->file);
        said_losses_add(&files->said, &entry->file);
        name_unused_link(files, &entry->file);
        remark_unread(files, entry);
        overlap_count(files, entry);
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
        entry->file.input.may_read_ahead = !files->options.by_time;
        entry_set_clock(entry, turn_clock(files, entry));
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

/* Reads the next frame of ENTRY. Returns FILE_FRAME, FILE_NOTHING when it may be another file's
 * turn now, or the reason why there is no frame. */
static enum file_status advance(struct files *files, struct file_entry *entry, struct batch *batch,
                                int wait)
{
    struct file_clock *clock = turn_clock(files, entry);
    uint64_t steps = clock->steps;
    enum file_status status;
    struct error error;

    if (!entry->is_open && entry->next == FILE_NOTHING)
        return open_next(files, entry);
    status = entry_peek(entry, clock, wait);
    if (clock->steps != steps)
        files->statistics.clock_steps += clock->steps - steps;
    if (files->options.follow &&
        (status == FILE_WAITS || status == FILE_DAMAGED || status == FILE_END))
        return advance_growing(files, entry, status, wait);
    switch (status) {
    case FILE_FRAME:
        overlap_look(files, entry);
        if (!files->options.by_time)
            return FILE_FRAME;
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

enum file_status turn_find(struct files *files, struct file_entry **entry, struct batch *batch,
                           int wait)
{
    enum file_status status = FILE_NOTHING;

    while ((*entry = turn(files)) && status == FILE_NOTHING) {
        if ((*entry)->next == FILE_FRAME)
            return FILE_FRAME;
        status = advance(files, *entry, batch, wait);
    }
    return *entry ? status : FILE_END;
}
