/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "ship/pair.h"

/* Sensors' clocks may differ by as much. */
#define CLOCKS_NS "7200000000000"

/* A time that never comes. */
#define NEVER_NS "4611686018427387904"

/* --- SAs that may be the same --- */

/* The columns of an SA: what it is, with its side's name, and what is numbers THERE. */
#define SIDE(side, there)                                                                          \
    "SELECT flow_id, association, bits, sensor AS sensor_" side ", store AS store_" side           \
    ",\n                capture_id AS capture_" side ", generation AS generation_" side            \
    ", first AS first_" there ", last AS last_" there                                              \
    ",\n                first_ns AS first_ns_" side ", last_ns AS last_ns_" side                   \
    ", since_ns AS since_ns_" side ", until_ns AS until_ns_" side                                  \
    ",\n                tail_ns AS tail_ns_" side ", is_new AS is_new_" side                       \
    ", begins_with AS begins_with_" there ", reach AS reach_" side                                 \
    ",\n                reordered_by AS reordered_by_" side ", early AS early_" side               \
    ", missing AS missing_" there ", numbers AS numbers_" there                                    \
    ",\n                times AS times_" side " FROM watched_sas"

/* How many numbers both have when SHIFT is added to B's. */
#define COMMON(shift)                                                                              \
    "least(last_a, last_of_b + " shift ") - greatest(first_a, first_of_b + " shift ")"

/* An array and its next members: without the last one, and without the first one. */
#define BESIDE(array) "arrayPopBack(" array "), arrayPopFront(" array ")"

/* The samples of SIDE with the ends of its SA: the numbers, and their times. */
#define NUMBERS(side)                                                                              \
    "arrayPushBack(arrayPushFront(numbers_" side ", first_" side "), last_" side ")"
#define TIMES(side)                                                                                \
    "arrayPushBack(arrayPushFront(times_" side ", first_ns_" side "), last_ns_" side ")"

/* The place among these of the last one in front of the first sample that IS so. */
#define IN_FRONT(side, samples, is)                                                                \
    "if(arrayExists(x -> " is ", " samples "_" side "), arrayFirstIndex(x -> " is ", " samples     \
    "_" side "), length(" samples "_" side ") + 1)"

/* About when SIDE's number COMMON came, between the samples in front of it and behind it. */
#define TIME_OF_COMMON(side)                                                                       \
    "if(" NUMBERS(side) "[place_" side " + 1] <= " NUMBERS(side) "[place_" side "], " TIMES(       \
        side) "[place_" side                                                                       \
              " + 1],\n        " TIMES(side) "[place_" side "] + toInt64((" TIMES(                 \
                  side) "[place_" side                                                             \
                        " + 1] - " TIMES(side) "[place_" side                                      \
                                               "])\n            * (common - " NUMBERS(             \
                                                   side) "[place_" side                            \
                                                         "]) / (" NUMBERS(                         \
                                                             side) "[place_" side                  \
                                                                   " + 1] - " NUMBERS(             \
                                                                       side) "[place_" side "])))"

/* The gaps of SIDE from START on. */
#define GAPS_FROM(side) "arrayFilter(x -> tupleElement(x, 1) >= later_first, missing_" side ")"

/* How many samples of SIDE lie between those of OTHER. */
#define BETWEEN(side, other)                                                                       \
    "arrayCount((x, y, z) -> x >= y AND x <= z, numbers_" side ",\n            arrayResize("       \
    "emptyArrayInt64(), length(numbers_" side "), numbers_" other "[1]),\n            "            \
    "arrayResize(emptyArrayInt64(), length(numbers_" side "), numbers_" other "[-1]))"

