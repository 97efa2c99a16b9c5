/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "figures/table.h"

#define ENTRY(name, type, ...) {#name, FIGURE_##type},
#define COLUMN(name, ...)      ", " #name

/* The table NAME of its entries and columns. Each column begins with ", ", so the list starts at
 * its third character. */
#define TABLE(name)                                                                                \
    const struct figure_table name##_figures_table = {                                             \
        name##_figures,                                                                            \
        sizeof(name##_figures) / sizeof(name##_figures[0]),                                        \
        name##_columns + 2,                                                                        \
    };

#define NAME  flow
#define LINES "figures/flow.def"
#include "figures/table_of.h"

#define NAME  sa
#define LINES "figures/sa.def"
#include "figures/table_of.h"

#define NAME  peers
#define LINES "figures/peers.def"
#include "figures/table_of.h"

#define NAME  gap
#define LINES "figures/gap.def"
#include "figures/table_of.h"

#define NAME  event
#define LINES "figures/event.def"
#include "figures/table_of.h"

#define NAME  interval
#define LINES "figures/interval.def"
#include "figures/table_of.h"

#define NAME  capture
#define LINES "figures/capture.def"
#include "figures/table_of.h"

/* Of the figures of a capture, those that are sums over all flows. */
static const struct figure total_figures[] = {
#define FIGURE(...)
#define TOTAL_ADD   ENTRY
#define TOTAL_MAX   ENTRY
#define TOTAL_FIRST ENTRY
#define TOTAL_LAST  ENTRY
#include "figures/capture.def"
};
static const char total_columns[] =
#define FIGURE(...)
#define TOTAL_ADD   COLUMN
#define TOTAL_MAX   COLUMN
#define TOTAL_FIRST COLUMN
#define TOTAL_LAST  COLUMN
#include "figures/capture.def"
    ;
TABLE(total)

#define NAME  comparison
#define LINES "figures/comparison.def"
#include "figures/table_of.h"

#define NAME  compared_sa
#define LINES "figures/compared_sa.def"
#include "figures/table_of.h"

#define NAME  compared_delay
#define LINES "figures/compared_delay.def"
#include "figures/table_of.h"
