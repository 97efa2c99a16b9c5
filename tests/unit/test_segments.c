/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Merged frames, and their packets and octets on the wire, where each segment has all headers. */
#include "classify/segments.h"
#include "source/decode.h"

#include <string.h>

#include "unit.h"

#define ETHERNET 14
#define IPV4     20
#define VLAN     4

#define CAPTURED 256 /* the most octets captured */

static unsigned char frame[8192];
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

/* Puts the ESP header of packet NUMBER at OCTETS of the payload. */
static void put_esp(uint32_t octets, uint32_t spi, uint32_t number)
{
    unsigned char *header = frame + header_bytes + octets;

    for (unsigned i = 0; i < 4; i++) {
        header[i] = (unsigned char)(spi >> (24 - 8 * i));
        header[4 + i] = (unsigned char)(number >> (24 - 8 * i));
    }
}

static struct source_statistics statistics;
static struct frame_record records[FRAME_RECORDS_MAX];
static struct frame_record record; /* the first record */
static size_t count;

/* Decodes FRAME, of which CAPTURED octets were captured, as decode_merged() does. */
static enum outcome decode_captured(uint32_t payload, uint32_t gso_size, uint32_t stripped_tags,
                                    uint32_t captured)
{
    enum outcome outcome;
    struct seen_frame seen = {
        .data = frame,
        .captured = captured,
        .length = header_bytes + payload,
        .stripped = stripped_tags ? VLAN_STRIPPED : 0,
        .gso_size = gso_size,
    };

    const struct classifier classifier = {
        .link = LINK_ETHERNET, .tunnels = TUNNELS_ALL, .protocols = PROTOCOLS_ALL};
    memset(&statistics, 0, sizeof(statistics));
    outcome = decode_seen(&classifier, &seen, &statistics, records, &count);
    record = records[0];
    return outcome;
}

/* Decodes FRAME, merged of segments of GSO_SIZE, with PAYLOAD octets behind its headers. */
static enum outcome decode_merged(uint32_t payload, uint32_t gso_size, uint32_t stripped_tags)
{
    return decode_captured(payload, gso_size, stripped_tags, CAPTURED);
}

/* Returns the packets of all records, and checks packets and octets against the statistics. */
static uint32_t packets_of_all(void)
{
    uint32_t packets = 0, bytes = 0;

    for (size_t i = 0; i < count; i++) {
        packets += records[i].wire_packets;
        bytes += records[i].wire_bytes;
    }
    assert_int_equal(packets, statistics.frames);
    assert_int_equal(bytes, statistics.bytes);
    return packets;
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
    put_esp(0, 0x1001, 7);
    assert_int_equal(decode_merged(3 * 1200, 1200, 0), OUTCOME_UDP);
    assert_int_equal(record.key.protocol, OUTCOME_ESP);
    assert_int_equal(record.flags, RECORD_CANDIDATE | RECORD_MERGED);
    assert_int_equal(record.wire_packets, 3);
    assert_int_equal(record.sequence, 7);
    assert_int_equal(record.wire_bytes, 3 * (14 + 20 + 8 + 1200));
}

/* Begins a frame of DATAGRAMS ESP datagrams of OCTETS each, numbered from 100 on; the last two are
 * swapped. */
static void begin_esp(uint32_t datagrams, uint32_t octets)
{
    begin(17);
    add_udp(4500);
    for (uint32_t i = 0; i < datagrams; i++)
        put_esp(i * octets, 0x1001, 100 + i);
    put_esp((datagrams - 1) * octets, 0x1001, 100 + datagrams - 2);
    put_esp((datagrams - 2) * octets, 0x1001, 100 + datagrams - 1);
}

static void each_number_that_was_captured_is_read(void **state)
{
    uint32_t length;

    (void)state;
    begin_esp(10, 100);
    length = header_bytes + 10 * 100;
    decode_captured(10 * 100, 100, 0, length);
    assert_int_equal(packets_of_all(), 10);
    assert_int_equal(count, 3); /* 8 consecutive numbers, and the two swapped ones */
    assert_int_equal(records[0].sequence, 100);
    assert_int_equal(records[0].wire_packets, 8);
    assert_int_equal(records[0].flags, RECORD_CANDIDATE);
    assert_int_equal(records[0].wire_bytes, 8 * (14 + 20 + 8 + 100));
    assert_int_equal(records[1].sequence, 109);
    assert_int_equal(records[2].sequence, 108);
    decode_captured(9 * 100 + 50, 100, VLAN_STRIPPED, length - 50); /* the last one is shorter */
    assert_int_equal(packets_of_all(), 10);
    assert_int_equal(records[2].wire_bytes, 14 + VLAN + 20 + 8 + 50);
}

