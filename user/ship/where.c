/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "ship/where.h"

#include "ship/numbers.h"
#include "track/sequence/reorder.h"

#define TEXT_OF(value) #value
#define TEXT(value)    TEXT_OF(value)

/* --- the SAs of each sensor --- */

/* Nanoseconds since 1970 of a time that is an RFC 3339 text, or a DateTime64. */
#define NANOSECONDS(time)                                                                          \
    "toInt64(toDateTime(replaceOne(substring(toString(" time "), 1, 19), 'T', ' '), 'UTC')) "      \
    "* 1000000000 + toInt64(substring(toString(" time "), 21, 9))"

#define INTEGER(column) "toInt64(ifNull(" column ", 0))"

/* clang-format off */
const char where_watched[] =
    "SELECT sensor, store, capture_id, flow_id, association, generation, first, last,\n"
    "    first_ns, last_ns, since_ns, until_ns, tail_ns, bits, reach, reordered_by,\n"
    "    arraySort(arrayFilter(x -> tupleElement(x, 1) >= first AND tupleElement(x, 1) <= last, samples)) AS seen,\n"
    "    arrayMap(x -> tupleElement(x, 1), seen) AS numbers, arrayMap(x -> tupleElement(x, 2), seen) AS times,\n"
    "    arrayMap((x, y, z) -> least(x, z) - least(x - y, z), arrayCumSum(late_counts), late_counts,\n"
    "        arrayResize(emptyArrayInt64(), length(late_counts), late)) AS came_late,\n"
    "    arrayMap((x, y) -> (tupleElement(x, 1), tupleElement(x, 2),\n"
    "        tupleElement(x, 2) - tupleElement(x, 1) - y, tupleElement(x, 3)), gaps, came_late) AS missing,\n"
    "    greatest(0, packets - duplicates - late + lost + skipped - (last - first + 1)) AS early,\n"
    "    first >= lowest AND first - lowest < window AS is_near,\n"
    "    first_ns > since_ns AND (generation > 0 OR is_near) AS is_new,\n"
    "    if(is_near, lowest, first) AS begins_with\n"
    "FROM (SELECT *\n"
    "    FROM (SELECT sensor, store, capture_id, flow_id, association, generation, sa, first, last,\n"
    "        packets, duplicates, late, lost, skipped, reach, reordered_by, bits, lowest,\n"
    "        first_ns, last_ns, window, since_ns, until_ns, tail_ns\n"
    "    FROM (SELECT sensor, store, capture_id, flow_id, generation, id AS sa,\n"
    "            assumeNotNull(association) AS association,\n"
    "            toInt64(assumeNotNull(first_sequence)) AS first,\n"
    "            toInt64(assumeNotNull(last_sequence)) AS last,\n"
    "            " INTEGER("packets_received") " AS packets,\n"
    "            " INTEGER("duplicate_packets") " AS duplicates,\n"
    "            " INTEGER("late_packets") " AS late,\n"
    "            " INTEGER("total_lost_packets") " AS lost,\n"
    "            " INTEGER("skipped_numbers") " AS skipped,\n"
    "            " INTEGER("max_reorder_distance") " AS reordered_by,\n"
    "            " INTEGER("recommended_window") " AS advice,\n"
    "            toInt64(multiIf(late = 0, reordered_by, advice > 0, advice,\n"
    "                " TEXT(REPLAY_WINDOW_MAX) ")) AS reach,\n"
    "            " NUMBER_BITS " AS bits, toInt64(" FIRST_NUMBER ") AS lowest,\n"
    "            " NANOSECONDS("assumeNotNull(first_timestamp)") " AS first_ns,\n"
    "            " NANOSECONDS("last_timestamp") " AS last_ns\n"
    "        FROM sas FINAL) AS s\n"
    "    ALL INNER JOIN (SELECT sensor, store, id AS capture_id, assumeNotNull(window) AS window,\n"
    "            assumeNotNull(if(method = 'file', first_timestamp, started)) AS since,\n"
    "            assumeNotNull(ifNull(last_timestamp, updated)) AS newest,\n"
    "            assumeNotNull(multiIf(method = 'file', last_timestamp, isNull(ended),\n"
    "                toNullable(updated), ended)) AS until,\n"
    "            " NANOSECONDS("since") " AS since_ns,\n"
    "            " NANOSECONDS("newest") " AS newest_ns,\n"
    "            " NANOSECONDS("until") " AS told_ns,\n"
    "            if(told_ns < newest_ns + 500000000, newest_ns, told_ns) AS until_ns,\n"
    "            toInt64(assumeNotNull(method = 'file')) * 1000000000 AS tail_ns\n"
    "        FROM captures FINAL) AS c USING (sensor, store, capture_id)) AS w\n"
    "ALL LEFT JOIN (SELECT sensor, store, assumeNotNull(sa_id) AS sa,\n"
    "        arraySort(groupArray((toInt64(assumeNotNull(first_number)),\n"
    "            toInt64(assumeNotNull(last_number)) + 1,\n"
    "            toInt64(assumeNotNull(cause = 'undetermined')),\n"
    "            toInt64(assumeNotNull(late_after))))) AS gaps,\n"
    "        arrayMap(x -> tupleElement(x, 4), gaps) AS late_counts\n"
    "    FROM sequence_gaps FINAL WHERE withdrawn = 0 AND isNotNull(sa_id)\n"
    "    GROUP BY sensor, store, sa_id) AS g USING (sensor, store, sa)) AS v\n"
    "ALL LEFT JOIN (SELECT sensor, store, capture_id, flow_id, generation,\n"
    "        groupArray((number, ns)) AS samples\n"
    "    FROM (SELECT sensor, store, capture_id, flow_id, generation, toInt64(number) AS number,\n"
    "            toInt64(min(timestamp_ns)) AS ns\n"
    "        FROM samples FINAL GROUP BY sensor, store, capture_id, flow_id, generation, number)\n"
    "    GROUP BY sensor, store, capture_id, flow_id, generation) AS t\n"
    "USING (sensor, store, capture_id, flow_id, generation)";