/* clang-format off */
const char pair_alike[] =
    "SELECT *,\n"
    "    if(hits = 0, 0.001, probes * pow(hits / probes, 8))\n"
    "        + if(same >= 4 AND same > 2 * chance, same - chance, 0) AS weight,\n"
    "    if(hits = 0, " TIME_OF_COMMON("b") "\n"
    "        - " TIME_OF_COMMON("a") ",\n"
    "        arrayReduce('min', delays)) AS offset_ns\n"
    "FROM (SELECT *, length(delays) AS hits,\n"
    "        if(length(numbers_b) <= length(numbers_a), " BETWEEN("b", "a") ",\n"
    "            " BETWEEN("a", "b") ") AS probes,\n"
    "        arraySum((x, y, z, w) -> x = y AND z = w, " BESIDE("gap_firsts") ",\n"
    "            " BESIDE("gap_ends") ") AS same,\n"
    "        least(later_a[-1], later_b[-1]) AS last_gap,\n"
    "        arrayCount(x -> x <= last_gap, later_a) * arrayCount(x -> x <= last_gap, later_b)\n"
    "            / (last_gap - later_first + 1) AS chance,\n"
    "        " IN_FRONT("a", "numbers", "x >= common") " AS place_a,\n"
    "        " IN_FRONT("b", "numbers", "x >= common") " AS place_b\n"
    "    FROM (SELECT *,\n"
    "            arrayFilter((d, x, y) -> x = y, arrayMap((x, y) -> y - x, " BESIDE("moments") "),\n"
    "                " BESIDE("places") ") AS delays,\n"
    "            arrayMap(x -> tupleElement(x, 1), gaps) AS gap_firsts,\n"
    "            arrayMap(x -> tupleElement(x, 2), gaps) AS gap_ends\n"
    "        FROM (SELECT *,\n"
    "                arrayMap(x -> tupleElement(x, 1), seen_at_both) AS places,\n"
    "                arrayMap(x -> tupleElement(x, 3), seen_at_both) AS moments,\n"
    "                arrayMap(x -> tupleElement(x, 1), " GAPS_FROM("a") ") AS later_a,\n"
    "                arrayMap(x -> tupleElement(x, 1), " GAPS_FROM("b") ") AS later_b,\n"
    "                arraySort(arrayMap(x -> (tupleElement(x, 1), tupleElement(x, 2)),\n"
    "                    arrayConcat(" GAPS_FROM("a") ", " GAPS_FROM("b") "))) AS gaps\n"
    "            FROM (SELECT *,\n"
    "                    arraySort(arrayConcat(arrayMap((x, y) -> (x, 1, y), numbers_a, times_a),\n"
    "                        arrayMap((x, y) -> (x, 2, y), numbers_b, times_b))) AS seen_at_both,\n"
    "                    least(last_a, last_b) AS common,\n"
    "                    greatest(first_a, first_b) AS later_first\n"
    "                FROM (SELECT *, first_of_b + shift AS first_b, last_of_b + shift AS last_b,\n"
    "                        begins_with_of_b + shift AS begins_with_b,\n"
    "                        arrayMap(x -> x + shift, numbers_of_b) AS numbers_b,\n"
    "                        arrayMap(x -> (tupleElement(x, 1) + shift, tupleElement(x, 2) + shift,\n"
    "                            tupleElement(x, 3), tupleElement(x, 4)), missing_of_b) AS missing_b\n"
    "                    FROM (SELECT *,\n"
    "            if(bits = 32, toInt64(ceil((first_a - last_of_b) / 4294967296)) * 4294967296, 0) AS least_shift,\n"
    "            least_shift + if(bits = 32 AND " COMMON("(least_shift + 4294967296)") "\n"
    "                > " COMMON("least_shift") ", 4294967296, 0) AS shift\n"
    "        FROM (" SIDE("a", "a") ") AS a\n"
    "        ALL INNER JOIN (" SIDE("b", "of_b") ") AS b USING (flow_id, association, bits)\n"
    "        WHERE sensor_a != sensor_b\n"
    "            AND greatest(first_ns_a, first_ns_b) - least(last_ns_a, last_ns_b) <= " CLOCKS_NS "\n"
    "            AND " COMMON("shift") " >= 0))))))";
/* clang-format on */

/* --- the offset of the clocks --- */

/* From the offsets and weights of FROM, those from the first on of which most weight lies within
 * WIDTH; when several are as good, from the one nearest to 0. */
