/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "interface/interface.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

static void a_list_grows_and_is_found_in(void **state)
{
    struct interface_list list = {0};

    (void)state;
    for (unsigned i = 1; i <= 100; i++) {
        struct interface_facts interface = {.index = i};

        snprintf(interface.name, sizeof(interface.name), "eth%u", i);
        assert_int_equal(interface_list_add(&list, &interface), 0);
    }
    assert_int_equal(list.count, 100);
    assert_int_equal(interface_list_find(&list, "eth77")->index, 77);
    assert_null(interface_list_find(&list, "eth"));
    interface_list_release(&list);
    assert_int_equal(list.count, 0);
    interface_list_release(&list);
}

static void offload_is_noted_at_the_device_below(void **state)
{
    struct interface_facts interfaces[] = {
        {.index = 1, .name = "macsec0", .lower = 3, .is_offloaded = 1},
        {.index = 2, .name = "eth0"},
        {.index = 3, .name = "eth1"},
        {.index = 4, .name = "macsec1", .lower = 2},
        {.index = 5, .name = "macsec2", .lower = 0, .is_offloaded = 1},
    };
    struct interface_list list = {.interfaces = interfaces, .count = 5};

    (void)state;
    interface_list_note_offload(&list);
    assert_string_equal(interfaces[1].offloaded_macsec, "");
    assert_string_equal(interfaces[2].offloaded_macsec, "macsec0");
    assert_string_equal(interfaces[0].offloaded_macsec, "");
}

static void warnings_say_what_offload_hides(void **state)
{
    struct interface_facts plain = {.name = "eth0", .kind = KIND_PHYSICAL};
    struct interface_facts nic = {.kind = KIND_PHYSICAL, .nic_does_macsec = 1};
    struct interface_facts lower = {.kind = KIND_PHYSICAL, .offloaded_macsec = "macsec0"};
    struct interface_facts macsec = {.kind = KIND_MACSEC, .nic_does_macsec = 1};
    char warnings[INTERFACE_WARNINGS_MAX][INTERFACE_WARNING_CHARS];

    (void)state;
    assert_int_equal(interface_warnings(&plain, warnings), 0);
    assert_int_equal(interface_warnings(&nic, warnings), 1);
    assert_non_null(strstr(warnings[0], "macsec-hw-offload"));
    assert_int_equal(interface_warnings(&lower, warnings), 1);
    assert_non_null(strstr(warnings[0], "macsec0"));
    assert_int_equal(interface_warnings(&macsec, warnings), 2);
    assert_non_null(strstr(warnings[1], "device below"));
}

/* Both ways to list interfaces know loopback as such. */
static void loopback_is_listed(void **state)
{
    int (*const ways[])(struct interface_list *, struct error *) = {interface_list_read,
                                                                    interface_list_from_pcap};

    (void)state;
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        const struct interface_facts *loopback;
        struct interface_list list;
        struct error error;

        assert_int_equal(ways[i](&list, &error), 0);
        loopback = interface_list_find(&list, "lo");
        assert_non_null(loopback);
        assert_true(interface_is(loopback, KIND_LOOPBACK));
        assert_int_equal(loopback->xdp_program, 0);
        interface_list_release(&list);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_grows_and_is_found_in),
        cmocka_unit_test(offload_is_noted_at_the_device_below),
        cmocka_unit_test(warnings_say_what_offload_hides),
        cmocka_unit_test(loopback_is_listed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
