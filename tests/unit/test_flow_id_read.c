/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Ids of flows: reading gives the flow from which they were written, and refuses all else. */
#include "flow/id_read.h"

#include <string.h>

#include "base/text.h"
#include "flow/id.h"
#include "unit.h"

static const char *const ids[] = {
    "MACsec { sci: 0x0011223344550001 }",
    "MACsec { sci: 0xffffffffffffffff, vlan: 20 }",
    "MACsec { sci: 0x0000000000000000, vlan: 10.20.4094 }",
    "IPsec { spi: 0x00000003, dst: 198.51.100.1, src: 192.0.2.1 }",
    "IPsec { spi: 0xc1234567, dst: 2001:db8::1, src: fe80::1 }",
    "TCP { 192.0.2.1:443 -> 198.51.100.1:65535 }",
    "UDP { [2001:db8::1]:53 -> [2001:db8::2]:4500 }",
    "OpenVPN { peer: 16777215, key: 7, [2001:db8:1000:2000:3000:4000:5000:6000]:65535 -> "
    "[2001:db8:1000:2000:3000:4000:5000:6001]:65534 }",
};

static void written_and_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        char id[FLOW_ID_CHARS];
        struct flow_key key;

        assert_int_equal(flow_id_read(ids[i], &key), 0);
        flow_id_format(&key, id);
        assert_string_equal(id, ids[i]);
    }
}

/* No id that ends early, or goes on, is read. */
static void cut_and_longer_ids_are_refused(void **state)
{
    char text[2 * FLOW_ID_CHARS];
    struct flow_key key;

    (void)state;
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        for (size_t length = 0; length < strlen(ids[i]); length++) {
            memcpy(text, ids[i], length);
            text[length] = '\0';
            assert_int_equal(flow_id_read(text, &key), -1);
        }
        strcpy(text, ids[i]);
        strcat(text, "}");
        assert_int_equal(flow_id_read(text, &key), -1);
    }
}

static void others_are_refused(void **state)
{
    static const char *const others[] = {
        "IPsec { spi: 0x100000000, dst: 198.51.100.1, src: 192.0.2.1 }",
        "IPsec { spi: 0x00000003, dst: 198.51.100.1 }",
        "IPsec { spi: 0x00000003, dst: 198.51.100.256, src: 192.0.2.1 }",
        "IPsec { spi: 0x, dst: 198.51.100.1, src: 192.0.2.1 }",
        "MACsec { sci: 0x0011223344550001, vlan:  }",
        "MACsec { sci: 0x0011223344550001, vlan: 4096 }",
        "TCP { 192.0.2.1:65536 -> 198.51.100.1:1 }",
        "TCP { [2001:db8::1:443 -> 198.51.100.1:1 }",
    };
    struct flow_key key;

    (void)state;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        assert_int_equal(flow_id_read(others[i], &key), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_and_read),
        cmocka_unit_test(cut_and_longer_ids_are_refused),
        cmocka_unit_test(others_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