#define HEAVIEST(width, from)                                                                      \
    "SELECT *, arrayFilter((x, y) -> x >= y AND x <= y + " width ", all_offsets,\n        "        \
    "arrayResize(emptyArrayInt64(), length(all_offsets), lowest)) AS offsets,\n    "               \
    "arrayFilter((w, x, y) -> x >= y AND x <= y + " width ", all_weights, all_offsets,\n        "  \
    "arrayResize(emptyArrayInt64(), length(all_offsets), lowest)) AS weights\n"                    \
    "FROM (SELECT " BOTH_CAPTURES ", all_offsets, all_weights,\n"                                  \
    "    arraySort(x -> abs(x), arrayFilter((x, y, z, w) -> y = 1 AND z >= w * (1 - 1e-9),\n"      \
    "        arrayMap(x -> -tupleElement(x, 1), sweep), arrayMap(x -> tupleElement(x, 2), sweep)," \
    "\n        sums, arrayResize(emptyArrayFloat64(), length(sums), most)))[1] AS lowest\n"        \
    "FROM (SELECT *, arrayCumSum(arrayMap(x -> tupleElement(x, 3), sweep)) AS sums,\n"             \
    "    arrayReduce('max', sums) AS most\n"                                                       \
    "FROM (SELECT " BOTH_CAPTURES ", offsets AS all_offsets, weights AS all_weights,\n"            \
    "    arraySort(arrayConcat(arrayMap((x, y) -> (-x, 1, y), offsets, weights),\n"                \
    "        arrayMap((x, y) -> (" width " - x, 2, -y), offsets, weights))) AS sweep\n"            \
    "FROM (" from "))))"

#define BOTH_CAPTURES "sensor_a, store_a, capture_a, sensor_b, store_b, capture_b"

#define CANDIDATES                                                                                 \
    "SELECT " BOTH_CAPTURES ", groupArray(offset_ns) AS offsets, groupArray(weight) AS weights\n"  \
    "FROM sas_alike GROUP BY " BOTH_CAPTURES

const char pair_clocks[] = "SELECT " BOTH_CAPTURES ", arrayReduce('min', offsets) AS clock_ns\n"
                           "FROM (" HEAVIEST("20000000", HEAVIEST("1000000000", CANDIDATES)) ")";

/* --- side by side --- */

/* Whether SIDE did not watch for most of the time of OTHER's SA, with clocks that differ. */
#define IS_UNWATCHED(side, other, clock)                                                           \
    "least(last_ns_" other clock ", until_ns_" side ") - greatest(first_ns_" other clock           \
    ", since_ns_" side ")\n        < greatest(0, intDiv(last_ns_" other " - first_ns_" other       \
    ", 2))"

/* Least and largest delay of these, as far as they are not those of a clock that was set. */
#define LEAST(delays)                                                                              \
    "if(hits = 0 OR arrayReduce('min', " delays ") - offset_ns < 10000000, offset_ns, "            \
    "arrayReduce('min', " delays "))"
#define MOST(delays, least)                                                                        \
    "if(hits = 0, " least ", least(" least " + 1000000000, arrayReduce('max', " delays ")))"
#define FIRST_OF(count) "arraySlice(delays, 1, " count ")"
#define LAST_OF(count)                                                                             \
    "arraySlice(delays, greatest(1, toInt64(length(delays)) - " count " + 1), " count ")"

/* The highest number of SIDE that came by TIME, from its samples and its ends: where that lies, and
 * what it is. */
#define PLACE_BY(time, side)                                                                       \
    IN_FRONT(side, "times", "x > " time)                                                           \
    " AS place_" time ",\n    "                                                                    \
    "arrayReduce('max', arraySlice(" TIMES(side) ", 1, place_" time ")) AS time_" time
#define BEFORE(time, side)                                                                         \
    "arrayReduce('max', arrayFilter((x, y) -> y = time_" time                                      \
    ", arraySlice(" NUMBERS(side) ", 1, place_" time                                               \
                                  "),\n        arraySlice(" TIMES(side) ", 1, place_" time         \
                                                                        "))) AS number_" time
#define NUMBER_BY(time, side)                                                                      \
    "multiIf(" time " < first_ns_" side ", first_" side " - 1, " time " >= last_ns_" side          \
    ", last_" side ",\n        " TIMES(side) "[place_" time " + 1] <= time_" time " OR " NUMBERS(  \
        side) "[place_" time " + 1] <= number_" time ", number_" time ",\n        number_" time    \
              " + toInt64(floor(toFloat64(" NUMBERS(                                               \
                  side) "[place_" time " + 1] - number_" time ")\n            * toFloat64(" time   \
                        " - time_" time ") / toFloat64(" TIMES(side) "[place_" time                \
                                                                     " + 1] - time_" time "))))"

