/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The capture methods, the reasons why a method cannot be used on an interface, and the rule of
 * `auto`. */
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

#define METHOD_REASON_CHARS 512 /* room for why each method before was passed over */

/* What the choice depends on, besides the interface. */
struct method_circumstances {
    unsigned privileges; /* of this process, a set of enum privilege */
    unsigned built;      /* methods of this build: a bit 1 << enum method for each */
    enum direction direction;
    enum timestamp_choice timestamp;
    unsigned workers;                                /* that the user asked for; 0: any number */
    int has_filter;                                  /* the user gave a pcap-filter */
    char refused[METHOD_COUNT][METHOD_REASON_CHARS]; /* why it was found not to work, or empty */
};

/* The circumstances of this build and process, without any options of the user. */
struct method_circumstances method_circumstances_here(void);

/*
 * Whether METHOD must not be used on a kernel of this VERSION, as uname(2) gives it. On PREEMPT_RT
 * kernels softirqs are threads, and the program may be preempted while it uses the memory of its
 * processor.
 */
int method_refuses_kernel(enum method method, const char *version);

/* The name of METHOD on the command line and in reports. */
const char *method_name(enum method method);

/* The method called NAME, or METHOD_NONE. */
enum method method_named(const char *name);

/* The privileges that METHOD needs to start, a set of enum privilege. */
unsigned method_privileges(enum method method);

/* The privileges that METHOD needs while it runs with WORKERS threads, a set of enum privilege. */
unsigned method_kept_privileges(enum method method, unsigned workers);

/* Whether METHOD cannot be used under CIRCUMSTANCES, on any interface. Returns 1 with REASON set,
 * or 0 with REASON empty. */
int method_unavailable(enum method method, const struct method_circumstances *circumstances,
                       char reason[METHOD_REASON_CHARS]);

/* Whether METHOD cannot be used on INTERFACE, by any user. Returns as method_unavailable() does. */
int method_unsuitable(enum method method, const struct interface_facts *interface,
                      char reason[METHOD_REASON_CHARS]);

/* How METHOD, which is suitable, would work on INTERFACE: a word or two, such as "native"; NULL
 * where there is only one way. */
const char *method_mode(enum method method, const struct interface_facts *interface);

/*
 * The rule of `auto`: XDP on a physical NIC whose driver runs it natively (on veth, bridges and
 * other virtual devices an XDP program would cost the host its GRO and TSO); else TC; else
 * AF_PACKET; else libpcap. Returns METHOD_NONE when none is possible. REASON tells why in either
 * case.
 */
enum method choose_method(const struct interface_facts *interface,
                          const struct method_circumstances *circumstances,
                          char reason[METHOD_REASON_CHARS]);

#endif
