/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/routes/flows/flow_name.h"

#include <string.h>

#include "unit.h"

static char id[FLOW_ID_CHARS];

static const char *normal(const char *text, unsigned digits)
{
    flow_name_normalise(text, digits, id);
    return id;
}

static void numbers_get_their_digits(void **state)
{
    (void)state;
    assert_string_equal(normal("MACsec { sci: 0x1A }", 16), "MACsec { sci: 0x000000000000001a }");
    assert_string_equal(normal("MACsec { sci: 0X000000000000000000001a }", 8),
                        "MACsec { sci: 0x0000001a }");
    assert_string_equal(normal("0x0", 8), "0x00000000");
    assert_string_equal(normal("0xFFFFFFFFFFFFFFFF", 8), "0xffffffffffffffff");
}

static void addresses_get_the_form_of_rfc_5952(void **state)
{
    (void)state;
    assert_string_equal(normal("dst: 2001:DB8:0:0:0:0:0:1, src: FF02::0:1 }", 8),
                        "dst: 2001:db8::1, src: ff02::1 }");
    assert_string_equal(normal("TCP { [2001:0DB8::1]:0080 -> [::]:00 }", 8),
                        "TCP { [2001:db8::1]:80 -> [::]:0 }");
    assert_string_equal(normal("UDP { 192.0.2.1:053 -> 192.0.2.2:65535 }", 8),
                        "UDP { 192.0.2.1:53 -> 192.0.2.2:65535 }");
}

static void spaces_between_words_count_once(void **state)
{
    (void)state;
    assert_string_equal(normal("  a   b ", 8), "a b");
    assert_string_equal(normal("", 8), "");
    assert_string_equal(normal("   ", 8), "");
}

static void names_get_their_letter_case(void **state)
{
    (void)state;
    assert_string_equal(normal("ipsec { SPI: 0x1, Dst: 192.0.2.1, SRC: 192.0.2.2 }", 8),
                        "IPsec { spi: 0x00000001, dst: 192.0.2.1, src: 192.0.2.2 }");
    assert_string_equal(normal("MACSEC { Sci: 0x1, VLAN: 0020 }", 16),
                        "MACsec { sci: 0x0000000000000001, vlan: 20 }");
    assert_string_equal(normal("vlan: 010.00", 8), "vlan: 10.0");
    assert_string_equal(normal("tcp udp", 8), "TCP UDP");
}

static void everything_else_stays(void **state)
{
    static const char *const same[] = {
        "0x", "0xg",   "0x1ffffffffffffffff",  "1:2:3",      "[::1]",  "[::1]:", "]:1", "[]:1",
        ":1", "[:1]:", "1.2.3.4:65536",        "1.2.3:4",    "[1.2:3", "a,b",    ",",   ":::::",
        "[",  "]:",    "[::1]:99999999999999", "1.2.3.4:-1", "%s%n",   "{",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
        assert_string_equal(normal(same[i], 16), same[i]);
}

static void long_words_are_cut_not_overrun(void **state)
{
    char text[4096];

    (void)state;
    memset(text, '[', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    assert_true(strlen(normal(text, 16)) < FLOW_ID_CHARS);
    memset(text, ':', sizeof(text) - 1);
    assert_true(strlen(normal(text, 16)) < FLOW_ID_CHARS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_get_their_digits),
        cmocka_unit_test(addresses_get_the_form_of_rfc_5952),
        cmocka_unit_test(spaces_between_words_count_once),
        cmocka_unit_test(names_get_their_letter_case),
        cmocka_unit_test(everything_else_stays),
        cmocka_unit_test(long_words_are_cut_not_overrun),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
