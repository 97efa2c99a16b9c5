/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What rtnetlink(7) says of an interface. Linux only. */
#ifndef GAPWATCH_INTERFACE_LINK_H
#define GAPWATCH_INTERFACE_LINK_H

#include "interface/interface.h"

struct nlmsghdr;

/* Fills in INTERFACE from a message RTM_NEWLINK; what others tell stays zero. */
void link_parse(const struct nlmsghdr *message, struct interface_facts *interface);

#endif
