/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Decodes any octets as ESP in UDP that may have been merged, cut anywhere. The records must have
 * as many packets and octets as were counted. */
#include <stdlib.h>
#include <string.h>

#include "source/decode.h"

#define SETTING_BYTES 4

/* Ethernet, IPv4 and UDP with port 4500, whose lengths are left open. */
static const uint8_t headers[] = {2,    0, 0,  0, 0, 1, 2,    0,    0,    0,    0, 2, 8,  0,
                                  0x45, 0, 0,  0, 0, 0, 0,    0,    64,   17,   0, 0, 10, 0,
                                  0,    1, 10, 0, 0, 2, 0x11, 0x94, 0x11, 0x94, 0, 0, 0,  0};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct frame_record *records, size_t count,
                  const struct source_statistics *statistics)
{
    uint64_t packets = 0, bytes = 0;

    if (count > FRAME_RECORDS_MAX)
        abort();
    for (size_t i = 0; i < count; i++) {
        packets += records[i].wire_packets;
        bytes += records[i].wire_bytes;
    }
    if (count && (packets != statistics->frames || bytes != statistics->bytes))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct classifier classifier = {.link = LINK_ETHERNET};
    struct frame_record records[FRAME_RECORDS_MAX];
    struct source_statistics statistics = {0};
    uint16_t more_on_wire, gso_size;
    struct seen_frame seen;
    uint8_t *frame;
    size_t count;

    if (size < SETTING_BYTES)
        return 0;
    memcpy(&more_on_wire, data, sizeof(more_on_wire));
    memcpy(&gso_size, data + 2, sizeof(gso_size));
    size -= SETTING_BYTES;
    frame = malloc(sizeof(headers) + size); /* as long as captured: ASan sees the octet behind it */
    if (!frame)
        return 0;
    memcpy(frame, headers, sizeof(headers));
    memcpy(frame + sizeof(headers), data + SETTING_BYTES, size);
    seen = (struct seen_frame){
        .data = frame,
        .captured = (uint32_t)(sizeof(headers) + size),
        .length = (uint32_t)(sizeof(headers) + size) + more_on_wire,
        .gso_size = gso_size,
    };
    decode_seen(&classifier, &seen, &statistics, records, &count);
    check(records, count, &statistics);
    free(frame);
    return 0;
}