/* Files do not tell that a datagram was merged, not even a short one. */
static void a_second_header_tells_that_a_datagram_was_merged(void **state)
{
    (void)state;
    for (uint32_t octets = 24; octets <= 700; octets += 4) {
        begin_esp(10, octets);
        decode_captured(10 * octets, 0, 0, header_bytes + 10 * octets);
        assert_int_equal(packets_of_all(), 10);
        assert_int_equal(count, 3);
        assert_int_equal(records[2].sequence, 108);
        assert_false(records[0].flags & RECORD_MERGED);
        begin_esp(10, octets);
        frame[header_bytes - 4 + 0] = (unsigned char)((8 + 10 * octets) >> 8);
        frame[header_bytes - 4 + 1] = (unsigned char)(8 + 10 * octets);
        decode_captured(10 * octets + 4, 0, 0, header_bytes + 10 * octets + 4); /* a checksum */
        assert_int_equal(packets_of_all(), 10);
        begin_esp(2, octets);
        decode_captured(octets + 16, 0, 0, header_bytes + octets + 16); /* two, the last short */
        assert_int_equal(packets_of_all(), 2);
    }
}

static void another_header_does_not(void **state)
{
    (void)state;
    begin_esp(2, 96);
    put_esp(96, 0x1002, 101); /* another SA */
    decode_captured(200, 0, 0, header_bytes + 200);
    assert_int_equal(packets_of_all(), 1);
    assert_false(record.flags & RECORD_MERGED);
    put_esp(96, 0x1001, (uint32_t)record.sequence); /* a repeated pattern */
    decode_captured(200, 0, 0, header_bytes + 200);
    assert_int_equal(packets_of_all(), 1);
    put_esp(96, 0x1001, (uint32_t)record.sequence + 4097); /* number too far away */
    decode_captured(200, 0, 0, header_bytes + 200);
    assert_int_equal(packets_of_all(), 1);
}

/* Octets that begin like a frame, and have nothing but this pattern, are one frame. */
static void a_pattern_that_fills_a_frame_does_not(void **state)
{
    (void)state;
    begin_esp(1, 0);
    memset(frame + header_bytes, 0x5A, 1400);
    decode_captured(1400, 0, 0, header_bytes + 1400);
    assert_int_equal(packets_of_all(), 1);
}

/* Between two frames that were merged many may have been lost, and one may be a copy. */
static void lost_and_doubled_datagrams_are_found(void **state)
{
    const uint32_t first = 101u - 4096;

    (void)state;
    for (uint32_t octets = 24; octets <= 700; octets += 4) {
        begin_esp(4, octets);
        put_esp(0, 0x1001, first); /* the next number is 101 */
        decode_captured(4 * octets, 0, 0, header_bytes + 4 * octets);
        assert_int_equal(packets_of_all(), 4);
        assert_int_equal(records[0].sequence, first);
        begin_esp(6, octets);
        put_esp(octets, 0x1001, 100);
        put_esp(octets * 2, 0x1001, 100);
        decode_captured(6 * octets, 0, 0, header_bytes + 6 * octets);
        assert_int_equal(packets_of_all(), 6);
    }
}

/* Puts the WireGuard header of packet NUMBER at OCTETS of the payload. */
static void put_wireguard(uint32_t octets, unsigned char number)
{
    const unsigned char header[16] = {4, 0, 0, 0, 9, 8, 7, 6, number};

    memcpy(frame + header_bytes + octets, header, sizeof(header));
}

/* Acknowledgements are short: many make up a datagram that is no longer than others. */
static void short_datagrams_of_wireguard_and_openvpn_are_found(void **state)
{
    (void)state;
    begin(17);
    add_udp(5555);
    for (unsigned char i = 0; i < 10; i++)
        put_wireguard(96 * i, i);
    decode_captured(960, 0, 0, header_bytes + 960);
    assert_int_equal(packets_of_all(), 10);
    assert_int_equal(record.key.protocol, OUTCOME_WIREGUARD);
    begin(17);
    add_udp(1194);
    for (unsigned i = 0; i < 10; i++)
        put_esp(61 * i, 0x48000005, 100 + i);
    decode_captured(610, 0, 0, header_bytes + 610);
    assert_int_equal(packets_of_all(), 10);
    assert_int_equal(record.key.protocol, OUTCOME_OPENVPN);
}

/* Datagrams whose header was not captured are counted with the last one that was. */
static void numbers_that_were_not_captured_are_not_assumed(void **state)
{
    (void)state;
    begin_esp(20, 96);
    decode_merged(20 * 96, 0, 0);
    assert_int_equal(packets_of_all(), 20);
    assert_int_equal(count, 2);
    assert_int_equal(records[0].wire_packets, 2);
    assert_false(records[0].flags & RECORD_MERGED);
    assert_int_equal(records[1].sequence, 102);
    assert_int_equal(records[1].wire_packets, 18);
    assert_true(records[1].flags & RECORD_MERGED);
}

