/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The name and the features of a driver, as `ethtool -i` and `ethtool -k` show them. Linux only. */
#ifndef GAPWATCH_LINUX_ETHTOOL_H
#define GAPWATCH_LINUX_ETHTOOL_H

#include <stddef.h>

/* Opens a descriptor for the calls below. Returns it, for close(), or -1 with errno. */
int ethtool_open(void);

/* Writes the name of INTERFACE's driver into DRIVER of SIZE octets; empty when there is none. */
void ethtool_driver(int ethtool, const char *interface, char *driver, size_t size);

/* Whether INTERFACE has FEATURE and it is on. */
int ethtool_feature_is_on(int ethtool, const char *interface, const char *feature);

#endif
