/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/file/entry.h"

#include "source/capture_file/open.h"

enum open_status entry_open(struct file_entry *entry, int follows, struct link_cache *links,
                            struct error *error)
{
    enum open_status status = capture_file_open(&entry->file, entry->path, follows, links, error);

    entry->is_open = status == OPEN_DONE;
    entry->next = FILE_NOTHING;
    return status;
}

void entry_close(struct file_entry *entry)
{
    if (entry->is_open)
        capture_file_close(&entry->file);
    entry->is_open = 0;
}

void entry_set_clock(const struct file_entry *entry, struct file_clock *clock)
{
    const struct survey *survey = &entry->survey;

    if (survey->first_ns == UINT64_MAX)
        return;
    if (survey->stamp_ns == UINT64_MAX)
        clock->last_ns = survey->first_ns;
    else if (survey->first_ns != survey->stamp_ns)
        file_clock_begin_at(clock, survey->stamp_ns, survey->first_ns);
}

/* The next frame of ENTRY has no timestamp. */
static void date_timeless(const struct file_entry *entry, struct file_clock *clock)
{
    clock->wrong = WRONG_NONE;
    if (!clock->last_ns)
        clock->last_ns = input_written_ns(&entry->file.input);
}

enum file_status entry_peek(struct file_entry *entry, struct file_clock *clock, int wait)
{
    struct file_frame *frame = &entry->frame;

    if (entry->next != FILE_NOTHING)
        return entry->next;
    entry->next = capture_file_next(&entry->file, frame, wait);
    if (entry->next == FILE_FRAME) {
        if (frame->has_stamp)
            file_clock_time(clock, frame->stamp_ns);
        else
            date_timeless(entry, clock);
        entry->next_ns = clock->last_ns;
        entry->wrong = clock->wrong;
    } else if (entry->next == FILE_WAITS || entry->next == FILE_INTERRUPTED) {
        enum file_status status = entry->next;

        entry->next = FILE_NOTHING; /* it is read again */
        return status;
    }
    return entry->next;
}
