/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/file/files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/interrupt.h"
#include "source/file/state.h"

static void files_close(void *state)
{
    struct files *files = state;

    if (!files)
        return;
    for (size_t i = 0; i < files->count; i++) {
        entry_close(&files->entries[i]);
        survey_release(&files->entries[i].survey);
    }
    free(files->entries);
    free(files->paths);
    free(files->clocks);
    order_heap_release(&files->heap);
    link_cache_release(&files->links);
    listing_release(&files->listing);
    free(files->interfaces.rows);
    dedup_free(files->dedup);
    follow_release(&files->follow);
    free(files);
}

/* Keeps the failure in ERROR as a notice: one of several files is left out. */
static void fail_one(struct files *files, const struct error *error)
{
    files->has_left_out = 1;
    notices_add_failure(files->options.notices, error);
}

/* Lists the files that the user named. Those that cannot be listed are left out. */
static void list_files(struct files *files)
{
    const struct source_options *options = &files->options;
    struct error error;

    for (size_t i = 0; i < options->target_count; i++)
        if (listing_add(&files->listing, options->targets[i], &error) < 0)
            fail_one(files, &error);
}

/* Looks at ENTRY before it is read. Returns as survey_file(). */
static enum open_status look_at(struct files *files, struct file_entry *entry, struct error *error)
{
    struct stat status;

    entry->survey.first_ns = entry->survey.stamp_ns = UINT64_MAX;
    entry->is_regular = strcmp(entry->path, "-") != 0 &&
                        (stat(entry->path, &status) < 0 || S_ISREG(status.st_mode));
    if (!entry->is_regular || files->options.follow)
        return OPEN_DONE;
    entry->size = (uint64_t)status.st_size;
    return survey_file(&entry->survey, entry->path, &files->links,
                       files->options.by_time ? NULL : &files->surveyed_origins, error);
}

/* Makes the entries. Files that cannot be opened are left out. Returns OPEN_DONE, OPEN_INTERRUPTED,
 * or OPEN_FAILED when there is no memory. */
static enum open_status make_entries(struct files *files)
{
    size_t count = files->listing.count;

    files->entries = calloc(count + 1, sizeof(*files->entries));
    files->paths = calloc(count + 1, sizeof(*files->paths));
    if (!files->entries || !files->paths)
        return OPEN_FAILED;
    for (size_t i = 0; i < count; i++) {
        const struct listed_path *listed = &files->listing.paths[i];
        struct file_entry *entry = &files->entries[files->count];
        enum open_status status;
        struct error error;

        *entry = (struct file_entry){
            .path = listed->path, .index = files->count, .given = listed->given};
        files->paths[files->count] = listed->path;
        entry->file.input.fd = -1;
        status = look_at(files, entry, &error);
        if (status == OPEN_DONE)
            files->count++;
        if (interrupted())
            return OPEN_INTERRUPTED;
        if (status != OPEN_DONE)
            fail_one(files, &error);
    }
    return OPEN_DONE;
}

/* Whether files may be sorted by time: the user gave no order, and all can be read in advance. */
static int can_sort(const struct files *files)
{
    for (size_t i = 0; i < files->count; i++)
        if (!files->entries[i].is_regular)
            return 0;
    return !files->options.in_order && !files->options.follow;
}

/* Surveys the files for losses of the sensor, in the order in which they are read. */
static void look_for_losses(struct files *files)
{
    struct survey_context context = {
        .links = &files->links,
        .origins = &files->origins,
        .looks_at_all = files->options.survey_all,
    };

    for (size_t i = 0; i < files->count && !interrupted(); i++) {
        struct file_entry *entry = &files->entries[i];

        if (entry->survey.is_pcapng)
            survey_losses(&entry->survey, entry->path,
                          files->options.by_time ? entry->index : ORIGIN_OF_ANY_FILE, &context);
    }
    order_mark_losing(files->entries, files->count, &files->origins);
}

static void sort_files(struct files *files)
{
    files->is_sorted = can_sort(files);
    if (files->is_sorted && order_by_first_frame(files->entries, files->count) &&
        !files->options.by_time)
        notices_add_remark(files->options.notices,
                           "the files are read in the order of their first frames, not as given "
                           "(--in-order keeps that)");
    look_for_losses(files);
    for (size_t i = 0; i < files->count; i++)
        files->paths[i] = (char *)files->entries[i].path;
}

/* Prepares to merge the files. Returns 0, or -1: no memory. */
static int prepare_merge(struct files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        struct file_entry *entry = &files->entries[i];

        /* A file that was not looked at is opened at once. */
        if (entry->next != FILE_FRAME)
            entry->next_ns = entry->is_regular ? entry->survey.first_ns : 0;
    }
    return order_heap_init(&files->heap, files->entries, files->count);
}

/* Waits for the first frame of the first file, which is open. Returns OPEN_DONE or
 * OPEN_INTERRUPTED. */
