/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The only list of figures. flow.def, sa.def, peers.def, gap.def, event.def, interval.def,
 * capture.def, comparison.def, compared_sa.def and compared_delay.def have one line for each
 * figure. The columns of the database and the code that writes them, the JSON report, the answers
 * of the API, openapi.json, and the tables of the manual are made from these lines. To add a
 * figure, add one line at the end of its table.
 *
 *   FIGURE(name, type, unit, null, value, meaning)
 *
 *   name      the same in SQL, JSON and the API
 *   type      one of FIGURE_TYPES, below
 *   unit      for the documentation; none: the type is enough
 *   null      when the figure has no value: one of FIGURE_NULLS
 *   value     a C expression; FIGURE_NULL, NAN, NULL, or a size or id of 0 mean no value
 *   meaning   for the documentation, in Markdown
 *
 * Some lines begin with another word than FIGURE: KEY, when the value of a row never changes;
 * STORED, when only the database and the API have the figure; ROWID, for the number that SQLite
 * gives a row; capture.def and compared_sa.def have more. SINCE(version) stands before the columns
 * that a version of the schema added: rows of older databases have no value for them.
 *
 * To read a table, define FIGURE, and the other words that need different treatment, and include
 * the file.
 */
#ifndef GAPWATCH_FIGURES_TABLE_H
#define GAPWATCH_FIGURES_TABLE_H

#include <stddef.h>
#include <stdint.h>

/* Means "no value" in an unsigned figure. */
#define FIGURE_NULL UINT64_MAX

/* clang-format off */
/*      type      documentation   C             SQL                      JSON */
#define FIGURE_TYPES(ROW) \
    ROW(COUNT,    "number")       /* uint64_t      INTEGER                  number */ \
    ROW(SIZE,     "number")       /* the same, but never 0 */ \
    ROW(NUMBER,   "number")       /* uint64_t      INTEGER                  number, or a string above 2^53 */ \
    ROW(ID,       "number")       /* int64_t       INTEGER: a row's number */ \
    ROW(FLAG,     "true or false") /* int          INTEGER, 0 or 1          boolean */ \
    ROW(RATIO,    "0 to 1")       /* double        REAL                     number */ \
    ROW(REAL,     "number")       /* double        REAL, not negative       number */ \
    ROW(DIFFERENCE, "number")     /* double        REAL, of any sign        number */ \
    ROW(SECONDS,  "number")       /* uint64_t, ns  REAL, in seconds         number */ \
    ROW(MS,       "number")       /* uint64_t, ns  REAL, in milliseconds    number */ \
    ROW(TIME,     "time")         /* uint64_t, ns  TEXT, RFC 3339           string */ \
    ROW(TEXT,     "text")         /* const char *  TEXT                     string */ \
    ROW(PROTOCOL, "text")         /* one of the table of protocols */ \
    ROW(CAUSE,    "text")         /* network, undetermined */ \
    ROW(VIEW,     "text")         /* possible */ \
    ROW(CERTAINTY, "text")        /* certain, probable */ \
    ROW(DIRECTION, "text")        /* a_to_b, b_to_a */ \
    ROW(KIND,     "text")         /* of an event */ \
    ROW(JSON,     "object")       /* const char *  TEXT that is JSON        object */

/*      rule        when there is no value, in the documentation */
#define FIGURE_NULLS(ROW) \
    ROW(NEVER,      "") \
    ROW(AT_0,       "") /* not even in rows of older databases, where it is 0 or empty */ \
    ROW(NO_NUMBERS, "without sequence numbers") \
    ROW(NO_MKA,     "when no MKA was seen") \
    ROW(NO_GAP,     "without a gap") \
    ROW(NO_TIME,    "when no time passed") \
    ROW(NO_FRAME,   "without frames") \
    ROW(NO_FLOW,    "when it belongs to no flow") \
    ROW(ONE_FRAME,  "with fewer than two frames") \
    ROW(SENDS,      "while the flow is active") \
    ROW(USUAL,      "otherwise") \
    ROW(IN_ORDER,   "when all were in order") \
    ROW(TOO_FAR,    "without sequence numbers, or when 65,536 would be too small") \
    ROW(NO_PORTS,   "without ports, or when they are not known") \
    ROW(NOT_SOON,   "when that is not within 30 days, or the number is known to have 64 bits") \
    ROW(UNKNOWN,    "if unknown") \
    ROW(NO_DELAY,   "when no frame's time is known at both sides") \
    ROW(ONE_WAY,    "unless there are such frames of both directions") \
    ROW(NO_STEP,    "when there was no step") \
    ROW(NOTHING,    "when nothing was received or lost") \
    ROW(RUNNING,    "while it runs, or if it was killed")
/* clang-format on */

enum figure_type {
#define ROW(type, said) FIGURE_##type,
    FIGURE_TYPES(ROW)
#undef ROW
};

struct figure {
    const char *name;
    enum figure_type type;
};

/* The figures of one .def file that the API answers with. */
struct figure_table {
    const struct figure *figures;
    size_t count;
    const char *columns; /* their names, as in SELECT */
};

extern const struct figure_table flow_figures_table;
extern const struct figure_table sa_figures_table;
extern const struct figure_table peers_figures_table;
extern const struct figure_table gap_figures_table;
extern const struct figure_table event_figures_table;
extern const struct figure_table interval_figures_table;
extern const struct figure_table capture_figures_table;
extern const struct figure_table total_figures_table;
extern const struct figure_table comparison_figures_table;
extern const struct figure_table compared_sa_figures_table;
extern const struct figure_table compared_delay_figures_table;

#endif
