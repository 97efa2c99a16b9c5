/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "ship/views.h"

#include "protocols.h"

/*
 * How SAs at two sensors are compared, as `gapwatch compare` does it with two databases
 * (compare/passage.c, compare/ranges.c). What a sensor misses are its gaps, and the numbers in
 * front of its first one, if both watched when the SA began. The gaps of one sensor do not overlap.
 * So the ends of the gaps of both, sorted, and the sum of their weights tell of each number who
 * misses it: a gap at A weighs 1, one at B 2, and 4 if it is undetermined.
 */
#define A_ALONE   "1"
#define B_ALONE   "(2, 4)"
#define B_PERHAPS "4" /* it may have been B's sensor */
#define BOTH      "(3, 5)"

/* Nanoseconds since 1970 of a time that is an RFC 3339 text, or a DateTime64. */
#define NANOSECONDS(time)                                                                          \
    "toInt64(toDateTime(replaceOne(substring(toString(" time "), 1, 19), 'T', ' '), 'UTC')) "      \
    "* 1000000000 + toInt64(substring(toString(" time "), 21, 9))"

/* The first number of an SA of the flow's protocol. */
#define FIRST_OF(id, name, label, ethertype, ip_protocol, udp_port, form, bits, end, first, ...)   \
    "startsWith(flow_id, '" label " '), " #first ", "
#define FIRST_NUMBER "multiIf(" PROTOCOL_TABLE(FIRST_OF) "1)"

/* The columns of an SA, with the side in their names. */
#define SIDE(side)                                                                                 \
    "SELECT flow_id, association, sensor AS sensor_" side ", store AS store_" side                 \
    ", capture_id AS capture_" side ",\n        generation AS generation_" side                    \
    ", first AS first_" side ", last AS last_" side ", first_ns AS first_ns_" side                 \
    ", last_ns AS last_ns_" side ",\n        since_ns AS since_ns_" side                           \
    ", until_ns AS until_ns_" side ", is_new AS is_new_" side ", begins_with AS begins_with_" side \
    ",\n        starts AS starts_" side ", stops AS stops_" side ", perhaps AS perhaps_" side      \
    ", of_these_came AS of_these_came_" side " FROM watched_sas"

/* How many numbers from FROM to UNTIL have a sum of WEIGHTS. */
#define COUNT(weights, from, until)                                                                \
    "toInt64(arraySum((w, p, q) -> if(w IN " weights ", greatest(0, least(q, " until               \
    " + 1) - greatest(p, " from ")), 0), weights, places, next_places))"

/* What is told of the delays D, whose count is N, sorted. */
#define PERCENTILE(percent)                                                                        \
    "delays[intDiv(samples * " percent " + 99, 100)] / 1000000 AS delay_p" percent "_ms"

/* Samples of the last hour, the earliest of each number. */
#define SAMPLES(side)                                                                              \
    "SELECT sensor AS sensor_" side ", store AS store_" side ", capture_id AS capture_" side       \
    ", flow_id,\n        generation AS generation_" side                                           \
    ", number, toInt64(min(timestamp_ns)) AS ns_" side "\n    FROM samples FINAL "                 \
    "WHERE time >= now() - 3600 GROUP BY sensor, store, capture_id, flow_id, generation, number"

