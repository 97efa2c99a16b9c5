/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* TCX: TC programs attached by links, from Linux 6.6 on. */
#ifndef GAPWATCH_LINUX_TCX_H
#define GAPWATCH_LINUX_TCX_H

/* The attach types of Linux 6.6, which the headers of libbpf 1.1 do not have. */
#define TCX_INGRESS 46
#define TCX_EGRESS  47

/* Of the flags of a link: before the others that are there. */
#define TCX_BEFORE (1U << 3)

enum tcx_support {
    TCX_UNKNOWN, /* only CAP_NET_ADMIN may ask */
    TCX_NO,      /* as filters of the clsact qdisc (before Linux 6.6) */
    TCX_YES,     /* by links, which end with the process */
};

/* Whether the kernel has it; asked about any interface, of INDEX. */
enum tcx_support tcx_support(unsigned index);

#endif
