/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* An interface as rtnetlink(7) describes it. Linux only. */
#ifndef GAPWATCH_INTERFACE_LINK_H
#define GAPWATCH_INTERFACE_LINK_H

#include "interface/interface.h"

struct nlmsghdr;

/* Fills in INTERFACE from an RTM_NEWLINK message. What other sources tell stays zero. */
void link_parse(const struct nlmsghdr *message, struct interface_facts *interface);

#endif
