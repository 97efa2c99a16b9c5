/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "interface/link.h"

#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "linux/netlink.h"
#include "unit.h"

static char room[512];

/* A kernel message about interface 5, "eth0". The test may add attributes. */
static struct nlmsghdr *begin_message(unsigned hardware_type, unsigned flags)
{
    struct nlmsghdr *message;
    struct ifinfomsg *header;

    memset(room, 0, sizeof(room));
    message = mnl_nlmsg_put_header(room);
    header = mnl_nlmsg_put_extra_header(message, sizeof(*header));
    message->nlmsg_type = RTM_NEWLINK;
    header->ifi_index = 5;
    header->ifi_type = (unsigned short)hardware_type;
    header->ifi_flags = flags;
    mnl_attr_put_strz(message, IFLA_IFNAME, "eth0");
    mnl_attr_put_u32(message, IFLA_MTU, 9000);
    return message;
}

static struct interface_facts parse(const struct nlmsghdr *message)
{
    struct interface_facts interface;

    memset(&interface, 0xFF, sizeof(interface)); /* everything must be overwritten */
    link_parse(message, &interface);
    return interface;
}

static void put_kind(struct nlmsghdr *message, const char *kind)
{
    struct nlattr *info = mnl_attr_nest_start(message, IFLA_LINKINFO);

    mnl_attr_put_strz(message, IFLA_INFO_KIND, kind);
    mnl_attr_nest_end(message, info);
}

static void plain_hardware(void **state)
{
    struct interface_facts nic = parse(begin_message(ARPHRD_ETHER, IFF_UP | IFF_LOWER_UP));

    (void)state;
    assert_int_equal(nic.index, 5);
    assert_string_equal(nic.name, "eth0");
    assert_string_equal(nic.kind, KIND_PHYSICAL);
    assert_int_equal(nic.state, INTERFACE_UP);
    assert_int_equal(nic.link, INTERFACE_ETHERNET);
    assert_int_equal(nic.mtu, 9000);
    assert_int_equal(nic.xdp_program, 0);
    assert_int_equal(nic.lower, 0);
    assert_false(nic.is_offloaded || nic.nic_does_macsec || nic.offloaded_macsec[0]);
    assert_int_equal(nic.native_xdp, NATIVE_XDP_UNKNOWN);
}

static void states(void **state)
{
    (void)state;
    assert_int_equal(parse(begin_message(ARPHRD_ETHER, 0)).state, INTERFACE_DOWN);
    assert_int_equal(parse(begin_message(ARPHRD_ETHER, IFF_LOWER_UP)).state, INTERFACE_DOWN);
    assert_int_equal(parse(begin_message(ARPHRD_ETHER, IFF_UP)).state, INTERFACE_NO_CARRIER);
}

static void kinds_and_link_types(void **state)
{
    static const struct {
        unsigned hardware_type;
        enum interface_link link;
    } links[] = {
        {ARPHRD_ETHER, INTERFACE_ETHERNET},
        {ARPHRD_LOOPBACK, INTERFACE_ETHERNET},
        {ARPHRD_NONE, INTERFACE_RAW_IP},
        {ARPHRD_TUNNEL, INTERFACE_RAW_IP},
        {ARPHRD_PPP, INTERFACE_OTHER_LINK},
        {ARPHRD_IEEE80211_RADIOTAP, INTERFACE_OTHER_LINK},
        {ARPHRD_INFINIBAND, INTERFACE_OTHER_LINK},
    };
    struct nlmsghdr *message = begin_message(ARPHRD_ETHER, IFF_UP);

    (void)state;
    put_kind(message, "veth");
    assert_string_equal(parse(message).kind, "veth");
    assert_string_equal(parse(begin_message(ARPHRD_LOOPBACK, IFF_LOOPBACK)).kind, KIND_LOOPBACK);
    for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
        assert_int_equal(parse(begin_message(links[i].hardware_type, 0)).link, links[i].link);
}

static void xdp_programs_in_any_mode(void **state)
{
    static const uint16_t modes[] = {IFLA_XDP_PROG_ID, IFLA_XDP_DRV_PROG_ID, IFLA_XDP_SKB_PROG_ID,
                                     IFLA_XDP_HW_PROG_ID};

    (void)state;
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        struct nlmsghdr *message = begin_message(ARPHRD_ETHER, IFF_UP);
        struct nlattr *xdp = mnl_attr_nest_start(message, IFLA_XDP);

        mnl_attr_put_u8(message, IFLA_XDP_ATTACHED, XDP_ATTACHED_DRV);
        mnl_attr_put_u32(message, modes[i], 77);
        mnl_attr_nest_end(message, xdp);
        assert_int_equal(parse(message).xdp_program, 77);
    }
}

/* A macsec device on interface 5, or on an interface of this index in another namespace. */
static struct interface_facts parse_macsec(unsigned offload, int is_elsewhere)
{
    struct nlmsghdr *message = begin_message(ARPHRD_ETHER, IFF_UP);
    struct nlattr *info, *data;

    mnl_attr_put_u32(message, IFLA_LINK, 5);
    if (is_elsewhere)
        mnl_attr_put_u32(message, IFLA_LINK_NETNSID, 0);
    info = mnl_attr_nest_start(message, IFLA_LINKINFO);
    mnl_attr_put_strz(message, IFLA_INFO_KIND, KIND_MACSEC);
    data = mnl_attr_nest_start(message, IFLA_INFO_DATA);
    mnl_attr_put_u8(message, IFLA_MACSEC_OFFLOAD, (uint8_t)offload);
    mnl_attr_nest_end(message, data);
    mnl_attr_nest_end(message, info);
    return parse(message);
}

static void offloaded_macsec(void **state)
{
    (void)state;
    assert_false(parse_macsec(MACSEC_OFFLOAD_OFF, 0).is_offloaded);
    assert_true(parse_macsec(MACSEC_OFFLOAD_PHY, 0).is_offloaded);
    assert_true(parse_macsec(MACSEC_OFFLOAD_MAC, 0).is_offloaded);
    assert_int_equal(parse_macsec(MACSEC_OFFLOAD_MAC, 0).lower, 5);
    assert_int_equal(parse_macsec(MACSEC_OFFLOAD_MAC, 1).lower, 0);
}

/* Names without a terminator that are longer than their buffers. */
static void long_names_are_cut(void **state)
{
    struct nlmsghdr *message = begin_message(ARPHRD_ETHER, 0);
    struct nlattr *info = mnl_attr_nest_start(message, IFLA_LINKINFO);
    char kind[100];

    (void)state;
    memset(kind, 'k', sizeof(kind));
    mnl_attr_put(message, IFLA_INFO_KIND, sizeof(kind), kind);
    mnl_attr_nest_end(message, info);
    assert_int_equal(strlen(parse(message).kind), INTERFACE_WORD_CHARS - 1);
}

/* Numbers of an unexpected size count as 0. */
static void odd_sizes_count_as_zero(void **state)
{
    struct nlmsghdr *message = begin_message(ARPHRD_ETHER, 0);

    (void)state;
    mnl_attr_put(message, IFLA_MTU, 3, "abc"); /* the last attribute counts */
    assert_int_equal(parse(message).mtu, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_hardware),          cmocka_unit_test(states),
        cmocka_unit_test(kinds_and_link_types),    cmocka_unit_test(xdp_programs_in_any_mode),
        cmocka_unit_test(offloaded_macsec),        cmocka_unit_test(long_names_are_cut),
        cmocka_unit_test(odd_sizes_count_as_zero),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
