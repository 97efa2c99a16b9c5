/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What drivers tell, as `ethtool -i` and `ethtool -k` show it. Linux only. */
#ifndef GAPWATCH_LINUX_ETHTOOL_H
#define GAPWATCH_LINUX_ETHTOOL_H

#include <stddef.h>

/* Opens what the calls below ask through. Returns a descriptor for close(), or -1 with errno. */
int ethtool_open(void);

/* Sets DRIVER to the name of INTERFACE's driver, empty when it tells none. */
void ethtool_driver(int ethtool, const char *interface, char *driver, size_t size);

/* Whether INTERFACE has FEATURE, and has it switched on. */
int ethtool_feature_is_on(int ethtool, const char *interface, const char *feature);

#endif
