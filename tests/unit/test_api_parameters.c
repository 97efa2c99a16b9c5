/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/routes/request/parameters.h"

#include <string.h>

#include "unit.h"

#define ALL ((1u << PARAMETER_COUNT) - 1)

static struct parameters parameters;
static struct error error;

static int parse(const char *query)
{
    return parameters_parse(&parameters, query, ALL, &error);
}

static void without_any_there_are_defaults(void **state)
{
    static const char *const none[] = {NULL, "", "&", "&&&"};

    (void)state;
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        assert_int_equal(parse(none[i]), 0);
        assert_int_equal(parameters.limit, 100);
        assert_int_equal(parameters.offset, 0);
        assert_int_equal(parameters.given, 0);
        assert_int_equal(parameters.sort, SORT_LOST);
        assert_int_equal(parameters.order, ORDER_UNSAID);
    }
}

static void each_kind_is_read(void **state)
{
    (void)state;
    assert_int_equal(parse("limit=1000&min_bytes=9223372036854775807&max_bandwidth_mbps=1.5e3&"
                           "protocol=esp&sort=bandwidth_mbps&order=asc&since=2025-03-01T12:00:00Z"),
                     0);
    assert_int_equal(parameters.limit, 1000);
    assert_true(parameters.min_bytes == INT64_MAX);
    assert_true(parameters.max_bandwidth == 1500);
    assert_string_equal(parameters.protocol, "esp");
    assert_int_equal(parameters.sort, SORT_BANDWIDTH);
    assert_int_equal(parameters.order, ORDER_RISING);
    assert_string_equal(parameters.since, "2025-03-01T12:00:00.000000000Z");
    assert_true(parameters.given & GIVEN(PARAMETER_SINCE));
    assert_false(parameters.given & GIVEN(PARAMETER_UNTIL));
}

static void what_is_wrong_is_named(void **state)
{
    static const struct {
        const char *query, *words;
    } wrong[] = {
        {"limit=0", "limit takes a whole number from 1 to 1000, not '0'"},
        {"offset=9223372036854775808", "offset takes a whole number"},
        {"min_bandwidth_mbps=-1", "min_bandwidth_mbps takes a number"},
        {"protocol=icmp",
         "protocol takes one of macsec, esp, ah, wireguard, openvpn, dtls, tcp, udp, not 'icmp'"},
        {"order=", "order takes one of asc, desc, not ''"},
        {"until=now", "until takes a time"},
        {"nothing=1", "no parameter 'nothing'"},
        {"limit=1&limit=1", "limit is given twice"},
        {"limit=%zz", "the value of limit"},
        {"%zz=1", "the name of a parameter"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(parse(wrong[i].query), -1);
        assert_non_null(strstr(error.text, wrong[i].words));
    }
}

static void only_what_a_route_takes_is_taken(void **state)
{
    (void)state;
    assert_int_equal(parameters_parse(&parameters, "limit=5", GIVEN(PARAMETER_LIMIT), &error), 0);
    assert_int_equal(parameters_parse(&parameters, "offset=5", GIVEN(PARAMETER_LIMIT), &error), -1);
    assert_non_null(strstr(error.text, "'offset'"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_any_there_are_defaults),
        cmocka_unit_test(each_kind_is_read),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(only_what_a_route_takes_is_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
