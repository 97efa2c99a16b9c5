/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/decode.h"

#include <string.h>

#include "unit.h"

/* A MACsec frame: SC, E and C set, AN 2, PN 0x01020304. */
static const unsigned char macsec[] = {
    2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xE5, 0x2E, 0, 1, 2, 3, 4, 9, 8, 7, 6, 5, 4, 3, 2,
};

static struct source_statistics statistics;
static struct frame_record records[FRAME_RECORDS_MAX];
static struct frame_record record; /* the first of them */
static size_t count;

static enum outcome decode(time_t seconds, long nanoseconds, uint32_t length)
{
    struct pcap_pkthdr header = {
        .ts = {.tv_sec = seconds, .tv_usec = nanoseconds},
        .caplen = sizeof(macsec),
        .len = length,
    };
    const struct classifier classifier = {
        .link = LINK_ETHERNET, .tunnels = TUNNELS_ALL, .protocols = PROTOCOLS_ALL};
    struct seen_frame seen;
    enum outcome outcome;

    decode_header(&seen, &header, macsec);
    outcome = decode_seen(&classifier, &seen, &statistics, records, &count);

    assert_int_equal(count, 1);
    record = records[0];
    return outcome;
}

static void fills_in_the_record_and_counts(void **state)
{
    (void)state;
    memset(&statistics, 0, sizeof(statistics));
    assert_int_equal(decode(1, 5, 1000), OUTCOME_MACSEC);
    assert_int_equal(record.key.protocol, OUTCOME_MACSEC);
    assert_int_equal(record.key.sci, 0x0908070605040302);
    assert_int_equal(record.sequence, 0x01020304);
    assert_int_equal(record.association, 2);
    assert_int_equal(record.wire_bytes, 1000);
    assert_int_equal(record.wire_packets, 1);
    assert_int_equal(record.timestamp_ns, 1000000005);
    assert_int_equal(count, 1);
    assert_int_equal(statistics.frames, 1);
    assert_int_equal(statistics.bytes, 1000);
    assert_int_equal(statistics.outcomes[OUTCOME_MACSEC], 1);
}

static void a_frame_is_at_least_as_long_as_what_was_captured(void **state)
{
    (void)state;
    assert_int_equal(decode(0, 0, 1), OUTCOME_MACSEC);
    assert_int_equal(record.wire_bytes, sizeof(macsec));
}

static void times_that_make_no_sense_stay_in_range(void **state)
{
    (void)state;
    decode(-1, 0, 100); /* 32 bits of a pcap file, read as signed: 2106 */
    assert_int_equal(record.timestamp_ns, UINT64_C(4294967295000000000));
    if (sizeof(time_t) > sizeof(int32_t)) {
        decode((time_t)INT64_MIN, 0, 100);
        assert_int_equal(record.timestamp_ns, 0);
        decode((time_t)INT64_MAX, 0, 100);
        assert_int_equal(record.timestamp_ns, INT64_MAX);
    }
    decode(7, -1, 100);
    assert_int_equal(record.timestamp_ns, 0);
    decode(7, 1999999999, 100); /* the fraction in a file may exceed a second */
    assert_int_equal(record.timestamp_ns, 8999999999);
}

static void link_types_that_are_not_read_are_refused(void **state)
{
    enum link_type link;

    (void)state;
    assert_int_equal(link_type_of(DLT_LINUX_SLL2, &link), 0);
    assert_int_equal(link, LINK_COOKED_V2);
    assert_int_equal(link_type_of(DLT_USB_LINUX, &link), -1);
    assert_int_equal(link_type_of(-1, &link), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_in_the_record_and_counts),
        cmocka_unit_test(a_frame_is_at_least_as_long_as_what_was_captured),
        cmocka_unit_test(times_that_make_no_sense_stay_in_range),
        cmocka_unit_test(link_types_that_are_not_read_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
