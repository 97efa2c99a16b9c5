/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/capture_file/options.h"

#include <string.h>

#include "base/text.h"
#include "source/capture_file/octets.h"

#define HEADER_OCTETS 4
#define ALIGNMENT     4u

#define END 0

#define IF_NAME     2
#define IF_TSRESOL  9
#define IF_TSOFFSET 14

#define EPB_DROPCOUNT 4

#define ISB_STARTTIME    2
#define ISB_IFDROP       5
#define ISB_FILTERACCEPT 6
#define ISB_OSDROP       7

int option_next(struct block_options *options, struct block_option *option)
{
    size_t left = (size_t)(options->end - options->at);
    size_t padded;

    if (left < HEADER_OCTETS)
        return 0;
    option->code = load_16(options->at, options->is_swapped);
    option->length = load_16(options->at + 2, options->is_swapped);
    option->value = options->at + HEADER_OCTETS;
    padded = (option->length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (option->code == END || left - HEADER_OCTETS < padded)
        return 0;
    options->at += HEADER_OCTETS + padded;
    return 1;
}

/* The number in OPTION, which has eight octets, or else counts as 0. */
static uint64_t number_of(const struct block_options *options, const struct block_option *option)
{
    return option->length == 8 ? load_64(option->value, options->is_swapped) : 0;
}

static void set_name(struct file_interface *interface, const struct block_option *option)
{
    size_t length = option->length;

    if (length >= sizeof(interface->name))
        length = sizeof(interface->name) - 1;
    memcpy(interface->name, option->value, length);
    interface->name[length] = '\0';
    text_make_printable(interface->name);
}

void options_describe(struct block_options options, struct file_interface *interface)
{
    uint8_t resolution = STAMP_MICROSECONDS;
    int64_t offset_seconds = 0;
    struct block_option option;

    while (option_next(&options, &option)) {
        if (option.code == IF_NAME)
            set_name(interface, &option);
        else if (option.code == IF_TSRESOL && option.length == 1)
            resolution = *option.value;
        else if (option.code == IF_TSOFFSET)
            offset_seconds = (int64_t)number_of(&options, &option);
    }
    stamp_unit_set(&interface->unit, resolution, offset_seconds);
}

uint64_t options_lost(struct block_options options)
{
    struct block_option option;

    while (option_next(&options, &option))
        if (option.code == EPB_DROPCOUNT)
            return lost_limited(number_of(&options, &option));
    return 0;
}

/* Sets COUNT to the number in OPTION, which must have eight octets. */
static void set_count(struct count *count, const struct block_options *options,
                      const struct block_option *option)
{
    if (option->length != 8)
        return;
    count->is_said = 1;
    count->value = number_of(options, option);
}

/* The time in OPTION, whose upper half comes first in either byte order. */
static uint64_t time_of(const struct block_options *options, const struct block_option *option,
                        const struct stamp_unit *unit)
{
    uint64_t ticks;

    if (option->length != 8)
        return 0;
    ticks = (uint64_t)load_32(option->value, options->is_swapped) << 32 |
            load_32(option->value + 4, options->is_swapped);
    return stamp_ns(unit, ticks);
}

void options_count(struct block_options options, const struct stamp_unit *unit,
                   struct interface_counts *counts)
{
    struct block_option option;

    *counts = (struct interface_counts){0};
    while (option_next(&options, &option)) {
        if (option.code == ISB_STARTTIME)
            counts->start_ns = time_of(&options, &option, unit);
        else if (option.code == ISB_IFDROP)
            set_count(&counts->dropped, &options, &option);
        else if (option.code == ISB_OSDROP)
            set_count(&counts->os_lost, &options, &option);
        else if (option.code == ISB_FILTERACCEPT)
            set_count(&counts->accepted, &options, &option);
    }
}
