/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The sums of each pair of peers: at a hub, they tell which site loses. */
#ifndef GAPWATCH_REPORT_PEERS_H
#define GAPWATCH_REPORT_PEERS_H

#include "report/report.h"

/* Writes a table of the pairs of peers between which flows with sequence numbers of REPORT went,
 * those with the most network loss first. */
void peers_write_table(const struct report *report, FILE *to);

#endif
