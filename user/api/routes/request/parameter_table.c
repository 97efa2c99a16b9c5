/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/routes/request/parameter_table.h"

#include "protocols.h"
#include "track/event.h"

#define STEP_MAX (366 * 24 * 3600)

static const char *const sort_words[] = {
    [SORT_LOST_NETWORK] = "lost_network",
    [SORT_LOST] = "total_lost_packets",
    [SORT_BYTES] = "total_bytes",
    [SORT_BANDWIDTH] = "bandwidth_mbps",
    [SORT_FLOW_ID] = "flow_id",
    [SORT_RATIO] = "loss_ratio",
    [SORT_TIME] = "last_timestamp",
    [SORT_LOST_WORD] = "lost",
    [SORT_COUNT] = NULL,
};

static const char *const order_words[] = {
    [ORDER_UNSAID] = "",
    [ORDER_RISING] = "asc",
    [ORDER_FALLING] = "desc",
    NULL,
};

static const char *const protocol_words[] = {
#define ROW(id, name, ...) #name,
    PROTOCOL_TABLE(ROW)
#undef ROW
        NULL,
};

static const char *const cause_words[] = {"network", "undetermined", NULL};

static const char *const kind_words[] = {
#define ROW(kind, name) #name,
    EVENT_TABLE(ROW)
#undef ROW
        NULL,
};

#define MEMBER(name)    offsetof(struct parameters, name)
#define WHOLE(name)     KIND_WHOLE, MEMBER(name), 0, INT64_MAX, NULL
#define FROM_1_TO(max)  1, max, NULL
#define DECIMAL(name)   KIND_DECIMAL, MEMBER(name), 0, 0, NULL
#define TIME(name)      KIND_TIME, MEMBER(name), 0, 0, NULL
#define ANY(name)       KIND_TEXT, MEMBER(name), 0, 0, NULL
#define WORDS(name)     MEMBER(name), 0, 0, name##_words
#define AS_TEXT(number) #number
#define DIGITS(number)  AS_TEXT(number)

const struct parameter_row parameter_rows[PARAMETER_COUNT] = {
    [PARAMETER_LIMIT] = {"limit", KIND_WHOLE, MEMBER(limit), FROM_1_TO(LIMIT_MAX),
                         DIGITS(LIMIT_DEFAULT), "The most elements to return."},
    [PARAMETER_OFFSET] = {"offset", WHOLE(offset), "0", "How many elements to skip."},
    [PARAMETER_CAPTURE] = {"capture", KIND_WHOLE, MEMBER(capture), FROM_1_TO(INT64_MAX), NULL,
                           "Id of a capture; by default all that are running, else the newest."},
    [PARAMETER_PROTOCOL] = {"protocol", KIND_NAME, WORDS(protocol), NULL,
                            "Only flows of this protocol."},
    [PARAMETER_MIN_BYTES] = {"min_bytes", WHOLE(min_bytes), NULL,
                             "Only flows with at least this total_bytes."},
    [PARAMETER_MAX_BYTES] = {"max_bytes", WHOLE(max_bytes), NULL,
                             "Only flows with at most this total_bytes."},
    [PARAMETER_MIN_BANDWIDTH] = {"min_bandwidth_mbps", DECIMAL(min_bandwidth), NULL,
                                 "Only flows with at least this bandwidth_mbps."},
    [PARAMETER_MAX_BANDWIDTH] = {"max_bandwidth_mbps", DECIMAL(max_bandwidth), NULL,
                                 "Only flows with at most this bandwidth_mbps."},
    [PARAMETER_MIN_LOST] = {"min_lost", WHOLE(min_lost), NULL,
                            "Only flows with at least this total_lost_packets."},
    [PARAMETER_SORT] = {"sort", KIND_CHOICE, WORDS(sort), "\"total_lost_packets\"",
                        "Sort key; `lost` is another word for `lost_network`. Ties of lost packets "
                        "are sorted by total_bytes, then by age."},
    [PARAMETER_ORDER] = {"order", KIND_CHOICE, WORDS(order), NULL,
                         "Ascending or descending. By default, flows are sorted in descending "
                         "order, except by flow_id, "
                         "and the gaps of one flow in ascending order."},
    [PARAMETER_SINCE] =
        {"since", TIME(since), NULL,
         "From this time on (RFC 3339), or a time before now like -5m (s, m, h, d)."},
    [PARAMETER_UNTIL] =
        {"until", TIME(until), NULL,
         "Before this time (RFC 3339), or a time before now like -5m (s, m, h, d)."},
    [PARAMETER_CAUSE] = {"cause", KIND_NAME, WORDS(cause), NULL, "Only gaps of this cause."},
    [PARAMETER_KIND] = {"kind", KIND_NAME, WORDS(kind), NULL, "Only events of this kind."},
    [PARAMETER_STEP] = {"step", KIND_WHOLE, MEMBER(step), FROM_1_TO(STEP_MAX), NULL,
                        "Seconds; intervals that start in the same step are added up."},
    [PARAMETER_INTERFACE] = {"interface", ANY(interface), NULL,
                             "Only captures of this interface: those that run, else the newest."},
    [PARAMETER_SEARCH] =
        {"q", ANY(search), NULL,
         "Only flows with this address, prefix (192.0.2.0/24), port (:443), SPI or "
         "SCI (0x1f), or part of the id, in any letter case."},
    [PARAMETER_AFTER] =
        {"after", ANY(after), NULL,
         "`next` of the page before, in the same order: the page that follows it, whatever was "
         "written in between."},
    [PARAMETER_FLOW] = {"flow", ANY(flow), NULL, "Only SAs of the flow with this flow_id."},
    [PARAMETER_ASSOCIATION] = {"association", WHOLE(association), NULL,
                               "Only SAs with this association number (AN)."},
    [PARAMETER_LINEAGE] = {"lineage", ANY(lineage), NULL,
                           "Only SAs of this lineage: those of one tunnel in one direction."},
    [PARAMETER_COMPARISON] = {"comparison", KIND_WHOLE, MEMBER(comparison), FROM_1_TO(INT64_MAX),
                              NULL, "Id of a comparison; by default the newest."},
    [PARAMETER_COMPARED_SA] = {"compared_sa", KIND_WHOLE, MEMBER(compared_sa), FROM_1_TO(INT64_MAX),
                               NULL, "Only the delays of the SA with this id."},
};