/* clang-format off */
const struct view views[] = {
    {"worst_links_now", "Flows by what the network lost of them in the last five minutes.",
     "SELECT sensor, flow_id, sum(lost) AS lost_packets, sum(lost_undetermined) AS undetermined,\n"
     "    sum(packets) AS received_packets,\n"
     "    lost_packets / (lost_packets + received_packets) AS loss_ratio, max(time) AS newest\n"
     "FROM interval_flows FINAL WHERE time >= now() - 300\n"
     "GROUP BY sensor, flow_id HAVING lost_packets > 0 ORDER BY lost_packets DESC"},
    {"loss_by_hour", "What each sensor received and the network lost, by hour.",
     "SELECT sensor, toStartOfHour(time) AS hour, sum(packets) AS received_packets,\n"
     "    sum(bytes) AS received_bytes, sum(lost) AS lost_packets,\n"
     "    sum(lost_undetermined) AS undetermined,\n"
     "    lost_packets / (lost_packets + received_packets) AS loss_ratio\n"
     "FROM capture_intervals FINAL GROUP BY sensor, hour ORDER BY hour, sensor"},
    {"watched_sas",
     "SAs with the gaps of which numbers never came, and with the time for which their capture\n"
     "-- watched. Late frames of an SA that began anew may have been counted with the one before it.",
     "SELECT sensor, store, capture_id, flow_id, association, generation, first, last,\n"
     "    first_ns, last_ns, since_ns, until_ns,\n"
     "    arrayMap((x, y, z) -> least(x, z) - least(x - y, z), arrayCumSum(late_counts), late_counts,\n"
     "        arrayResize(emptyArrayInt64(), length(late_counts), late)) AS came_late,\n"
     "    arrayMap((x, y) -> tupleElement(x, 2) - tupleElement(x, 1) > y, gaps, came_late) AS lacks,\n"
     "    arrayMap(x -> tupleElement(x, 1), arrayFilter((x, y) -> y, gaps, lacks)) AS starts,\n"
     "    arrayMap(x -> tupleElement(x, 2), arrayFilter((x, y) -> y, gaps, lacks)) AS stops,\n"
     "    arrayMap(x -> tupleElement(x, 3), arrayFilter((x, y) -> y, gaps, lacks)) AS perhaps,\n"
     "    arraySum((x, y) -> x * y, came_late, lacks) AS of_these_came,\n"
     "    first >= lowest AND first - lowest < window AS is_near,\n"
     "    first_ns > since_ns AND (generation > 0 OR is_near) AS is_new,\n"
     "    if(is_near, lowest, first) AS begins_with\n"
     "FROM (SELECT sensor, store, capture_id, flow_id, association, generation, sa, first, last,\n"
     "        late, lowest, first_ns, last_ns, window, since_ns, until_ns\n"
     "    FROM (SELECT sensor, store, capture_id, flow_id, generation, id AS sa,\n"
     "            assumeNotNull(association) AS association,\n"
     "            toInt64(assumeNotNull(first_sequence)) AS first,\n"
     "            toInt64(assumeNotNull(last_sequence)) AS last,\n"
     "            toInt64(assumeNotNull(late_packets)) AS late,\n"
     "            toInt64(" FIRST_NUMBER ") AS lowest,\n"
     "            " NANOSECONDS("assumeNotNull(first_timestamp)") " AS first_ns,\n"
     "            " NANOSECONDS("last_timestamp") " AS last_ns\n"
     "        FROM sas FINAL) AS s\n"
     "    ALL INNER JOIN (SELECT sensor, store, id AS capture_id, assumeNotNull(window) AS window,\n"
     "            assumeNotNull(if(method = 'file', first_timestamp, started)) AS since,\n"
     "            assumeNotNull(multiIf(method = 'file', last_timestamp, isNull(ended),\n"
     "                toNullable(updated), ended)) AS until,\n"
     "            " NANOSECONDS("since") " AS since_ns,\n"
     "            " NANOSECONDS("until") " AS until_ns\n"
     "        FROM captures FINAL) AS c USING (sensor, store, capture_id)) AS w\n"
     "ALL LEFT JOIN (SELECT sensor, store, assumeNotNull(sa_id) AS sa,\n"
     "        arraySort(groupArray((toInt64(assumeNotNull(first_number)),\n"
     "            toInt64(assumeNotNull(last_number)) + 1, assumeNotNull(cause = 'undetermined'),\n"
     "            toInt64(assumeNotNull(late_after))))) AS gaps,\n"
     "        arrayMap(x -> tupleElement(x, 4), gaps) AS late_counts\n"
     "    FROM sequence_gaps FINAL WHERE withdrawn = 0 AND isNotNull(sa_id)\n"
     "    GROUP BY sensor, store, sa_id) AS g USING (sensor, store, sa)"},
    {"sas_at_both",
     "SAs that two sensors saw, for each order of the two: those of one flow and association that were\n"
     "-- there at one time. Their numbers are compared from `start` to `end_a` and `end_b`. The places\n"
     "-- where gaps begin or end are in `ends`.",
     "SELECT flow_id, association, sensor_a, store_a, capture_a, generation_a, sensor_b, store_b,\n"
     "    capture_b, generation_b, first_ns_a, last_ns_a, of_these_came_a, of_these_came_b,\n"
     "    first_ns_a >= since_ns_b AND first_ns_b >= since_ns_a AND (is_new_a OR is_new_b) AS is_whole,\n"
     "    if(is_whole, least(begins_with_a, begins_with_b), greatest(first_a, first_b)) AS start,\n"
     "    if(last_ns_a > until_ns_b + 1000000000, least(last_a, last_b), last_a) AS end_a,\n"
     "    if(last_ns_b > until_ns_a + 1000000000, least(last_a, last_b), last_b) AS end_b,\n"
     "    least(end_a, end_b) AS end_both,\n"
     "    arraySort(arrayConcat(\n"
     "        [(start, toInt64(1)), (greatest(first_a, start), toInt64(-1))],\n"
     "        [(start, toInt64(2)), (greatest(first_b, start), toInt64(-2))],\n"
     "        arrayMap(x -> (x, toInt64(1)), starts_a), arrayMap(x -> (x, toInt64(-1)), stops_a),\n"
     "        arrayMap((x, y) -> (x, toInt64(if(y, 4, 2))), starts_b, perhaps_b),\n"
     "        arrayMap((x, y) -> (x, toInt64(if(y, -4, -2))), stops_b, perhaps_b))) AS ends\n"
     "FROM (" SIDE("a") ") AS a\n"
     "ALL INNER JOIN (" SIDE("b") ") AS b USING (flow_id, association)\n"
     "WHERE sensor_a != sensor_b\n"
     "    AND 2 * (least(last_ns_a, last_ns_b) - greatest(first_ns_a, first_ns_b))\n"
     "        >= least(last_ns_a - first_ns_a, last_ns_b - first_ns_b) - 500000000\n"
     "    AND first_a <= last_b AND first_b <= last_a"},
    {"lost_where",
     "Where the SAs that two sensors saw were lost, for each order of the two: before A, between A\n"
     "-- and B (with what B never got at the end), or only at A. See gapwatch-compare(1).",
     "SELECT flow_id, association, sensor_a, sensor_b, toDateTime(intDiv(first_ns_a, 1000000000), 'UTC') AS since,\n"
     "    toDateTime(intDiv(last_ns_a, 1000000000), 'UTC') AS until,\n"
     "    greatest(0, end_both - start + 1) - at_both - at_a - at_b AS passed_both,\n"
     "    at_both + behind_b + behind_a AS lost_before_a, at_b + lost_tail AS lost_between,\n"
     "    greatest(0, end_a - end_both) - behind_b AS lost_tail, perhaps AS lost_undetermined,\n"
     "    at_a + greatest(0, end_b - end_both) - behind_a AS missed_by_a\n"
     "FROM (SELECT flow_id, association, sensor_a, sensor_b, first_ns_a, last_ns_a, start, end_a,\n"
     "        end_b, end_both, arrayMap(x -> tupleElement(x, 1), ends) AS places,\n"
     "        arrayPushBack(arrayPopFront(places), toInt64(0)) AS next_places,\n"
     "        arrayCumSum(arrayMap(x -> tupleElement(x, 2), ends)) AS weights,\n"
     "        " COUNT(BOTH, "start", "end_both") " AS at_both,\n"
     "        greatest(0, " COUNT("(" A_ALONE ")", "start", "end_both") " - of_these_came_a) AS at_a,\n"
     "        greatest(0, " COUNT(B_ALONE, "start", "end_both") " - of_these_came_b) AS at_b,\n"
     "        " COUNT("(" B_PERHAPS ")", "start", "end_both") " AS perhaps,\n"
     "        " COUNT("(" A_ALONE ")", "(end_both + 1)", "end_a") " AS behind_b,\n"
     "        " COUNT(B_ALONE, "(end_both + 1)", "end_b") " AS behind_a\n"
     "    FROM sas_at_both)"},
    {"delays_now",
     "How long the SAs that two sensors saw in the last hour took from A to B, by the clocks there, for\n"
     "-- each order of the two.",
     "SELECT flow_id, association, sensor_a, sensor_b,\n"
     "    toDateTime(intDiv(first_ns_a, 1000000000), 'UTC') AS since, samples,\n"
     "    delays[1] / 1000000 AS delay_min_ms,\n"
     "    arraySum(arrayMap(x -> x - delays[1], delays)) / samples / 1000000 + delay_min_ms\n"
     "        AS delay_mean_ms,\n"
     "    " PERCENTILE("50") ",\n    " PERCENTILE("95") ",\n    " PERCENTILE("99") "\n"
     "FROM (SELECT flow_id, association, sensor_a, sensor_b, first_ns_a, count() AS samples,\n"
     "        arraySort(groupArray(ns_b - ns_a)) AS delays\n"
     "    FROM (SELECT flow_id, association, sensor_a, sensor_b, store_b, capture_b, generation_b,\n"
     "            first_ns_a, number, ns_a\n"
     "        FROM (" SAMPLES("a") ") AS a\n"
     "        ALL INNER JOIN (SELECT flow_id, association, sensor_a, store_a, capture_a,\n"
     "            generation_a, sensor_b, store_b, capture_b, generation_b, first_ns_a, start\n"
     "            FROM sas_at_both) AS p\n"
     "        USING (sensor_a, store_a, capture_a, flow_id, generation_a)\n"
     "        WHERE number >= start) AS s\n"
     "    ALL INNER JOIN (" SAMPLES("b") ") AS b\n"
     "    USING (sensor_b, store_b, capture_b, flow_id, generation_b, number)\n"
     "    GROUP BY flow_id, association, sensor_a, sensor_b, first_ns_a)"},
    {"near_exhaustion", "SAs that go on and have used three quarters of their 32-bit numbers.",
     "SELECT sensor, flow_id, association, generation, last_sequence,\n"
     "    last_sequence / 4294967296 AS used, time AS newest\n"
     "FROM sas FINAL WHERE ended = 0 AND last_sequence >= 3221225472\n"
     "    AND last_sequence < 4294967296 ORDER BY last_sequence DESC"},
    {"silent_sensors", "Sensors whose running captures wrote nothing for a minute.",
     "SELECT sensor, max(time) AS newest, now() - max(time) AS seconds\n"
     "FROM captures FINAL WHERE method != 'file' AND isNull(ended)\n"
     "GROUP BY sensor HAVING seconds > 60 ORDER BY seconds DESC"},
};
/* clang-format on */

const size_t view_count = sizeof(views) / sizeof(views[0]);
