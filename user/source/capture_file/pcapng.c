/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The pcapng format, draft-ietf-opsawg-pcapng: sections of blocks.
 *
 *   block:     | type (4) | length (4) | body, padded to 4 octets | length (4) |
 *   section:   | byte order (4) | version (2 + 2) | length (8) | options |
 *   interface: | link type (2) | 0 (2) | snap length (4) | options |
 *   packet:    | interface (4) | upper, lower half of the time (4 + 4) | captured octets (4)
 *              | octets on the wire (4) | data, padded | options |
 *   obsolete packet: the same, but | interface (2) | lost in front of it (2) |
 *   simple packet: | octets on the wire (4) | data, padded |, of the section's first interface
 *   statistics: | interface (4) | upper, lower half of the time (4 + 4) | options |
 *
 * Each section has a byte order and interfaces of its own. Other blocks are skipped.
 */
#include "source/capture_file/pcapng.h"

#include <inttypes.h>

#include "source/capture_file/octets.h"
#include "source/capture_file/options.h"

#define BLOCK_SECTION         0x0A0D0D0A /* the same in either byte order */
#define BLOCK_INTERFACE       1
#define BLOCK_OBSOLETE_PACKET 2
#define BLOCK_SIMPLE_PACKET   3
#define BLOCK_NAMES           4
#define BLOCK_STATISTICS      5
#define BLOCK_PACKET          6

#define BYTE_ORDER_MAGIC   0x1A2B3C4D
#define MAJOR_VERSION      1
#define MINOR_VERSION_SAME 2 /* 1.2 is read as 1.0 */

/* Octets of the header of a block, with those of its body that always have the same place. */
#define HEADER_OCTETS        8
#define TRAILER_OCTETS       4
#define SECTION_OCTETS       (HEADER_OCTETS + 16)
#define INTERFACE_OCTETS     (HEADER_OCTETS + 8)
#define PACKET_OCTETS        (HEADER_OCTETS + 20)
#define SIMPLE_PACKET_OCTETS (HEADER_OCTETS + 4)
#define STATISTICS_OCTETS    (HEADER_OCTETS + 12)
#define BLOCK_OCTETS_MIN     (HEADER_OCTETS + TRAILER_OCTETS)
#define ALIGNMENT            4u
#define BLOCK_OCTETS_MAX     (UINT32_MAX - ALIGNMENT + 1)

#define LOST_UNKNOWN 0xFFFF /* in an obsolete packet block */

/* A block in the buffer. */
struct block {
    unsigned char *data;
    uint32_t octets; /* with header and trailer; a multiple of ALIGNMENT */
};

static uint32_t word_at(const struct capture_file *file, const struct block *block, size_t at)
{
    return load_32(block->data + at, file->is_swapped);
}

/* The options of BLOCK from AT on. */
static struct block_options options_from(const struct capture_file *file, const struct block *block,
                                         size_t at)
{
    return (struct block_options){
        .at = block->data + at,
        .end = block->data + block->octets - TRAILER_OCTETS,
        .is_swapped = file->is_swapped,
    };
}

/* Ends FILE at a block that has no room for what it must contain. */
static enum file_status too_short(struct capture_file *file, const char *kind)
{
    return capture_file_damaged(file, "the block of a %s is too short", kind);
}

/* Refuses FILE before its first packet when none of its link types can be read. */
static enum file_status refuse_unreadable(struct capture_file *file)
{
    const struct file_link *link = file->interfaces[file->section]->link;

    for (uint32_t i = file->section; i < file->interface_count; i++)
        if (file->interfaces[i]->link->is_readable)
            return FILE_FRAME;
    file->is_refused = 1;
    return capture_file_damaged(file, "link type %s (%" PRIu32 ") is not supported", link->name,
                                link->number);
}

/* The interface NUMBER of this section; NULL: it has not been described. */
static struct file_interface *interface_of(const struct capture_file *file, uint32_t number)
{
    if (number >= file->interface_count - file->section)
        return NULL;
    return file->interfaces[file->section + number];
}

static enum file_status no_interface(struct capture_file *file, uint32_t number)
{
    return capture_file_damaged(file, "interface %" PRIu32 " is not described", number);
}

/* Whether a block with fixed members of HEAD octets has room for CAPTURED octets behind them. */
static int has_room(const struct block *block, uint32_t head, uint32_t captured)
{
    return captured <= block->octets - head - TRAILER_OCTETS;
}

static enum file_status finish_frame(struct capture_file *file, struct file_frame *frame,
                                     struct file_interface *interface, unsigned char *data)
{
    if (!file->records && refuse_unreadable(file) != FILE_FRAME)
        return FILE_DAMAGED;
    frame->interface = interface;
    frame->data = data;
    if (interface->link->needs_swapping)
        capture_file_swap_fields(data, frame->captured);
    interface->noted_lost = lost_sum(interface->noted_lost, frame->lost);
    interface->records++;
    file->records++;
    return FILE_FRAME;
}

