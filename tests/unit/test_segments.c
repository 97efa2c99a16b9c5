/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Merged frames, and their packets and octets on the wire, where each segment has all headers. */
#include "segments.h"
#include "source/decode.h"

#include <string.h>

#include "unit.h"

#define ETHERNET 14
#define IPV4     20
#define VLAN     4

/* A frame. Its payload may be longer than what is captured of it. */
static unsigned char frame[256];
static uint32_t header_bytes;

/* Starts FRAME: Ethernet and IPv4 with PROTOCOL. A total length of 0 marks a merged packet. */
static void begin(unsigned char protocol)
{
    memset(frame, 0, sizeof(frame));
    frame[12] = 0x08;
    frame[ETHERNET] = 0x45;
    frame[ETHERNET + 9] = protocol;
    header_bytes = ETHERNET + IPV4;
}

static void add_tcp(unsigned char words)
{
    frame[header_bytes + 1] = 80;
    frame[header_bytes + 12] = (unsigned char)(words << 4);
    header_bytes += words * 4u;
}

static void add_udp(unsigned short port)
{
    frame[header_bytes + 2] = (unsigned char)(port >> 8);
    frame[header_bytes + 3] = (unsigned char)port;
    header_bytes += 8;
}

static struct source_statistics statistics;
static struct frame_record record;

/* Decodes FRAME as merged from segments of GSO_SIZE, with PAYLOAD octets behind its headers. */
static enum outcome decode_merged(uint32_t payload, uint32_t gso_size, uint32_t stripped_tags)
{
    struct seen_frame seen = {
        .data = frame,
        .captured = sizeof(frame),
        .length = header_bytes + payload,
        .stripped = stripped_tags ? VLAN_STRIPPED : 0,
        .gso_size = gso_size,
    };

    memset(&statistics, 0, sizeof(statistics));
    return decode_seen(LINK_ETHERNET, &seen, &statistics, &record);
}

static void tcp_segments_have_their_headers_each(void **state)
{
    (void)state;
    begin(6);
    add_tcp(8); /* 12 octets of options */
    assert_int_equal(decode_merged(4 * 1448, 1448, 0), OUTCOME_TCP);
    assert_int_equal(record.wire_packets, 4);
    assert_int_equal(record.wire_bytes, 4 * (14 + 20 + 32 + 1448));
    assert_int_equal(statistics.frames, 4);
    assert_int_equal(statistics.bytes, record.wire_bytes);
    assert_int_equal(statistics.outcomes[OUTCOME_TCP], 4);
}

static void the_last_segment_may_be_shorter(void **state)
{
    (void)state;
    begin(6);
    add_tcp(5);
    decode_merged(2 * 1000 + 1, 1000, 0);
    assert_int_equal(record.wire_packets, 3);
    assert_int_equal(record.wire_bytes, 3 * (14 + 20 + 20) + 2001);
}

static void a_stripped_tag_is_on_each_segment(void **state)
{
    (void)state;
    begin(6);
    add_tcp(5);
    decode_merged(2000, 1000, 1);
    assert_int_equal(record.wire_bytes, 2 * (14 + VLAN + 20 + 20 + 1000));
}

static void datagrams_are_segmented_behind_the_udp_header(void **state)
{
    (void)state;
    begin(17);
    add_udp(53);
    assert_int_equal(decode_merged(3 * 1200, 1200, 0), OUTCOME_UDP);
    assert_int_equal(record.wire_packets, 3);
    assert_int_equal(record.wire_bytes, 3 * (14 + 20 + 8 + 1200));
}

static void each_datagram_of_esp_has_a_header_of_its_own(void **state)
{
    (void)state;
    begin(17);
    add_udp(4500);
    memcpy(frame + header_bytes, "\x00\x00\x10\x01\x00\x00\x00\x07", 8);
    assert_int_equal(decode_merged(3 * 1200, 1200, 0), OUTCOME_UDP);
    assert_int_equal(record.key.protocol, OUTCOME_ESP);
    assert_int_equal(record.flags, RECORD_CANDIDATE | RECORD_MERGED);
    assert_int_equal(record.wire_packets, 3);
    assert_int_equal(record.sequence, 7);
    assert_int_equal(record.wire_bytes, 3 * (14 + 20 + 8 + 1200));
}

/* Nothing in a file states that a datagram was merged. */
static void what_is_too_long_to_have_been_sent_is_merged(void **state)
{
    (void)state;
    begin(17);
    add_udp(4500);
    memcpy(frame + header_bytes, "\x00\x00\x10\x01\x00\x00\x00\x07", 8);
    memcpy(frame + header_bytes + 96, "\x00\x00\x10\x01\x00\x00\x00\x05", 8);
    decode_merged(1400, 0, 0);
    assert_int_equal(record.wire_packets, 1); /* it may have been sent like this */
    assert_false(record.flags & RECORD_MERGED);
    decode_merged(20 * 96, 0, 0);
    assert_int_equal(record.wire_packets, 20);
    assert_int_equal(record.wire_bytes, 20 * (14 + 20 + 8 + 96));
    assert_true(record.flags & RECORD_MERGED);
    frame[header_bytes + 99]++; /* another SPI, so the length of the segments is unknown */
    decode_merged(20 * 96, 0, 0);
    assert_int_equal(record.wire_packets, 1);
    assert_true(record.flags & RECORD_MERGED);
}

static void what_is_not_merged_stays_as_it_is(void **state)
{
    (void)state;
    begin(6);
    add_tcp(5);
    decode_merged(1000, 0, 0);
    assert_int_equal(record.wire_packets, 1);
    assert_int_equal(record.wire_bytes, 54 + 1000);
    decode_merged(900, 1000, 0); /* only one segment */
    assert_int_equal(record.wire_packets, 1);
    assert_int_equal(record.wire_bytes, 54 + 900);
    decode_merged(0, 1000, 0);
    assert_int_equal(record.wire_packets, 1);
}

static void absurd_sizes_stay_in_range(void **state)
{
    (void)state;
    begin(6);
    add_tcp(5);
    frame[ETHERNET + IPV4 + 12] = 0; /* a TCP header length of 0 */
    decode_merged(1000000, 1, 0);
    assert_int_equal(record.wire_packets, 0xFFFF);
    assert_int_equal(record.wire_bytes, 1000000 + 54 * 0xFFFF);
}

static void the_kernels_own_count_is_taken(void **state)
{
    (void)state;
    assert_int_equal(segments_on_wire(1000, 7, 2054, 54), 7);
    assert_int_equal(segments_on_wire(1000, 0, 2054, 54), 2);
    assert_int_equal(segments_on_wire(0, 0, 2054, 54), 1);
    assert_int_equal(segments_on_wire(1000, 0, 10, 54), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tcp_segments_have_their_headers_each),
        cmocka_unit_test(the_last_segment_may_be_shorter),
        cmocka_unit_test(a_stripped_tag_is_on_each_segment),
        cmocka_unit_test(datagrams_are_segmented_behind_the_udp_header),
        cmocka_unit_test(each_datagram_of_esp_has_a_header_of_its_own),
        cmocka_unit_test(what_is_too_long_to_have_been_sent_is_merged),
        cmocka_unit_test(what_is_not_merged_stays_as_it_is),
        cmocka_unit_test(absurd_sizes_stay_in_range),
        cmocka_unit_test(the_kernels_own_count_is_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
