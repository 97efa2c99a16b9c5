/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "ship/views.h"

#include "ship/numbers.h"
#include "ship/pair.h"
#include "ship/where.h"

/* What is told of the delays D, whose count is N, sorted. */
#define PERCENTILE(percent)                                                                        \
    "delays[intDiv(samples * " percent " + 99, 100)] / 1000000 AS delay_p" percent "_ms"

/* Samples of the last hour, the earliest of each number, which is called AS. */
#define SAMPLES(side, as)                                                                          \
    "SELECT sensor AS sensor_" side ", store AS store_" side ", capture_id AS capture_" side       \
    ", flow_id,\n        generation AS generation_" side ", number AS " as                         \
    ", toInt64(min(timestamp_ns)) AS ns_" side "\n    FROM samples FINAL "                         \
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
     where_watched},
    {"sas_alike",
     "SAs of one flow and association at two sensors, for each order of the two, with the offset of the\n"
     "-- clocks if they are the same: the least delay of a sample that both took. `shift` is added to\n"
     "-- B's numbers, when it began behind a wraparound.",
     pair_alike},
    {"clock_offsets",
     "By how much B's clock is ahead of A's, with the delay between them: most samples agree with it.",
     pair_clocks},
    {"sas_at_both",
     "SAs that two sensors saw, for each order of the two: those of which most samples agree. They are\n"
     "-- compared from `start` to `end_a` and `end_b`.",
     pair_at_both},
    {"lost_where",
     "Where the SAs that two sensors saw were lost, for each order of the two: before A, between A\n"
     "-- and B (with what B never got at the end), or only at A. See gapwatch-compare(1).",
     where_lost},
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
     "            first_ns_a, toUInt64(number_a - shift) AS number, ns_a\n"
     "        FROM (" SAMPLES("a", "number_a") ") AS a\n"
     "        ALL INNER JOIN (SELECT flow_id, association, sensor_a, store_a, capture_a,\n"
     "            generation_a, sensor_b, store_b, capture_b, generation_b, shift, first_ns_a,\n"
     "            start\n"
     "            FROM sas_at_both) AS p\n"
     "        USING (sensor_a, store_a, capture_a, flow_id, generation_a)\n"
     "        WHERE number_a >= start) AS s\n"
     "    ALL INNER JOIN (" SAMPLES("b", "number") ") AS b\n"
     "    USING (sensor_b, store_b, capture_b, flow_id, generation_b, number)\n"
     "    GROUP BY flow_id, association, sensor_a, sensor_b, first_ns_a)"},
    {"near_exhaustion", "SAs that go on and have used three quarters of their 32-bit numbers.",
     "SELECT sensor, flow_id, association, generation, last_sequence,\n"
     "    last_sequence / 4294967296 AS used, time AS newest\n"
     "FROM sas FINAL WHERE ended = 0 AND last_sequence >= 3221225472\n"
     "    AND last_sequence < 4294967296 AND wraparounds = 0\n"
     "    AND " NUMBER_BITS " = 32\n"
     "ORDER BY last_sequence DESC"},
    {"silent_sensors",
     "Sensors whose running captures wrote nothing for a minute. A capture that was killed runs no more\n"
     "-- when its sensor has begun a later one.",
     "SELECT sensor, max(written) AS newest, now() - newest AS seconds\n"
     "FROM (SELECT sensor, argMax(time, id) AS written, argMax(isNull(ended), id) AS runs\n"
     "    FROM captures FINAL WHERE method != 'file' GROUP BY sensor, store, source, method)\n"
     "WHERE runs GROUP BY sensor HAVING seconds > 60 ORDER BY seconds DESC"},
};
/* clang-format on */

const size_t view_count = sizeof(views) / sizeof(views[0]);