/* clang-format on */

/* --- counted --- */

/* What SIDE missed: (first number, end, how many never came, whether it is undetermined). */
#define ALL(side)                                                                                  \
    "arrayConcat(arrayFilter(x -> tupleElement(x, 2) > start, [(start, first_" side                \
    ",\n            greatest(0, first_" side " - start - early_" side                              \
    "), toInt64(0))]),\n            arrayFilter(x -> tupleElement(x, 2) > start, missing_" side    \
    ")) AS all_" side

/* Where each of these is cut, so that a gap begins behind the unwatched numbers; and what of it
 * never came in front of that, where the late ones are taken to be behind. */
#define CUTS(side)                                                                                 \
    "arrayMap((x, y) -> least(tupleElement(x, 2), greatest(tupleElement(x, 1), y)), all_" side     \
    ",\n            arrayResize(emptyArrayInt64(), length(all_" side "), unwatched_" side          \
    ")) AS cuts_" side ",\n            arrayMap((x, y) -> least(tupleElement(x, 3), y - "          \
    "tupleElement(x, 1)), all_" side ", cuts_" side ") AS below_" side

/* Gaps with the same members, and whether they are unwatched, in the order of numbers. */
#define GAPS(side)                                                                                 \
    "arraySort(arrayFilter(x -> tupleElement(x, 3) > 0, arrayConcat(\n                "            \
    "arrayMap((x, y, z) -> (tupleElement(x, 1), y, z, tupleElement(x, 4), toInt64(1)), all_" side  \
    ", cuts_" side ", below_" side "),\n                "                                          \
    "arrayMap((x, y, z) -> (y, tupleElement(x, 2), tupleElement(x, 3) - z, tupleElement(x, 4), "   \
    "toInt64(0)),\n                    all_" side ", cuts_" side ", below_" side                   \
    ")))) AS gaps_" side

/* How many numbers of gap X never came of those from FROM until before END, one by one or in sum.
 */
#define NEVER(from, end)                                                                           \
    "least(tupleElement(x, 3), greatest(0, least(tupleElement(x, 2), " end                         \
    ") - greatest(tupleElement(x, 1), " from ")))"
#define SUM_NEVER(side, from, end)                                                                 \
    "toInt64(arraySum(arrayMap(x -> " NEVER(from, end) ", gaps_" side ")))"

/* Of each gap of SIDE, how many numbers the other side misses, too: what was shared up to its end,
 * without what was up to its start. The events of SIDE's gaps have the numbers START and STOP. */
#define SHARED(side, start, stop)                                                                  \
    "arrayMap((x, y, z) -> least(" NEVER(                                                          \
        "start", "stop_both") ", z - y), gaps_" side                                               \
                              ",\n            arrayFilter((x, y) -> y = " start ", shared_" side   \
                              "_before, kinds), arrayFilter((x, y) -> y = " stop ", shared_" side  \
                              "_before, kinds)) AS shared_" side