/* When SIDE's sensor began in the middle of an SA, frames may have passed before, and so overtaken
 * its first one. Its gaps below this number may be of these. */
#define UNWATCHED(side, other, time)                                                               \
    "if(is_whole, start, 1 + least(first_" side " + reach_" side                                   \
    ", " NUMBER_BY(time, other) "\n        + if(first_" other " + reach_" side " < first_" side    \
                                ", reordered_by_" side ", 0))) AS unwatched_" side

/* clang-format off */
const char pair_at_both[] =
    "SELECT *, least(end_a, end_b) AS end_both\n"
    "FROM (SELECT flow_id, association, sensor_a, store_a, capture_a, generation_a, sensor_b, store_b,\n"
    "    capture_b, generation_b, shift, offset_ns, first_ns_a, last_ns_a, first_a, first_b, early_a,\n"
    "    early_b, missing_a, missing_b, is_whole, start,\n"
    "    greatest(common, " NUMBER_BY("until_a", "a") ") AS end_a,\n"
    "    greatest(common, " NUMBER_BY("until_b", "b") ") AS end_b,\n"
    "    " UNWATCHED("a", "b", "from_b") ",\n"
    "    " UNWATCHED("b", "a", "from_a") "\n"
    "FROM (SELECT *,\n"
    "    " BEFORE("from_a", "a") ",\n    " BEFORE("from_b", "b") ",\n"
    "    " BEFORE("until_a", "a") ",\n    " BEFORE("until_b", "b") "\n"
    "FROM (SELECT *,\n"
    "    " PLACE_BY("from_a", "a") ",\n    " PLACE_BY("from_b", "b") ",\n"
    "    " PLACE_BY("until_a", "a") ",\n    " PLACE_BY("until_b", "b") "\n"
    "FROM (SELECT *,\n"
    "    first_ns_a + start_offset_ns >= since_ns_b AND first_ns_b - start_offset_ns >= since_ns_a\n"
    "        AND (is_new_a OR is_new_b) AS is_whole,\n"
    "    if(is_whole, least(begins_with_a, begins_with_b), later_first) AS start,\n"
    "    since_ns_b - start_offset_ns AS from_a, since_ns_a + start_most_ns AS from_b,\n"
    "    if(until_ns_a + end_offset_ns > until_ns_b + tail_ns_b, until_ns_b - end_most_ns,\n"
    "        toInt64(" NEVER_NS ")) AS until_a,\n"
    "    if(until_ns_b - end_offset_ns > until_ns_a + tail_ns_a, until_ns_a + end_offset_ns,\n"
    "        toInt64(" NEVER_NS ")) AS until_b\n"
    "FROM (SELECT *,\n"
    "    " MOST(FIRST_OF("1024"), "start_offset_ns") " AS start_most_ns,\n"
    "    " MOST(LAST_OF("1024"), "end_offset_ns") " AS end_most_ns\n"
    "FROM (SELECT *,\n"
    "    " LEAST(FIRST_OF("16")) " AS start_offset_ns,\n"
    "    " LEAST(LAST_OF("16")) " AS end_offset_ns\n"
    "FROM (SELECT *, (abs(offset_ns - clock_ns) <= 1000000000)\n"
    "        + (abs(offset_ns - clock_ns) <= 20000000) AS agrees\n"
    "    FROM (SELECT * FROM sas_alike) AS s\n"
    "    ALL INNER JOIN (SELECT * FROM clock_offsets) AS c USING (" BOTH_CAPTURES ")\n"
    "    WHERE agrees > 0 OR 2 * weight > greatest(length(numbers_a), length(numbers_b))\n"
    "        OR NOT (" IS_UNWATCHED("b", "a", " + clock_ns") ")\n"
    "        OR NOT (" IS_UNWATCHED("a", "b", " - clock_ns") ")\n"
    "    ORDER BY agrees DESC, weight DESC\n"
    "    LIMIT 1 BY flow_id, association, sensor_a, store_a, capture_a, generation_a, sensor_b,\n"
    "        store_b, capture_b)\n"
    "ORDER BY agrees DESC, weight DESC\n"
    "LIMIT 1 BY flow_id, association, sensor_b, store_b, capture_b, generation_b, sensor_a,\n"
    "    store_a, capture_a))))))";
/* clang-format on */
