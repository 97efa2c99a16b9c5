/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Which drivers run XDP programs themselves, from the netdev family of generic netlink (since Linux
 * 6.3). Linux only. */
#ifndef GAPWATCH_INTERFACE_XDP_FEATURES_H
#define GAPWATCH_INTERFACE_XDP_FEATURES_H

#include "interface/interface.h"

/* Sets native_xdp of all interfaces in LIST. It stays unknown where the kernel does not tell. */
void xdp_features_read(struct interface_list *list);

#endif
