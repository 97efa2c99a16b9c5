/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "figures/table.h"

#define ENTRY(name, type, ...) {#name, FIGURE_##type},
#define COLUMN(name, ...)      ", " #name

/* COLUMN begins each name with ", ", so the list of columns starts at its third character. */
#define TABLE(name)                                                                                \
    const struct figure_table name##_figures_table = {                                             \
        name##_figures,                                                                            \
        sizeof(name##_figures) / sizeof(name##_figures[0]),                                        \
        name##_columns + 2,                                                                        \
    };

static const struct figure flow_figures[] = {
#define FIGURE ENTRY
#include "figures/flow.def"
};
static const char flow_columns[] =
#define FIGURE COLUMN
#include "figures/flow.def"
    ;
TABLE(flow)

static const struct figure sa_figures[] = {
#define FIGURE               ENTRY
#define ROWID(name, meaning) ENTRY(name, ID)
#include "figures/sa.def"
};
static const char sa_columns[] =
#define FIGURE COLUMN
#define ROWID  COLUMN
#include "figures/sa.def"
    ;
TABLE(sa)

static const struct figure gap_figures[] = {
#define FIGURE ENTRY
#include "figures/gap.def"
};
static const char gap_columns[] =
#define FIGURE COLUMN
#include "figures/gap.def"
    ;
TABLE(gap)

static const struct figure event_figures[] = {
#define FIGURE               ENTRY
#define ROWID(name, meaning) ENTRY(name, ID)
#include "figures/event.def"
};
static const char event_columns[] =
#define FIGURE COLUMN
#define ROWID  COLUMN
#include "figures/event.def"
    ;
TABLE(event)

static const struct figure interval_figures[] = {
#define FIGURE ENTRY
#include "figures/interval.def"
};
static const char interval_columns[] =
#define FIGURE COLUMN
#include "figures/interval.def"
    ;
TABLE(interval)

static const struct figure capture_figures[] = {
#define FIGURE               ENTRY
#define ROWID(name, meaning) ENTRY(name, ID)
#include "figures/capture.def"
};
static const char capture_columns[] =
#define FIGURE COLUMN
#define ROWID  COLUMN
#include "figures/capture.def"
    ;
TABLE(capture)

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

static const struct figure comparison_figures[] = {
#define FIGURE               ENTRY
#define ROWID(name, meaning) ENTRY(name, ID)
#include "figures/comparison.def"
};
static const char comparison_columns[] =
#define FIGURE COLUMN
#define ROWID  COLUMN
#include "figures/comparison.def"
    ;
TABLE(comparison)

static const struct figure compared_sa_figures[] = {
#define FIGURE               ENTRY
#define ROWID(name, meaning) ENTRY(name, ID)
#include "figures/compared_sa.def"
};
static const char compared_sa_columns[] =
#define FIGURE COLUMN
#define ROWID  COLUMN
#include "figures/compared_sa.def"
    ;
TABLE(compared_sa)

static const struct figure compared_delay_figures[] = {
#define FIGURE               ENTRY
#define ROWID(name, meaning) ENTRY(name, ID)
#include "figures/compared_delay.def"
};
static const char compared_delay_columns[] =
#define FIGURE COLUMN
#define ROWID  COLUMN
#include "figures/compared_delay.def"
    ;
TABLE(compared_delay)
