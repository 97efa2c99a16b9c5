/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/file/family.h"

#include "unit.h"

static void names_of_a_rotation(void **state)
{
    static const char *const pairs[][2] = {
        {"out", "out1"}, /* tcpdump -C */
        {"out.pcap9", "out.pcap10"},
        {"out00", "out01"},                                                 /* -W */
        {"t-20261231-235959.pcap", "t-20270101-000059.pcap"},               /* -G */
        {"r_00001_20260101000000.pcapng", "r_00002_20260101000010.pcapng"}, /* dumpcap -b */
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        assert_true(family_has(pairs[i][1], pairs[i][0]));
        assert_true(family_has(pairs[i][0], pairs[i][1]));
    }
}

static void names_of_others(void **state)
{
    static const char *const pairs[][2] = {
        {"out", "other"},
        {"out", "out1x"},
        {"eth0.pcap", "eth1.pcap"},
        {"t-10.pcap", "t-9.pcap"},
        {"a1b22.pcap", "a2b22.pcap"},
        {"out", ""},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        assert_false(family_has(pairs[i][1], pairs[i][0]));
        assert_false(family_has(pairs[i][0], pairs[i][1]));
    }
}

static void numbers_of_a_rotation(void **state)
{
    static const struct {
        const char *name;
        int64_t number;
    } names[] = {
        {"out", 0},
        {"out.pcap12", 12},
        {"out007", 7},
        {"t-20261231-235959.pcap", 0}, /* they all have the same */
        {"t20261231235959", -1},
        {"a_b_00042_20260101000000.pcapng", 42},
        {"a_00042_2026.pcapng", 0},
        {"", 0},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_int_equal(family_number(names[i].name), names[i].number);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_a_rotation),
        cmocka_unit_test(names_of_others),
        cmocka_unit_test(numbers_of_a_rotation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
