/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The ways to capture, what stands against each on an interface, and which one is chosen. */
#ifndef GAPWATCH_INTERFACE_METHOD_H
#define GAPWATCH_INTERFACE_METHOD_H

#include "interface/interface.h"
#include "source/source.h"

enum method {
    METHOD_XDP,
    METHOD_TC,
    METHOD_AF_PACKET,
    METHOD_PCAP,
    METHOD_COUNT,
    METHOD_NONE = METHOD_COUNT,
};

#define METHOD_REASON_CHARS 256

/* What decides, besides the interface. */
struct method_circumstances {
    unsigned privileges; /* that we hold, enum privilege */
    unsigned built;      /* the methods of this build: a bit 1 << enum method for each */
    enum direction direction;
    enum timestamp_choice timestamp;
    int has_filter;                                  /* the user gave a pcap-filter */
    char refused[METHOD_COUNT][METHOD_REASON_CHARS]; /* why it was found not to work; empty: not */
};

/* Those of this build and process; the user asks for nothing. */
struct method_circumstances method_circumstances_here(void);

/* Whether METHOD is wrong on a kernel of this VERSION, as uname(2) tells it: where softirqs are
 * threads, one frame's program may interrupt another's in the memory that they share. */
int method_refuses_kernel(enum method method, const char *version);

/* As on the command line and in reports. */
const char *method_name(enum method method);

/* The method called NAME, or METHOD_NONE. */
enum method method_named(const char *name);

/* What METHOD needs to start, and what it still needs once it runs with so many WORKERS; sets of
 * enum privilege. */
unsigned method_privileges(enum method method);
unsigned method_kept_privileges(enum method method, unsigned workers);

/* Why METHOD cannot be used in CIRCUMSTANCES, on any interface. Returns 1 with REASON set, or 0
 * with REASON empty: nothing is against it. */
int method_unavailable(enum method method, const struct method_circumstances *circumstances,
                       char reason[METHOD_REASON_CHARS]);

/* Why METHOD cannot be used on INTERFACE, by anybody. Returns as method_unavailable(). */
int method_unsuitable(enum method method, const struct interface_facts *interface,
                      char reason[METHOD_REASON_CHARS]);

/* How METHOD, which is suitable, would work on INTERFACE: a word or two, such as "native"; NULL
 * where there is only one way. */
const char *method_mode(enum method method, const struct interface_facts *interface);

/*
 * The rule of `auto`: XDP where a physical NIC's driver has it natively; else TC (on veth, bridge
 * and other virtual devices an XDP program would cost the host its GRO and TSO); else AF_PACKET;
 * else libpcap. Returns METHOD_NONE when none is possible. REASON says why in either case.
 */
enum method choose_method(const struct interface_facts *interface,
                          const struct method_circumstances *circumstances,
                          char reason[METHOD_REASON_CHARS]);

#endif
