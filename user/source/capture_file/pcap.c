/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The pcap format, draft-ietf-opsawg-pcap: a header, then packets.
 *
 *   header: | magic (4) | version (2 + 2) | 0 (8) | snap length (4) | link type (4) |
 *   packet: | seconds (4) | ticks (4) | captured octets (4) | octets on the wire (4) | data |
 */
#include "source/capture_file/pcap.h"
#include "source/capture_file/octets.h"

#define MAGIC_MICROSECONDS 0xA1B2C3D4
#define MAGIC_NANOSECONDS  0xA1B23C4D
#define MAGIC_KUZNETZOV    0xA1B2CD34 /* of an old patch to libpcap: longer packet headers */

#define HEADER_OCTETS           24
#define PACKET_HEADER_OCTETS    16
#define KUZNETZOV_HEADER_OCTETS 24

#define NS_PER_MICROSECOND 1000

/* Files of a version before 2.3 have the two lengths in the other order. In files of version 2.3
 * the order varies, and the smaller one is the captured length. */
enum swapped_lengths { LENGTHS_RIGHT, LENGTHS_SWAPPED, LENGTHS_EITHER };
#define MAJOR_VERSION     2
#define MINOR_VERSION_MAX 4
#define MAJOR_VERSION_543 543 /* of one release of DG/UX */

static int is_known_version(uint16_t major, uint16_t minor)
{
    return (major == MAJOR_VERSION && minor <= MINOR_VERSION_MAX) || major == MAJOR_VERSION_543;
}

static unsigned lengths_of_version(uint16_t major, uint16_t minor)
{
    if (major == MAJOR_VERSION_543 || minor < 3)
        return LENGTHS_SWAPPED;
    return minor == 3 ? LENGTHS_EITHER : LENGTHS_RIGHT;
}

static void set_lengths(const struct capture_file *file, struct file_frame *frame)
{
    uint32_t captured = frame->captured;

    if (file->swapped_lengths == LENGTHS_SWAPPED ||
        (file->swapped_lengths == LENGTHS_EITHER && frame->captured > frame->length)) {
        frame->captured = frame->length;
        frame->length = captured;
    }
}

static enum file_status next_packet(struct capture_file *file, struct file_frame *frame, int wait)
{
    struct input *input = &file->input;
    enum input_status status = input_need(input, file->header_octets, wait);
    unsigned char *header;
    size_t octets;

    if (status != INPUT_DONE)
        return capture_file_stopped(file, status, input->end - input->start);
    header = input_data(input);
    frame->captured = load_32(header + 8, file->is_swapped);
    frame->length = load_32(header + 12, file->is_swapped);
    if (file->swapped_lengths != LENGTHS_RIGHT)
        set_lengths(file, frame);
    if (frame->captured > FRAME_CAPTURED_MAX)
        return capture_file_damaged(file, "a packet of %u octets", frame->captured);
    octets = file->header_octets + frame->captured;
    status = input_need(input, octets, wait);
    if (status != INPUT_DONE)
        return capture_file_stopped(file, status, 1);
    header = input_data(input);
    frame->stamp_ns = stamp_of_record(load_32(header, file->is_swapped),
                                      load_32(header + 4, file->is_swapped), file->ns_per_tick);
    frame->data = header + file->header_octets;
    frame->interface = file->interfaces[0];
    if (frame->interface->link->needs_swapping)
        capture_file_swap_fields(header + file->header_octets, frame->captured);
    frame->has_stamp = 1;
    frame->lost = 0;
    file->records++;
    input_take(input, octets);
    return FILE_FRAME;
}

/* Sets the members that follow from the magic number. Returns 0 if it is another format. */
static int recognise(struct capture_file *file, uint32_t magic)
{
    file->header_octets = PACKET_HEADER_OCTETS;
    file->ns_per_tick = NS_PER_MICROSECOND;
    if (magic == MAGIC_NANOSECONDS)
        file->ns_per_tick = 1;
    else if (magic == MAGIC_KUZNETZOV)
        file->header_octets = KUZNETZOV_HEADER_OCTETS;
    else if (magic != MAGIC_MICROSECONDS)
        return 0;
    return 1;
}

int pcap_begin(struct capture_file *file, struct error *error)
{
    struct input *input = &file->input;
    uint32_t magic = load_32(input_data(input), 0);
    struct file_interface *interface;
    const unsigned char *header;
    uint16_t major, minor;

    file->is_swapped = 0;
    if (!recognise(file, magic)) {
        file->is_swapped = 1;
        if (!recognise(file, swap_32(magic)))
            return 0;
    }
    if (capture_file_wait(file, HEADER_OCTETS) != INPUT_DONE)
        return error_set(error, "%s: not a capture file: the header is cut", file->path);
    header = input_data(input);
    major = load_16(header + 4, file->is_swapped);
    minor = load_16(header + 6, file->is_swapped);
    if (!is_known_version(major, minor))
        return error_set(error, "%s: version %u.%u of the pcap format is not known", file->path,
                         major, minor);
    file->swapped_lengths = lengths_of_version(major, minor);
    interface = capture_file_add_interface(file, load_32(header + 20, file->is_swapped), error);
    if (!interface)
        return -1;
    interface->snap_length = load_32(header + 16, file->is_swapped);
    if (!interface->link->is_readable)
        return error_set(error, "%s: link type %s (%u) is not supported", file->path,
                         interface->link->name, interface->link->number);
    file->next = next_packet;
    input_take(input, HEADER_OCTETS);
    return 1;
}
