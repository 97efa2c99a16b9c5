/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "base/text.h"

#include <stdlib.h>

#include <arpa/inet.h>

#include "unit.h"

static void never_writes_past_the_end(void **state)
{
    char buffer[8] = "#######";
    struct text text = text_over(buffer, 5);

    (void)state;
    text_add(&text, "ab%d", 12345);
    assert_string_equal(buffer, "ab12");
    assert_int_equal(text.length, 4);
    text_add(&text, "more");
    assert_string_equal(buffer, "ab12");
    assert_memory_equal(buffer + 5, "##", 2);
}

static void addresses_follow_rfc_5952(void **state)
{
    /* The examples of RFC 5952 sections 4.2 and 6. */
    static const struct {
        const char *any, *canonical;
    } cases[] = {
        {"2001:0db8:0000:0000:0001:0000:0000:0001", "2001:db8::1:0:0:1"},
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
        {"2001:DB8::AAAA", "2001:db8::aaaa"},
        {"::", "::"},
        {"::1", "::1"},
        {"1::", "1::"},
        {"0:1:2:3:4:5:6:0", "0:1:2:3:4:5:6:0"},
        {"0:0:1:2:3:4::", "::1:2:3:4:0:0"},
        {"1:2:3:4:5:6::", "1:2:3:4:5:6::"},
        /* Section 5: an IPv4 address inside. */
        {"::ffff:c000:201", "::ffff:192.0.2.1"},
        {"::c000:201", "::192.0.2.1"},
        {"::fffe:c000:201", "::fffe:c000:201"},
        {"64:ff9b::c000:201", "64:ff9b::c000:201"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        unsigned char octets[16];
        char buffer[64];
        struct text text = text_over(buffer, sizeof(buffer));

        assert_int_equal(inet_pton(AF_INET6, cases[i].any, octets), 1);
        text_add_address(&text, 6, octets);
        assert_string_equal(buffer, cases[i].canonical);
    }
}

static void endpoints_bracket_only_ipv6(void **state)
{
    static const unsigned char ipv4[4] = {192, 0, 2, 1};
    static const unsigned char ipv6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};
    char buffer[64];
    struct text text = text_over(buffer, sizeof(buffer));

    (void)state;
    text_add_endpoint(&text, 4, ipv4, 443);
    text_add(&text, " ");
    text_add_endpoint(&text, 6, ipv6, 65535);
    assert_string_equal(buffer, "192.0.2.1:443 [2001:db8::1]:65535");
}

static void addresses_are_read_back(void **state)
{
    unsigned random = 1;

    (void)state;
    for (int i = 0; i < 4096; i++) {
        unsigned char octets[16], back[16];
        char buffer[64];
        struct text text = text_over(buffer, sizeof(buffer));

        for (int j = 0; j < 16; j++) {
            random = random * 1103515245 + 12345;
            octets[j] = random >> 30 ? 0 : (unsigned char)(random >> 16);
        }
        text_add_address(&text, 6, octets);
        assert_int_equal(inet_pton(AF_INET6, buffer, back), 1);
        assert_memory_equal(back, octets, sizeof(octets));
        text = text_over(buffer, sizeof(buffer));
        text_add_address(&text, 4, octets);
        assert_int_equal(inet_pton(AF_INET, buffer, back), 1);
        assert_memory_equal(back, octets, 4);
    }
}

static void numbers_have_all_their_digits(void **state)
{
    char buffer[64];
    struct text text = text_over(buffer, sizeof(buffer));

    (void)state;
    text_add_number(&text, 0);
    text_add_chars(&text, " ", 1);
    text_add_number(&text, UINT64_MAX);
    assert_string_equal(buffer, "0 18446744073709551615");
    text = text_over(buffer, sizeof(buffer));
    text_add_hex(&text, 0xabc, 8);
    text_add_hex(&text, UINT64_MAX, 16);
    assert_string_equal(buffer, "00000abcffffffffffffffff");
    text = text_over(buffer, 4);
    text_add_number(&text, 123456);
    text_add_hex(&text, 1, 8);
    assert_string_equal(buffer, "123");
}

static void strings_are_joined(void **state)
{
    static char one[] = "one", two[] = "two";
    char *strings[] = {one, two};
    char *joined[] = {text_join(strings, 0), text_join(strings, 1), text_join(strings, 2)};

    (void)state;
    assert_string_equal(joined[0], "");
    assert_string_equal(joined[1], "one");
    assert_string_equal(joined[2], "one, two");
    for (int i = 0; i < 3; i++)
        free(joined[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read_back),
        cmocka_unit_test(numbers_have_all_their_digits),
        cmocka_unit_test(strings_are_joined),
        cmocka_unit_test(never_writes_past_the_end),
        cmocka_unit_test(addresses_follow_rfc_5952),
        cmocka_unit_test(endpoints_bracket_only_ipv6),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
