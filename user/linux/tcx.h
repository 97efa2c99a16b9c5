/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* TCX: TC programs attached by links, since Linux 6.6. */
#ifndef GAPWATCH_LINUX_TCX_H
#define GAPWATCH_LINUX_TCX_H

/* Attach types of Linux 6.6, which the headers of libbpf 1.1 do not have. */
#define TCX_INGRESS 46
#define TCX_EGRESS  47

/* A flag of a link: attach in front of the programs that are there. */
#define TCX_BEFORE (1U << 3)

enum tcx_support {
    TCX_UNKNOWN, /* only CAP_NET_ADMIN may ask */
    TCX_NO,      /* before Linux 6.6: only filters of the clsact qdisc */
    TCX_YES,     /* programs are attached by links, which end with the process */
};

/* Whether the kernel has TCX. INDEX is that of any interface. */
enum tcx_support tcx_support(unsigned index);

#endif
