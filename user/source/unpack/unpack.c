/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/unpack/unpack.h"

#include <string.h>

/* The magic number of a frame to skip is 0x184D2A50 to 0x184D2A5F; then comes its length. Both are
 * little-endian. */
#define SKIPPABLE_FIRST  0x50
#define SKIPPABLE_REST   "\x2a\x4d\x18"
#define SKIPPABLE_HEADER 8

const struct unpack_format *unpack_format_of(const unsigned char *head, size_t count)
{
    static const struct unpack_format *const formats[] = {
        &unpack_gzip, &unpack_zstd, &unpack_xz, &unpack_lz4, &unpack_bzip2,
    };

    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
        if (count >= formats[i]->magic_octets &&
            memcmp(head, formats[i]->magic, formats[i]->magic_octets) == 0)
            return formats[i];
    return NULL;
}

uint64_t unpack_skippable(const unsigned char *head, size_t count)
{
    if (count < SKIPPABLE_HEADER || (head[0] & 0xF0) != SKIPPABLE_FIRST ||
        memcmp(head + 1, SKIPPABLE_REST, sizeof(SKIPPABLE_REST) - 1) != 0)
        return 0;
    return SKIPPABLE_HEADER +
           (head[4] | (uint64_t)head[5] << 8 | (uint64_t)head[6] << 16 | (uint64_t)head[7] << 24);
}

int unpack_begin(struct unpacker *unpacker, const struct unpack_format *format)
{
    *unpacker = (struct unpacker){.format = format};
    if (!format->open)
        return -1;
    unpacker->state = format->open();
    return unpacker->state ? 0 : -1;
}

void unpack_end(struct unpacker *unpacker)
{
    if (unpacker->state)
        unpacker->format->close(unpacker->state);
    unpacker->state = NULL;
}

/* Goes to the next member. Zeros between members are padding: of tape drives, and of xz. Returns 1
 * when one begins, 0 when there is no more input, -1 when it cannot begin. */
static int enter_member(struct unpacker *unpacker, struct unpack_io *io)
{
    while (unpacker->members && io->in_count && !*io->in) {
        io->in++;
        io->in_count--;
    }
    if (!io->in_count)
        return 0;
    if (unpacker->members && unpacker->format->begin_member &&
        unpacker->format->begin_member(unpacker->state) < 0)
        return -1;
    unpacker->in_member = 1;
    return 1;
}

int unpack_run(struct unpacker *unpacker, struct unpack_io *io)
{
    while (io->out_count && !unpacker->is_damaged) {
        size_t in_count = io->in_count, out_count = io->out_count;
        enum unpack_status status;
        int entered = unpacker->in_member ? 1 : enter_member(unpacker, io);

        if (entered == 0)
            return 0;
        status = entered < 0 ? UNPACK_FAILED : unpacker->format->step(unpacker->state, io);
        if (status == UNPACK_MEMBER_END) {
            unpacker->in_member = 0;
            unpacker->members++;
        } else if (status == UNPACK_FAILED) {
            unpacker->is_damaged = 1;
        } else if (in_count == io->in_count && out_count == io->out_count) {
            return 0;
        }
    }
    return unpacker->is_damaged ? -1 : 0;
}
