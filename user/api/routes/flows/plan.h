/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The filters of a list of flows, and the index through which its page is read. SQLite filters and
 * sorts; the code here only chooses the index. That of the sort key gives a page at once when many
 * of the flows that come next in it match, but may read a million rows to find ten. So the next
 * ones are looked at first. When too few of them match for a page, and few flows match a filter at
 * all, the index of the filter is read, and the result sorted.
 */
#ifndef GAPWATCH_API_ROUTES_FLOWS_PLAN_H
#define GAPWATCH_API_ROUTES_FLOWS_PLAN_H

#include "api/routes/list/list.h"

/* SQLite's name for the index of capture_id, flow_id. */
#define UNIQUE_INDEX "sqlite_autoindex_flows_1"

/* Sets the next ? of QUERY to the value in PARAMETERS of the filter PARAMETER. Does nothing if that
 * is no filter of flows. */
void plan_filter_value(struct query *query, const struct parameters *parameters,
                       enum parameter parameter);

/* Adds " AND ..." with its values to QUERY for each filter in the parameters of CALL. */
void plan_add_filters(struct query *query, const struct call *call);

/* Returns how many flows match the filters of CALL. LIST comes with the index of its order; sets it
 * to the index through which the page is read fastest. IS_IN_FILTERS: the indexes of the filters
 * contain the sort key, so that they need not read the table, even when many flows match. */
struct total plan_flows(struct call *call, int is_in_filters, struct list *list);

#endif
