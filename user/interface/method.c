/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "interface/method.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/text.h"
#include "linux/privileges.h"

#define TO_LOAD_BPF (PRIVILEGE_BPF | PRIVILEGE_PERFMON | PRIVILEGE_NET_ADMIN)

struct method_row {
    const char *name;
    unsigned privileges;
    unsigned kept_privileges;
};

/* What a method needs to start, and what it needs while it runs: programs, maps and packet sockets
 * work on by their descriptors, even on an interface that came back. */
static const struct method_row rows[METHOD_COUNT] = {
    [METHOD_XDP] = {"xdp", TO_LOAD_BPF, 0},
    [METHOD_TC] = {"tc", TO_LOAD_BPF, 0},
    [METHOD_AF_PACKET] = {"af_packet", PRIVILEGE_NET_RAW, 0},
    [METHOD_PCAP] = {"pcap", PRIVILEGE_NET_RAW, PRIVILEGE_NET_RAW},
};

/* A frame of this MTU, with the headroom that the kernel adds, fills a page of 4096 octets. */
#define ONE_BUFFER_MTU 3498

const char *method_name(enum method method)
{
    return method < METHOD_COUNT ? rows[method].name : "none";
}

enum method method_named(const char *name)
{
    enum method method = 0;

    while (method < METHOD_COUNT && strcmp(rows[method].name, name) != 0)
        method++;
    return method;
}

unsigned method_privileges(enum method method)
{
    return rows[method].privileges;
}

unsigned method_kept_privileges(enum method method, unsigned workers)
{
    /* A packet socket cannot leave its fanout group, so the workers open new sockets when an
     * interface comes back. */
    if (method == METHOD_AF_PACKET && workers > 1)
        return PRIVILEGE_NET_RAW;
    return rows[method].kept_privileges;
}

static int is_bpf(enum method method)
{
    return method == METHOD_XDP || method == METHOD_TC;
}

int method_refuses_kernel(enum method method, const char *version)
{
    return is_bpf(method) && strstr(version, "PREEMPT_RT") != NULL;
}

/* Notes the methods that do not work on the running kernel. */
static void note_kernel(struct method_circumstances *circumstances)
{
    struct utsname kernel;

    for (enum method method = 0; method < METHOD_COUNT; method++)
        if (uname(&kernel) == 0 && method_refuses_kernel(method, kernel.version))
            snprintf(circumstances->refused[method], METHOD_REASON_CHARS, "%s",
                     "not on PREEMPT_RT kernels, where frames preempt each other");
}

struct method_circumstances method_circumstances_here(void)
{
    struct method_circumstances here = {.privileges = privileges_held()};
    unsigned built = 1u << METHOD_PCAP;

#if defined(__linux__)
    built |= 1u << METHOD_AF_PACKET;
#endif
#if defined(GAPWATCH_BPF)
    built |= 1u << METHOD_XDP | 1u << METHOD_TC;
#endif
    here.built = built;
    note_kernel(&here);
    return here;
}

int method_unavailable(enum method method, const struct method_circumstances *circumstances,
                       char reason[METHOD_REASON_CHARS])
{
    struct text text = text_over(reason, METHOD_REASON_CHARS);
    const char *missing = privileges_missing(rows[method].privileges, circumstances->privileges);

    if (!(circumstances->built & 1u << method))
        text_add(&text, "not in this build");
    else if (missing)
        text_add(&text, "%s is missing", missing);
    else if (is_bpf(method) && circumstances->has_filter)
        text_add(&text, "it takes no filter");
    else if (method == METHOD_XDP && circumstances->direction == DIRECTION_OUT)
        text_add(&text, "it sees incoming frames only");
    else if (method == METHOD_TC && circumstances->timestamp == TIMESTAMP_HARDWARE)
        text_add(&text, "it has no hardware timestamps");
    else if (method == METHOD_PCAP && circumstances->workers > 1)
        text_add(&text, "it has one worker only: give --workers 1");
    else
        text_add(&text, "%s", circumstances->refused[method]);
    return text.length > 0;
}

