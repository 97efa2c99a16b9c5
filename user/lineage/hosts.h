/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Compares the ESP SAs of two hosts in one direction. */
#ifndef GAPWATCH_LINEAGE_HOSTS_H
#define GAPWATCH_LINEAGE_HOSTS_H

#include "lineage/lineage.h"

/* Finds out which of the COUNT flows in ORDER took over from which. They have the same hosts and
 * ports, and are in the order of their first frames. */
void hosts_decide(const struct lineage *lineage, struct kin *const *order, size_t count);

#endif