/* A packet, or one of the obsolete kind, whose block has the same members from the time on. */
static enum file_status take_packet(struct capture_file *file, struct file_frame *frame,
                                    const struct block *block, int is_obsolete)
{
    struct file_interface *interface;
    uint32_t number, padded;

    if (block->octets < PACKET_OCTETS + TRAILER_OCTETS)
        return too_short(file, "packet");
    number = is_obsolete ? load_16(block->data + HEADER_OCTETS, file->is_swapped)
                         : word_at(file, block, HEADER_OCTETS);
    interface = interface_of(file, number);
    if (!interface)
        return no_interface(file, number);
    frame->captured = word_at(file, block, 20);
    frame->length = word_at(file, block, 24);
    if (frame->captured > FRAME_CAPTURED_MAX || !has_room(block, PACKET_OCTETS, frame->captured))
        return capture_file_damaged(file, "a packet of %" PRIu32 " octets", frame->captured);
    frame->stamp_ns = stamp_ns(&interface->unit,
                               (uint64_t)word_at(file, block, 12) << 32 | word_at(file, block, 16));
    frame->has_stamp = 1;
    padded = (frame->captured + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    frame->lost = is_obsolete ? load_16(block->data + 10, file->is_swapped) : 0;
    if (is_obsolete && frame->lost == LOST_UNKNOWN)
        frame->lost = 0;
    else if (!is_obsolete && block->octets > PACKET_OCTETS + padded + TRAILER_OCTETS)
        frame->lost = options_lost(options_from(file, block, PACKET_OCTETS + padded));
    return finish_frame(file, frame, interface, block->data + PACKET_OCTETS);
}

static enum file_status take_simple_packet(struct capture_file *file, struct file_frame *frame,
                                           const struct block *block)
{
    struct file_interface *interface = interface_of(file, 0);
    uint32_t room;

    if (block->octets < SIMPLE_PACKET_OCTETS + TRAILER_OCTETS)
        return too_short(file, "packet");
    if (!interface)
        return no_interface(file, 0);
    room = block->octets - SIMPLE_PACKET_OCTETS - TRAILER_OCTETS;
    frame->length = word_at(file, block, HEADER_OCTETS);
    frame->captured = frame->length;
    if (interface->snap_length && frame->captured > interface->snap_length)
        frame->captured = interface->snap_length;
    if (frame->captured > room)
        frame->captured = room;
    if (frame->captured > FRAME_CAPTURED_MAX)
        return capture_file_damaged(file, "a packet of %" PRIu32 " octets", frame->captured);
    frame->has_stamp = 0;
    frame->lost = 0;
    return finish_frame(file, frame, interface, block->data + SIMPLE_PACKET_OCTETS);
}

static enum file_status take_interface(struct capture_file *file, const struct block *block)
{
    struct file_interface *interface;
    struct error error;

    if (block->octets < INTERFACE_OCTETS + TRAILER_OCTETS)
        return too_short(file, "interface");
    interface = capture_file_add_interface(
        file, load_16(block->data + HEADER_OCTETS, file->is_swapped), &error);
    if (!interface)
        return capture_file_damaged(file, "no memory for interfaces, or too many of them");
    interface->snap_length = word_at(file, block, 12);
    interface->statistics_at = file->input.offset;
    options_describe(options_from(file, block, INTERFACE_OCTETS), interface);
    return FILE_NOTHING;
}

/* Sets FRAME to what INTERFACE has lost since its last statistics. Returns whether it has lost
 * some, or may have. */
static int count_lost(struct capture_file *file, struct file_frame *frame,
                      struct file_interface *interface, const struct interface_counts *counts)
{
    int is_anew = counters_take(&interface->counters, counts);
    struct said_loss earlier = said_losses_before(file->said, interface);
    uint64_t before = file_interface_lost(interface);
    uint64_t lost = counters_lost(&interface->counters, earlier.records + interface->records);

    interface->counted_lost = lost;
    lost -= earlier.lost < lost ? earlier.lost : lost;
    if (lost > interface->said_lost)
        interface->said_lost = lost;
    frame->interface = interface;
    frame->stamp_ns = counts->start_ns;
    frame->lost = file_interface_lost(interface) - before;
    return frame->lost || is_anew;
}

static enum file_status take_statistics(struct capture_file *file, struct file_frame *frame,
                                        const struct block *block)
{
    struct file_interface *interface;
    struct interface_counts counts;

    if (block->octets < STATISTICS_OCTETS + TRAILER_OCTETS)
        return too_short(file, "statistics of an interface");
    interface = interface_of(file, word_at(file, block, HEADER_OCTETS));
    if (!interface)
        return FILE_NOTHING;
    options_count(options_from(file, block, STATISTICS_OCTETS), &interface->unit, &counts);
    file->statistics_blocks++;
    frame->since = interface->statistics_at;
    interface->statistics_at = file->input.offset;
    return count_lost(file, frame, interface, &counts) ? FILE_STATISTICS : FILE_NOTHING;
}

/* Sets the byte order from the first octets of a section's header. Returns 0, or -1. */
static int set_byte_order(struct capture_file *file, const unsigned char *header)
{
    uint32_t magic = load_32(header + HEADER_OCTETS, 0);

    if (magic != BYTE_ORDER_MAGIC && swap_32(magic) != BYTE_ORDER_MAGIC)
        return -1;
    file->is_swapped = magic != BYTE_ORDER_MAGIC;
    return 0;
}

static enum file_status take_section(struct capture_file *file, const struct block *block)
{
    uint16_t major, minor;

    if (block->octets < SECTION_OCTETS + TRAILER_OCTETS)
        return too_short(file, "section");
    major = load_16(block->data + 12, file->is_swapped);
    minor = load_16(block->data + 14, file->is_swapped);
    if (major != MAJOR_VERSION || (minor != 0 && minor != MINOR_VERSION_SAME))
        return capture_file_damaged(file, "version %u.%u of the pcapng format is not known", major,
                                    minor);
    file->section = file->interface_count;
    file->sections++;
    return FILE_NOTHING;
}

/* Finds the next block, which stays in the input. Some programs leave the padding out of a block's
 * length. Its data are set unless it is too long for the
 * buffer. Returns FILE_NOTHING, or why there is none. */
static enum file_status find_block(struct capture_file *file, struct block *block, int wait)
{
    struct input *input = &file->input;
    enum input_status status = input_need(input, BLOCK_OCTETS_MIN, wait);
    uint32_t length;

    if (status != INPUT_DONE)
        return capture_file_stopped(file, status, input->end - input->start);
    block->data = input_data(input);
    if (load_32(block->data, 0) == BLOCK_SECTION && set_byte_order(file, block->data) < 0)
        return capture_file_damaged(file, "the byte order of a section is not known");
    length = word_at(file, block, 4);
    if (length < BLOCK_OCTETS_MIN || length > BLOCK_OCTETS_MAX)
        return capture_file_damaged(file, "a block of %" PRIu32 " octets", length);
    block->octets = (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (block->octets > INPUT_NEED_MAX)
        return FILE_NOTHING;
    status = input_need(input, block->octets, wait);
    if (status != INPUT_DONE)
        return capture_file_stopped(file, status, 1);
    block->data = input_data(input);
    if (word_at(file, block, block->octets - TRAILER_OCTETS) != length)
        return capture_file_damaged(file, "a block does not repeat its length");
    return FILE_NOTHING;
}

/* Takes BLOCK, and sets FRAME if it has one. */
static enum file_status take_block(struct capture_file *file, struct file_frame *frame,
                                   const struct block *block)
{
    switch (word_at(file, block, 0)) {
    case BLOCK_PACKET:
        return take_packet(file, frame, block, 0);
    case BLOCK_OBSOLETE_PACKET:
        return take_packet(file, frame, block, 1);
    case BLOCK_SIMPLE_PACKET:
        return take_simple_packet(file, frame, block);
    case BLOCK_INTERFACE:
        return take_interface(file, block);
    case BLOCK_STATISTICS:
        return take_statistics(file, frame, block);
    case BLOCK_SECTION:
        return take_section(file, block);
    default:
        return FILE_NOTHING;
    }
}

/* Skips the rest of a block that is too long for the buffer. */
static enum file_status skip_on(struct capture_file *file, int wait)
{
    uint64_t before = file->input.offset;
    enum input_status status = input_skip(&file->input, file->left_to_skip, wait);

    file->left_to_skip -= file->input.offset - before;
    return status == INPUT_DONE ? FILE_NOTHING : capture_file_stopped(file, status, 1);
}

/* Begins to skip BLOCK, which is too long for the buffer. */
static enum file_status begin_to_skip(struct capture_file *file, const struct block *block)
{
    uint32_t type = word_at(file, block, 0);

    if (type == BLOCK_SECTION || (type <= BLOCK_PACKET && type != BLOCK_NAMES))
        return capture_file_damaged(file, "a block of %" PRIu32 " octets", block->octets);
    file->left_to_skip = block->octets;
    return FILE_NOTHING;
}

static enum file_status next_packet(struct capture_file *file, struct file_frame *frame, int wait)
{
    enum file_status status;
    struct block block;

    do {
        if (file->left_to_skip) {
            status = skip_on(file, wait);
            continue;
        }
        status = find_block(file, &block, wait);
        if (status != FILE_NOTHING)
            return status;
        if (block.octets > INPUT_NEED_MAX) {
            status = begin_to_skip(file, &block);
            continue;
        }
        status = take_block(file, frame, &block);
        if (status != FILE_DAMAGED)
            input_take(&file->input, block.octets);
    } while (status == FILE_NOTHING);
    return status;
}

int pcapng_begin(struct capture_file *file, struct error *error)
{
    (void)error;
    if (load_32(input_data(&file->input), 0) != BLOCK_SECTION)
        return 0;
    if (capture_file_wait(file, BLOCK_OCTETS_MIN) != INPUT_DONE)
        return 0;
    if (set_byte_order(file, input_data(&file->input)) < 0)
        return 0;
    file->next = next_packet;
    file->is_pcapng = 1;
    return 1;
}
