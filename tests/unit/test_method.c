/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "interface/method.h"

#include <stdio.h>
#include <string.h>

#include "linux/privileges.h"
#include "unit.h"

#define ALL_BUILT ((1u << METHOD_COUNT) - 1)
#define NO_BPF    (1u << METHOD_AF_PACKET | 1u << METHOD_PCAP)

#define ALL_BUT(privilege) (PRIVILEGES_ALL & ~(unsigned)(privilege))

/* How a case differs from a NIC with native XDP and a process with all privileges. */
struct choice_case {
    const char *kind; /* NULL: physical */
    enum native_xdp native_xdp;
    enum interface_link link;
    unsigned mtu; /* 0: 1500 */
    uint32_t xdp_program;
    unsigned privileges;
    unsigned built;
    enum direction direction;
    enum timestamp_choice timestamp;
    int has_filter;

    enum method chosen;
    const char *reason; /* part of the reason */
};

#define YES NATIVE_XDP_YES
#define NO  NATIVE_XDP_NO
#define ONE NATIVE_XDP_ONE_BUFFER

/* clang-format off */
static const struct choice_case cases[] = {
    /* XDP on a physical NIC, where the driver has it. */
    {NULL, YES, 0, 0, 0, PRIVILEGES_ALL, ALL_BUILT, 0, 0, 0, METHOD_XDP, "native XDP"},
    {NULL, YES, 0, 9000, 0, PRIVILEGES_ALL, ALL_BUILT, 0, 0, 0, METHOD_XDP, "native XDP"},
    {NULL, ONE, 0, 3498, 0, PRIVILEGES_ALL, ALL_BUILT, 0, 0, 0, METHOD_XDP, "native XDP"},
    {NULL, ONE, 0, 3499, 0, PRIVILEGES_ALL, ALL_BUILT, 0, 0, 0, METHOD_TC, "xdp: its MTU is too"},
    {NULL, NO, 0, 0, 0, PRIVILEGES_ALL, ALL_BUILT, 0, 0, 0, METHOD_TC, "xdp: its driver has no"},
    {NULL, NATIVE_XDP_UNKNOWN, 0, 0, 0, PRIVILEGES_ALL, ALL_BUILT, 0, 0, 0, METHOD_TC,
     "xdp: the kernel does not tell"},
    {NULL, YES, 0, 0, 7, PRIVILEGES_ALL, ALL_BUILT, 0, 0, 0, METHOD_TC,
     "xdp: XDP program 7 is attached already"},

    /* TC on virtual interfaces. */
    {"veth", YES, 0, 0, 0, PRIVILEGES_ALL, ALL_BUILT, 0, 0, 0, METHOD_TC, "off GRO"},
    {"bridge", NO, 0, 0, 0, PRIVILEGES_ALL, ALL_BUILT, 0, 0, 0, METHOD_TC, "off GRO"},
    {KIND_LOOPBACK, NO, 0, 0, 0, PRIVILEGES_ALL, ALL_BUILT, 0, 0, 0, METHOD_TC, "off GRO"},
    {"wireguard", NO, INTERFACE_RAW_IP, 0, 0, PRIVILEGES_ALL, ALL_BUILT, 0, 0, 0, METHOD_TC,
     "xdp: not Ethernet"},
    {NULL, NO, INTERFACE_OTHER_LINK, 0, 0, PRIVILEGES_ALL, ALL_BUILT, 0, 0, 0, METHOD_PCAP,
     "af_packet: neither Ethernet nor raw IP"},

    /* Options of the user. */
    {NULL, YES, 0, 0, 0, PRIVILEGES_ALL, ALL_BUILT, DIRECTION_IN, 0, 0, METHOD_XDP, "native XDP"},
    {NULL, YES, 0, 0, 0, PRIVILEGES_ALL, ALL_BUILT, DIRECTION_OUT, 0, 0, METHOD_TC,
     "xdp: it sees incoming frames only"},
    {"veth", YES, 0, 0, 0, PRIVILEGES_ALL, ALL_BUILT, 0, TIMESTAMP_HARDWARE, 0, METHOD_AF_PACKET,
     "tc: it has no hardware timestamps"},
    {NULL, YES, 0, 0, 0, PRIVILEGES_ALL, ALL_BUILT, 0, 0, 1, METHOD_AF_PACKET,
     "tc: it takes no filter"},

    /* Privileges and builds. */
    {NULL, YES, 0, 0, 0, ALL_BUT(PRIVILEGE_BPF), ALL_BUILT, 0, 0, 0, METHOD_AF_PACKET,
     "xdp: CAP_BPF is missing; tc: CAP_BPF is missing"},
    {NULL, YES, 0, 0, 0, ALL_BUT(PRIVILEGE_NET_ADMIN), ALL_BUILT, 0, 0, 0, METHOD_AF_PACKET,
     "tc: CAP_NET_ADMIN is missing"},
    {NULL, YES, 0, 0, 0, ALL_BUT(PRIVILEGE_PERFMON), ALL_BUILT, 0, 0, 0, METHOD_AF_PACKET,
     "tc: CAP_PERFMON is missing"},
    {NULL, YES, 0, 0, 0, ALL_BUT(PRIVILEGE_NET_RAW), ALL_BUILT, 0, 0, 0, METHOD_XDP, "native XDP"},
    {NULL, YES, 0, 0, 0, 0, ALL_BUILT, 0, 0, 0, METHOD_NONE,
     "af_packet: CAP_NET_RAW is missing; pcap: CAP_NET_RAW is missing"},
    {NULL, YES, 0, 0, 0, PRIVILEGES_ALL, NO_BPF, 0, 0, 0, METHOD_AF_PACKET,
     "tc: not in this build"},
    {NULL, YES, 0, 0, 0, PRIVILEGES_ALL, 1u << METHOD_PCAP, 0, 0, 0, METHOD_PCAP,
     "af_packet: not in this build"},
};
/* clang-format on */

