/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Which flows a search finds. */
#include "api/routes/flows/search.h"
#include "unit.h"

#define MACSEC "MACsec { sci: 0x0011223344550001 }"
#define ESP    "IPsec { spi: 0x00001f90, dst: 192.0.2.10, src: 198.51.100.7 }"
#define ESP_6  "IPsec { spi: 0x0000abcd, dst: ::1, src: 2001:db8:1::2 }"
#define TCP    "TCP { 192.0.2.1:443 -> 203.0.113.9:50443 }"
#define UDP_6  "UDP { [2001:db8::1]:4430 -> [2001:db8::2]:53 }"

static const struct {
    const char *text;
    int finds[5]; /* MACSEC, ESP, ESP_6, TCP, UDP_6 */
} searches[] = {
    {"192.0.2.1", {0, 0, 0, 1, 0}},
    {"192.0.2.0/24", {0, 1, 0, 1, 0}},
    {"192.0.2.8/29", {0, 1, 0, 0, 0}},
    {"198.51.96.0/19", {0, 1, 0, 0, 0}},
    {"198.51.100.0/25", {0, 1, 0, 0, 0}},
    {"128.0.0.0/1", {0, 1, 0, 1, 0}},
    {"0.0.0.0/0", {0, 1, 0, 1, 0}},
    {"2.0.2.10", {0, 0, 0, 0, 0}},
    {"::1", {0, 0, 1, 0, 0}},
    {"::/0", {0, 0, 1, 0, 1}},
    {"::/16", {0, 0, 1, 0, 0}},
    {"2000::/4", {0, 0, 1, 0, 1}},
    {"2001:db8::1", {0, 0, 0, 0, 1}},
    {"2001:DB8:0:0::1", {0, 0, 0, 0, 1}},
    {"2001:db8::/32", {0, 0, 1, 0, 1}},
    {"[2001:db8::2]", {0, 0, 0, 0, 1}},
    {"2001:db8:1::/48", {0, 0, 1, 0, 0}},
    {":443", {0, 0, 0, 1, 0}},
    {":0443", {0, 0, 0, 1, 0}},
    {"443", {0, 0, 0, 1, 0}},
    {"53", {0, 0, 0, 0, 1}},
    {"192", {0, 1, 0, 1, 0}},
    {"10", {0, 1, 0, 0, 0}},
    {"9", {0, 1, 0, 1, 0}},
    {"22", {1, 0, 0, 0, 0}},
    {"1f90", {0, 1, 0, 0, 0}},
    {"0x1f90", {0, 1, 0, 0, 0}},
    {"0x0000001F90", {0, 1, 0, 0, 0}},
    {"0x0000", {0, 1, 1, 0, 0}},
    {"0xabc", {0, 0, 0, 0, 0}},
    {"0x11223344550001", {1, 0, 0, 0, 0}},
    {"0011223344550001", {1, 0, 0, 0, 0}},
    {"11223344", {1, 0, 0, 0, 0}},
    {"11223", {1, 0, 0, 0, 0}},
    {"macsec", {1, 0, 0, 0, 0}},
    {"SPI: 0x", {0, 1, 1, 0, 0}},
    {"{", {1, 1, 1, 1, 1}},
    {"", {1, 1, 1, 1, 1}},
    {"%", {0, 0, 0, 0, 0}},
};

static void a_search_finds_what_it_says(void **state)
{
    static const char *const ids[] = {MACSEC, ESP, ESP_6, TCP, UDP_6};

    (void)state;
    for (size_t i = 0; i < sizeof(searches) / sizeof(searches[0]); i++) {
        struct search search;

        search_parse(&search, searches[i].text);
        for (size_t flow = 0; flow < 5; flow++)
            if (search_matches(&search, ids[flow]) != searches[i].finds[flow])
                fail_msg("%s and %s", searches[i].text, ids[flow]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_search_finds_what_it_says)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
