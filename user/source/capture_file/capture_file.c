/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/capture_file/capture_file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/interrupt.h"
#include "source/capture_file/octets.h"

/* netfilter's log, LINKTYPE_NFLOG: a header, then fields with their length, type and value. */
#define NFLOG_HEADER_OCTETS 4
#define NFLOG_FIELD_OCTETS  4
#define NFLOG_ALIGNMENT     4

enum input_status capture_file_wait(struct capture_file *file, size_t count)
{
    enum input_status status;

    do {
        status = input_need(&file->input, count, 1);
    } while (!interrupted() && (status == INPUT_WAITS || status == INPUT_INTERRUPTED));
    return status;
}

void capture_file_close(struct capture_file *file)
{
    for (uint32_t i = 0; i < file->interface_count; i++)
        free(file->interfaces[i]);
    free(file->interfaces);
    file->interfaces = NULL;
    file->interface_count = 0;
    input_close(&file->input);
}

/* Makes room for one more interface. Returns 0, or -1: no memory. */
static int reserve_interface(struct capture_file *file)
{
    uint32_t count = file->interface_count;
    struct file_interface **interfaces;

    if (count & (count - 1)) /* the room is a power of two, and not used up */
        return 0;
    interfaces =
        realloc(file->interfaces, (count ? 2 * count : 1) * sizeof(struct file_interface *));
    if (!interfaces)
        return -1;
    file->interfaces = interfaces;
    return 0;
}

struct file_interface *capture_file_add_interface(struct capture_file *file, uint32_t number,
                                                  struct error *error)
{
    const struct file_link *link = link_cache_get(file->links, number, file->is_swapped, error);
    struct file_interface *interface;

    if (!link)
        return NULL;
    if (file->interface_count == FILE_INTERFACES_MAX || reserve_interface(file) < 0) {
        error_set(error, "%s: too many interfaces", file->path);
        return NULL;
    }
    interface = calloc(1, sizeof(*interface));
    if (!interface) {
        error_set(error, "%s: %s", file->path, strerror(ENOMEM));
        return NULL;
    }
    interface->number = file->interface_count - file->section;
    interface->link = link;
    stamp_unit_set(&interface->unit, STAMP_MICROSECONDS, 0);
    file->interfaces[file->interface_count++] = interface;
    return interface;
}

enum file_status capture_file_stopped(struct capture_file *file, enum input_status status,
                                      size_t left)
{
    switch (status) {
    case INPUT_WAITS:
        return FILE_WAITS;
    case INPUT_INTERRUPTED:
        return FILE_INTERRUPTED;
    case INPUT_END:
        if (!left)
            return FILE_END;
        break;
    default:
        break;
    }
    return capture_file_damaged(file, "%s", input_problem(&file->input, status));
}

enum file_status capture_file_damaged(struct capture_file *file, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(file->problem, sizeof(file->problem), format, arguments);
    va_end(arguments);
    return FILE_DAMAGED;
}

void capture_file_problem(const struct capture_file *file, struct error *error)
{
    if (file->is_refused)
        error_set(error, "%s: %s", file->path, file->problem);
    else
        error_set(error, "%s: damaged after packet %llu, near byte %llu%s: %s", file->path,
                  (unsigned long long)file->records, (unsigned long long)file->input.offset,
                  file->input.unpacker.format ? " of the unpacked data" : "", file->problem);
}

void capture_file_swap_fields(unsigned char *data, uint32_t captured)
{
    uint32_t at = NFLOG_HEADER_OCTETS;

    while (at + NFLOG_FIELD_OCTETS <= captured) {
        uint16_t length = load_16(data + at, 1);
        uint16_t type = load_16(data + at + 2, 1);
        uint32_t step = (length + NFLOG_ALIGNMENT - 1u) / NFLOG_ALIGNMENT * NFLOG_ALIGNMENT;

        memcpy(data + at, &length, sizeof(length));
        memcpy(data + at + 2, &type, sizeof(type));
        if (length < NFLOG_FIELD_OCTETS)
            return;
        at += step;
    }
}