static enum open_status wait_for_frame(struct files *files)
{
    struct file_clock *clock = files->clocks ? &files->clocks[0] : &files->clock;
    enum file_status status;

    entry_set_clock(&files->entries[0], clock);
    do {
        status = entry_peek(&files->entries[0], clock, 1);
    } while ((status == FILE_WAITS || status == FILE_INTERRUPTED) && !interrupted());
    return status == FILE_WAITS || status == FILE_INTERRUPTED ? OPEN_INTERRUPTED : OPEN_DONE;
}

/* Leaves out the first file, which failed with ERROR. */
static void leave_out_first(struct files *files, const struct error *error)
{
    fail_one(files, error);
    survey_release(&files->entries[0].survey);
    files->count--;
    memmove(files->entries, files->entries + 1, files->count * sizeof(*files->entries));
    memmove(files->paths, files->paths + 1, files->count * sizeof(*files->paths));
}

/* Opens the first file that can be opened and, unless it grows, waits for its first frame. */
static enum open_status open_first(struct files *files, struct error *error)
{
    enum open_status status = OPEN_FAILED;

    while (files->count) {
        status = entry_open(&files->entries[0], files->options.follow, &files->links, error);
        if (status != OPEN_FAILED)
            break;
        leave_out_first(files, error);
    }
    if (status != OPEN_DONE)
        return status;
    files->entries[0].file.said = &files->said;
    files->entries[0].file.input.may_read_ahead = !files->options.by_time;
    return files->options.follow ? OPEN_DONE : wait_for_frame(files);
}

/* Returns as files_open(). */
static enum open_status open_all(struct files *files, struct error *error)
{
    enum open_status status;

    if (files->options.dedup_ns) {
        files->dedup = dedup_make(files->options.dedup_ns);
        if (!files->dedup)
            return OPEN_FAILED;
    }
    list_files(files);
    if (files->options.follow && files->listing.count > 1) {
        error_set(error, "--follow needs one file");
        return OPEN_BAD_FILTER;
    }
    status = make_entries(files);
    if (status != OPEN_DONE)
        return status;
    if (files->options.follow && files->count && !files->entries[0].is_regular) {
        error_set(error,
                  "--follow needs a file that grows, but %s is a pipe or a device: leave "
                  "--follow out, and it is read until it ends",
                  files->entries[0].path);
        return OPEN_BAD_FILTER;
    }
    sort_files(files);
    if (files->options.by_time) {
        files->clocks = calloc(files->count + 1, sizeof(*files->clocks));
        if (!files->clocks)
            return OPEN_FAILED;
    }
    status = open_first(files, error);
    if (files->links.failed && !files->links.compiled) {
        *error = files->links.why;
        return OPEN_BAD_FILTER;
    }
    if (status == OPEN_DONE && files->options.by_time && prepare_merge(files) < 0)
        return OPEN_FAILED;
    return status;
}

static enum open_status files_open(void **state, const struct source_options *options,
                                   struct error *error)
{
    struct files *files = calloc(1, sizeof(*files));
    enum open_status status = OPEN_FAILED;

    error_set(error, "%s: %s", options->target, strerror(ENOMEM));
    if (files) {
        files->options = *options;
        files->links.filter = options->filter;
        files->classifier.tunnels = options->tunnels;
        files->classifier.esp_ports = options->esp_ports;
        files->classifier.protocols = options->protocols;
        status = open_all(files, error);
    }
    /* An interrupted source ends at once, and the report of what was read has its files. */
    if (status == OPEN_DONE || status == OPEN_INTERRUPTED) {
        *state = files;
        return OPEN_DONE;
    }
    if (files && status == OPEN_FAILED && !files->count)
        notices_take_failure(options->notices, error);
    files_close(files);
    return status;
}

static enum source_status files_next(void *state, unsigned worker, struct batch *batch,
                                     struct error *error)
{
    (void)worker, (void)error;
    return files_read(state, batch);
}

static void files_statistics(const void *state, unsigned worker,
                             struct source_statistics *statistics)
{
    (void)worker;
    *statistics = ((const struct files *)state)->statistics;
}

static uint64_t files_size(const void *state)
{
    const struct files *files = state;
    uint64_t size = 0;

    for (size_t i = 0; i < files->count; i++) {
        if (!files->entries[i].size)
            return 0;
        size += files->entries[i].size;
    }
    return size;
}

int files_need_survey(const void *state)
{
    return ((const struct files *)state)->needs_survey;
}

void files_end(void *state)
{
    files_finish(state);
}

char *const *files_paths(const void *state, size_t *count)
{
    const struct files *files = state;

    *count = files->count;
    return files->paths;
}

const struct interface_row *files_interfaces(const void *state, size_t *count)
{
    const struct files *files = state;

    *count = files->interfaces.count;
    return files->interfaces.rows;
}

const struct source_ops file_source = {
    .name = "file",
    .watches_several = 1,
    .open = files_open,
    .next = files_next,
    .statistics = files_statistics,
    .size = files_size,
    .close = files_close,
};