int method_unsuitable(enum method method, const struct interface_facts *interface,
                      char reason[METHOD_REASON_CHARS])
{
    struct text text = text_over(reason, METHOD_REASON_CHARS);

    if (is_bpf(method) && interface_is(interface, INTERFACE_ANY))
        text_add(&text, "it watches a single interface");
    else if (method == METHOD_XDP && interface->link != INTERFACE_ETHERNET)
        text_add(&text, "not Ethernet");
    else if (method != METHOD_PCAP && interface->link == INTERFACE_OTHER_LINK)
        text_add(&text, "neither Ethernet nor raw IP");
    else if (method == METHOD_XDP && interface->xdp_program)
        text_add(&text, "XDP program %u is attached already", interface->xdp_program);
    return text.length > 0;
}

/* Whether the driver would run our XDP program at the interface's MTU, or NATIVE_XDP_UNKNOWN. */
static enum native_xdp native_xdp_at_mtu(const struct interface_facts *interface)
{
    if (interface->native_xdp == NATIVE_XDP_ONE_BUFFER)
        return interface->mtu <= ONE_BUFFER_MTU ? NATIVE_XDP_YES : NATIVE_XDP_NO;
    return interface->native_xdp;
}

static const char *xdp_mode(const struct interface_facts *interface)
{
    switch (native_xdp_at_mtu(interface)) {
    case NATIVE_XDP_YES:
        return "native";
    case NATIVE_XDP_NO:
        return "generic";
    default:
        return "native or generic"; /* decided when the program is attached */
    }
}

static const char *const tcx_words[] = {
    [TCX_UNKNOWN] = "tcx or clsact",
    [TCX_NO] = "clsact",
    [TCX_YES] = "tcx",
};

const char *method_mode(enum method method, const struct interface_facts *interface)
{
    switch (method) {
    case METHOD_XDP:
        return xdp_mode(interface);
    case METHOD_TC:
        return tcx_words[interface->tcx];
    default:
        return NULL;
    }
}

/* Why `auto` does not take XDP though it is possible; NULL: `auto` takes it. */
static const char *against_xdp(const struct interface_facts *interface)
{
    if (strcmp(interface->kind, KIND_PHYSICAL) != 0)
        return "would turn off GRO on a virtual device";
    switch (native_xdp_at_mtu(interface)) {
    case NATIVE_XDP_YES:
        return NULL;
    case NATIVE_XDP_NO:
        return interface->native_xdp == NATIVE_XDP_NO ? "its driver has no native XDP"
                                                      : "its MTU is too large for native XDP";
    default:
        return "the kernel does not tell if its driver has native XDP";
    }
}

/* Adds to REASON why METHOD is not chosen. Returns whether it was passed over. */
static int passes_over(enum method method, const struct interface_facts *interface,
                       const struct method_circumstances *circumstances, struct text *reason)
{
    char why[METHOD_REASON_CHARS];
    const char *against = method == METHOD_XDP ? against_xdp(interface) : NULL;

    if (method_unsuitable(method, interface, why) || method_unavailable(method, circumstances, why))
        against = why;
    if (against)
        text_add(reason, "%s%s: %s", reason->length ? "; " : "", method_name(method), against);
    return against != NULL;
}

enum method choose_method(const struct interface_facts *interface,
                          const struct method_circumstances *circumstances,
                          char reason[METHOD_REASON_CHARS])
{
    struct text text = text_over(reason, METHOD_REASON_CHARS);
    enum method method = METHOD_XDP;

    while (method < METHOD_COUNT && passes_over(method, interface, circumstances, &text))
        method++;
    if (method == METHOD_XDP)
        text_add(&text, "a physical NIC whose driver has native XDP");
    return method;
}
