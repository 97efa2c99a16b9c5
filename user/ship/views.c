/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "ship/views.h"

/* A gap of one sensor, to be compared with those of another. The gaps of a flow at one sensor do
 * not overlap, so overlaps add up to the numbers that neither sensor got. */
#define GAPS_AT(side)                                                                              \
    "SELECT sensor AS sensor_" side ", flow_id, first_number AS first_" side                       \
    ", last_number AS last_" side " FROM sequence_gaps FINAL WHERE withdrawn = 0"

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
    {"gaps_at_both",
     "Numbers of a flow that are missing at both of two sensors, for each order of the two.",
     "SELECT flow_id, sensor_a, sensor_b, sum(least(last_a, last_b) - greatest(first_a, first_b) "
     "+ 1) AS missing\n"
     "FROM (" GAPS_AT(
         "a") ")\n"
              "ALL INNER JOIN (" GAPS_AT(
                  "b") ") USING (flow_id)\n"
                       "WHERE sensor_a != sensor_b AND first_a <= last_b AND first_b <= last_a\n"
                       "GROUP BY flow_id, sensor_a, sensor_b"},
    {"flow_losses",
     "The numbers of each flow that each sensor misses, and its first and last ones.",
     "SELECT sensor, flow_id, sum(total_lost_packets) AS lost, min(first_sequence) AS first,\n"
     "    max(last_sequence) AS last, min(time) AS since, max(time) AS until, count() AS sas\n"
     "FROM sas FINAL GROUP BY sensor, flow_id"},
    {"gaps_in_tail",
     "Numbers of a flow that are missing at A behind the last one that B got, for each order of "
     "two "
     "sensors.",
     "SELECT flow_id, sensor_a, sensor_b, sum(last_a - greatest(first_a, last_b + 1) + 1) AS "
     "missing_in_tail\n"
     "FROM (" GAPS_AT("a") ")\n"
                           "ALL INNER JOIN (SELECT sensor AS sensor_b, flow_id, last AS last_b "
                           "FROM flow_losses) USING "
                           "(flow_id)\n"
                           "WHERE sensor_a != sensor_b AND last_a > last_b GROUP BY flow_id, "
                           "sensor_a, sensor_b"},
    {"lost_where",
     "Where flows that two sensors see were lost, for each order of the two: before A, between A "
     "and B\n-- (with what B never got at the end), or only at A. For flows with one SA.",
     "SELECT flow_id, sensor_a, sensor_b, at_both + in_tail AS lost_before_a,\n"
     "    lost_b - at_both + after_b - in_tail AS lost_between, after_b - in_tail AS lost_tail,\n"
     "    lost_a - at_both - in_tail AS missed_by_a\n"
     "FROM (\n"
     "    SELECT flow_id, sensor_a, sensor_b, lost_a, lost_b, after_b, at_both,\n"
     "        ifNull(missing_in_tail, 0) AS in_tail\n"
     "    FROM (\n"
     "    SELECT flow_id, sensor_a, sensor_b, lost_a, lost_b, after_b, ifNull(missing, 0) AS "
     "at_both\n"
     "    FROM (\n"
     "        SELECT flow_id, sensor_a, sensor_b, lost_a, lost_b,\n"
     "            if(last_a > last_b, last_a - last_b, 0) AS after_b\n"
     "        FROM (SELECT sensor AS sensor_a, flow_id, lost AS lost_a, last AS last_a FROM "
     "flow_losses WHERE sas = 1)\n"
     "        ALL INNER JOIN (SELECT sensor AS sensor_b, flow_id, lost AS lost_b, last AS last_b "
     "FROM flow_losses WHERE sas = 1) USING (flow_id)\n"
     "        WHERE sensor_a != sensor_b\n"
     "    ) ALL LEFT JOIN gaps_at_both USING (flow_id, sensor_a, sensor_b)\n"
     "    ) ALL LEFT JOIN gaps_in_tail USING (flow_id, sensor_a, sensor_b)\n"
     ")"},
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

const size_t view_count = sizeof(views) / sizeof(views[0]);