static struct interface_facts interface_of(const struct choice_case *this)
{
    struct interface_facts interface = {
        .link = this->link,
        .mtu = this->mtu ? this->mtu : 1500,
        .native_xdp = this->native_xdp,
        .xdp_program = this->xdp_program,
        .tcx = TCX_YES,
    };

    snprintf(interface.kind, sizeof(interface.kind), "%s", this->kind ? this->kind : KIND_PHYSICAL);
    return interface;
}

static struct method_circumstances circumstances_of(const struct choice_case *this)
{
    return (struct method_circumstances){
        .privileges = this->privileges,
        .built = this->built,
        .direction = this->direction,
        .timestamp = this->timestamp,
        .has_filter = this->has_filter,
    };
}

static void auto_follows_its_rule(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct choice_case *this = &cases[i];
        struct interface_facts interface = interface_of(this);
        struct method_circumstances circumstances = circumstances_of(this);
        char reason[METHOD_REASON_CHARS];

        if (choose_method(&interface, &circumstances, reason) != this->chosen ||
            !strstr(reason, this->reason))
            fail_msg("case %zu: %s: %s", i,
                     method_name(choose_method(&interface, &circumstances, reason)), reason);
    }
}

static void what_auto_takes_is_never_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct choice_case *this = &cases[i];
        struct interface_facts interface = interface_of(this);
        struct method_circumstances circumstances = circumstances_of(this);
        char reason[METHOD_REASON_CHARS] = "old";

        if (this->chosen == METHOD_NONE)
            continue;
        assert_false(method_unavailable(this->chosen, &circumstances, reason));
        assert_false(method_unsuitable(this->chosen, &interface, reason));
        assert_string_equal(reason, "");
    }
}

static void modes_say_how(void **state)
{
    struct interface_facts interface = {.mtu = 9000};

    (void)state;
    assert_string_equal(method_mode(METHOD_XDP, &interface), "native or generic");
    interface.native_xdp = NATIVE_XDP_NO;
    assert_string_equal(method_mode(METHOD_XDP, &interface), "generic");
    interface.native_xdp = NATIVE_XDP_ONE_BUFFER;
    assert_string_equal(method_mode(METHOD_XDP, &interface), "generic");
    interface.mtu = 1500;
    assert_string_equal(method_mode(METHOD_XDP, &interface), "native");
    assert_string_equal(method_mode(METHOD_TC, &interface), "tcx or clsact");
    interface.tcx = TCX_NO;
    assert_string_equal(method_mode(METHOD_TC, &interface), "clsact");
    assert_null(method_mode(METHOD_PCAP, &interface));
}

static void names_go_both_ways(void **state)
{
    (void)state;
    for (enum method method = 0; method < METHOD_COUNT; method++)
        assert_int_equal(method_named(method_name(method)), method);
    assert_int_equal(method_named("auto"), METHOD_NONE);
    assert_int_equal(method_named(""), METHOD_NONE);
}

/* A method keeps only privileges that it needed to start. */
static void less_is_kept_than_was_needed(void **state)
{
    (void)state;
    for (enum method method = 0; method < METHOD_COUNT; method++)
        assert_int_equal(method_kept_privileges(method, 2) & ~method_privileges(method), 0);
    assert_int_equal(method_kept_privileges(METHOD_AF_PACKET, 1), 0);
    assert_int_equal(method_kept_privileges(METHOD_AF_PACKET, 2), PRIVILEGE_NET_RAW);
}

/* The version is what `uname -v` prints. */
static void bpf_is_refused_where_softirqs_are_threads(void **state)
{
    static const char realtime[] = "#1 SMP PREEMPT_RT Debian 6.12.9-1 (2025-01-10)";
    static const char common[] = "#1 SMP PREEMPT_DYNAMIC Debian 6.12.9-1 (2025-01-10)";

    (void)state;
    assert_true(method_refuses_kernel(METHOD_XDP, realtime));
    assert_true(method_refuses_kernel(METHOD_TC, realtime));
    assert_false(method_refuses_kernel(METHOD_AF_PACKET, realtime));
    assert_false(method_refuses_kernel(METHOD_TC, common));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(auto_follows_its_rule),
        cmocka_unit_test(what_auto_takes_is_never_refused),
        cmocka_unit_test(modes_say_how),
        cmocka_unit_test(names_go_both_ways),
        cmocka_unit_test(less_is_kept_than_was_needed),
        cmocka_unit_test(bpf_is_refused_where_softirqs_are_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