/* clang-format off */
const char where_lost[] =
    "SELECT flow_id, association, sensor_a, sensor_b,\n"
    "    toDateTime(intDiv(first_ns_a, 1000000000), 'UTC') AS since,\n"
    "    toDateTime(intDiv(last_ns_a, 1000000000), 'UTC') AS until,\n"
    "    greatest(0, greatest(0, stop_both - start) - at_both - at_b - missed - unseen_a - unseen_b) AS passed_both,\n"
    "    at_both + behind_a + behind_b AS lost_before_a, at_b + lost_tail AS lost_between,\n"
    "    greatest(0, stop_a - greatest(start, stop_both)) - behind_a AS lost_tail,\n"
    "    lost_undetermined,\n"
    "    missed + greatest(0, stop_b - greatest(start, stop_both)) - behind_b AS missed_by_a\n"
    "FROM (SELECT flow_id, association, sensor_a, sensor_b, first_ns_a, last_ns_a, start, stop_a, stop_b, stop_both,\n"
    "        toInt64(arraySum(shared_b)) AS at_both,\n"
    "        arrayMap((x, y) -> " NEVER("start", "stop_both") " - y, gaps_a, shared_a) AS only_a,\n"
    "        arrayMap((x, y) -> " NEVER("start", "stop_both") " - y, gaps_b, shared_b) AS only_b,\n"
    "        toInt64(arraySum((x, y) -> y * tupleElement(x, 5), gaps_a, only_a)) AS unseen_a,\n"
    "        toInt64(arraySum((x, y) -> y * tupleElement(x, 5), gaps_b, only_b)) AS unseen_b,\n"
    "        toInt64(arraySum(only_b)) - unseen_b AS at_b,\n"
    "        toInt64(arraySum((x, y) -> y * tupleElement(x, 4) * (1 - tupleElement(x, 5)), gaps_b, only_b)) AS lost_undetermined,\n"
    "        greatest(0, " SUM_NEVER("a", "start", "stop_both") " - at_both - unseen_a) AS missed,\n"
    "        " SUM_NEVER("a", "greatest(start, stop_both)", "stop_a") " AS behind_a,\n"
    "        " SUM_NEVER("b", "greatest(start, stop_both)", "stop_b") " AS behind_b\n"
    "    FROM (SELECT flow_id, association, sensor_a, sensor_b, first_ns_a, last_ns_a, start, stop_a,\n"
    "            stop_b, stop_both, gaps_a, gaps_b,\n"
    "            " SHARED("a", "1", "2") ",\n"
    "            " SHARED("b", "3", "4") "\n"
    "        FROM (SELECT flow_id, association, sensor_a, sensor_b, first_ns_a, last_ns_a, start, stop_a,\n"
    "                stop_b, stop_both, gaps_a, gaps_b,\n"
    "                arrayMap(x -> tupleElement(x, 4), events) AS kinds,\n"
    "                arrayMap(x -> tupleElement(x, 1), events) AS places,\n"
    "                arrayResize(arrayPopFront(places), length(places), toInt64(0)) AS next_places,\n"
    "                arrayMap((x, y) -> greatest(0, least(y, stop_both) - greatest(x, start)), places, next_places) AS sizes,\n"
    "                arrayCumSum(arrayMap(x -> tupleElement(x, 2), events)) AS never_a,\n"
    "                arrayCumSum(arrayMap(x -> tupleElement(x, 3), events)) AS never_b,\n"
    "                arrayMap((x, y, z) -> if(y > 0, least(x, z), toInt64(0)), sizes, never_a, never_b) AS of_a,\n"
    "                arrayMap((x, y, z) -> if(y > 0, least(x, z), toInt64(0)), sizes, never_b, never_a) AS of_b,\n"
    "                arrayMap((x, y) -> x - y, arrayCumSum(of_a), of_a) AS shared_a_before,\n"
    "                arrayMap((x, y) -> x - y, arrayCumSum(of_b), of_b) AS shared_b_before\n"
    "            FROM (SELECT flow_id, association, sensor_a, sensor_b, first_ns_a, last_ns_a, start, stop_a,\n"
    "                    stop_b, stop_both, gaps_a, gaps_b,\n"
    "                    arraySort(arrayConcat(\n"
    "                        arrayMap(x -> (tupleElement(x, 1), tupleElement(x, 3), toInt64(0), 1), gaps_a),\n"
    "                        arrayMap(x -> (tupleElement(x, 2), -tupleElement(x, 3), toInt64(0), 2), gaps_a),\n"
    "                        arrayMap(x -> (tupleElement(x, 1), toInt64(0), tupleElement(x, 3), 3), gaps_b),\n"
    "                        arrayMap(x -> (tupleElement(x, 2), toInt64(0), -tupleElement(x, 3), 4), gaps_b))) AS events\n"
    "                FROM (SELECT flow_id, association, sensor_a, sensor_b, first_ns_a, last_ns_a, start,\n"
    "                        stop_a, stop_b, stop_both, " GAPS("a") ",\n"
    "                        " GAPS("b") "\n"
    "                    FROM (SELECT flow_id, association, sensor_a, sensor_b, first_ns_a, last_ns_a,\n"
    "                            start, stop_a, stop_b, stop_both, all_a, all_b,\n"
    "                            " CUTS("a") ",\n"
    "                            " CUTS("b") "\n"
    "                        FROM (SELECT flow_id, association, sensor_a, sensor_b, first_ns_a, last_ns_a, start,\n"
    "                                end_a + 1 AS stop_a, end_b + 1 AS stop_b, end_both + 1 AS stop_both,\n"
    "                                unwatched_a, unwatched_b,\n"
    "                                " ALL("a") ",\n"
    "                                " ALL("b") "\n"
    "                            FROM sas_at_both)))))))\n"
    "WHERE passed_both + lost_between + missed_by_a > 0";
/* clang-format on */
