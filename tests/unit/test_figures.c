/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "base/timestamp.h"
#include "flow/figures.h"
#include "flow/id.h"
#include "flow/outcome_name.h"

#include <math.h>

#include "unit.h"

static void timestamps_are_rfc_3339(void **state)
{
    char text[TIMESTAMP_CHARS];

    (void)state;
    timestamp_format(0, text);
    assert_string_equal(text, "1970-01-01T00:00:00.000000000Z");
    timestamp_format(UINT64_C(951827696000000001), text); /* a leap day */
    assert_string_equal(text, "2000-02-29T12:34:56.000000001Z");
    timestamp_format(UINT64_MAX, text);
    assert_string_equal(text, "2554-07-21T23:34:33.709551615Z");
}

static void timestamps_are_read_back(void **state)
{
    static const uint64_t times[] = {0, 1, UINT64_C(951827696000000001), INT64_MAX, UINT64_MAX};
    char text[TIMESTAMP_CHARS];

    (void)state;
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        timestamp_format(times[i], text);
        assert_true(timestamp_or_zero(text) == times[i]);
    }
    assert_int_equal(timestamp_or_zero("yesterday"), 0);
    assert_int_equal(timestamp_or_zero(""), 0);
}

static void the_longest_flow_id_fits(void **state)
{
    struct flow_key key = {
        .protocol = OUTCOME_UDP, .family = 6, .source_port = 65535, .destination_port = 65534};
    char id[FLOW_ID_CHARS];

    (void)state;
    for (int i = 0; i < 16; i++)
        key.source[i] = key.destination[i] = 0xff;
    flow_id_format(&key, id);
    assert_string_equal(id, "UDP { [ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535 -> "
                            "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65534 }");
}

static void bandwidth_needs_time_to_pass(void **state)
{
    (void)state;
    assert_true(isnan(bandwidth_mbps(100, 5, 5)));
    assert_true(bandwidth_mbps(125000, 0, NS_PER_SECOND) == 1);
}

static void loss_ratio_is_of_the_network_alone(void **state)
{
    struct sequence_figures figures = {.received = 90, .lost = {10, 1000}, .duplicates = 5};

    (void)state;
    assert_true(loss_ratio(&figures) == 0.1); /* undetermined loss does not count */
    figures = (struct sequence_figures){.lost = {0, 1000}};
    assert_true(isnan(loss_ratio(&figures)));
}

static void every_outcome_has_its_names(void **state)
{
    (void)state;
    for (enum outcome i = OUTCOME_NONE + 1; i < OUTCOME_COUNT; i++) {
        assert_non_null(outcome_name(i));
        assert_non_null(outcome_label(i));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timestamps_are_rfc_3339),
        cmocka_unit_test(timestamps_are_read_back),
        cmocka_unit_test(the_longest_flow_id_fits),
        cmocka_unit_test(bandwidth_needs_time_to_pass),
        cmocka_unit_test(loss_ratio_is_of_the_network_alone),
        cmocka_unit_test(every_outcome_has_its_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