static void what_is_too_long_to_have_been_sent_is_merged(void **state)
{
    (void)state;
    begin_esp(4, 400);
    decode_merged(4 * 400, 0, 0);
    assert_int_equal(packets_of_all(), 1);
    assert_true(record.flags & RECORD_MERGED);
    decode_merged(1400, 0, 0); /* it may have been sent like this */
    assert_false(record.flags & RECORD_MERGED);
}

static void at_most_64_numbers_are_read(void **state)
{
    (void)state;
    begin_esp(70, 100);
    decode_captured(7000, 100, 0, header_bytes + 7000);
    assert_int_equal(packets_of_all(), 70);
    assert_int_equal(count, 2);
    assert_int_equal(records[0].wire_packets, SEGMENTS_READ_MAX);
    assert_int_equal(records[1].sequence, 100 + SEGMENTS_READ_MAX);
    assert_true(records[1].flags & RECORD_MERGED);
    for (uint32_t i = 0; i < 70; i++)
        put_esp(100 * i, 0x1001 + i, 7);
    decode_captured(7000, 100, 0, header_bytes + 7000);
    assert_int_equal(packets_of_all(), 70);
    assert_int_equal(count, SEGMENTS_READ_MAX + 1);
}

/* Puts a DTLS record with NUMBER and LENGTH octets behind its header at OCTETS of the payload. */
static void put_dtls(uint32_t octets, unsigned char number, unsigned char length)
{
    const unsigned char header[] = {23, 0xFE, 0xFD, 0, 1, 0, 0, 0, 0, 0, number, 0, length};

    memcpy(frame + header_bytes + octets, header, sizeof(header));
}

static void each_datagram_of_dtls_is_read(void **state)
{
    (void)state;
    begin(17);
    add_udp(5555);
    put_dtls(0, 1, 27);
    put_dtls(40, 2, 27);
    put_dtls(80, 4, 27);
    assert_int_equal(decode_merged(120, 40, 0), OUTCOME_UDP);
    assert_int_equal(count, 2);
    assert_int_equal(packets_of_all(), 3);
    assert_int_equal(record.wire_packets, 2);
    assert_int_equal(records[1].sequence, 4);
    assert_int_equal(records[1].key.protocol, OUTCOME_DTLS);
    assert_int_equal(records[1].association, 1);
    assert_int_equal((record.flags | records[1].flags) & RECORD_MERGED, 0);
}

static void further_records_of_merged_datagrams_are_unknown(void **state)
{
    (void)state;
    begin(17);
    add_udp(5555);
    for (unsigned char i = 0; i < 2; i++) {
        put_dtls(40 * i, (unsigned char)(1 + 2 * i), 7);
        put_dtls(40 * i + 20, (unsigned char)(2 + 2 * i), 7);
    }
    decode_merged(80, 40, 0);
    assert_int_equal(count, 2);
    assert_int_equal(packets_of_all(), 2);
    assert_int_equal(records[1].sequence, 3);
    assert_int_equal(record.flags & records[1].flags & RECORD_MERGED, RECORD_MERGED);
}

static void a_rest_that_is_too_short_for_esp_is_udp(void **state)
{
    (void)state;
    begin_esp(3, 100);
    decode_captured(204, 100, 0, header_bytes + 204);
    assert_int_equal(packets_of_all(), 3);
    assert_int_equal(records[count - 1].key.protocol, OUTCOME_UDP);
    assert_int_equal(records[count - 1].wire_bytes, 14 + 20 + 8 + 4);
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
        cmocka_unit_test(each_number_that_was_captured_is_read),
        cmocka_unit_test(a_second_header_tells_that_a_datagram_was_merged),
        cmocka_unit_test(another_header_does_not),
        cmocka_unit_test(a_pattern_that_fills_a_frame_does_not),
        cmocka_unit_test(lost_and_doubled_datagrams_are_found),
        cmocka_unit_test(short_datagrams_of_wireguard_and_openvpn_are_found),
        cmocka_unit_test(numbers_that_were_not_captured_are_not_assumed),
        cmocka_unit_test(what_is_too_long_to_have_been_sent_is_merged),
        cmocka_unit_test(at_most_64_numbers_are_read),
        cmocka_unit_test(each_datagram_of_dtls_is_read),
        cmocka_unit_test(further_records_of_merged_datagrams_are_unknown),
        cmocka_unit_test(a_rest_that_is_too_short_for_esp_is_udp),
        cmocka_unit_test(what_is_not_merged_stays_as_it_is),
        cmocka_unit_test(absurd_sizes_stay_in_range),
        cmocka_unit_test(the_kernels_own_count_is_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
