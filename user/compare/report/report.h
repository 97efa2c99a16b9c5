/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The report of a comparison, as text and as JSON. */
#ifndef GAPWATCH_COMPARE_REPORT_REPORT_H
#define GAPWATCH_COMPARE_REPORT_REPORT_H

#include <stdio.h>

#include "compare/comparison.h"

/* Writes the text report to TO. It shows the SAs with the most loss. */
void comparison_write_text(const struct comparison *comparison, FILE *to);

/* Writes everything to TO as one JSON object. */
void comparison_write_json(const struct comparison *comparison, FILE *to);

/* --- common to text and JSON --- */

/* The SA as the first point saw it, or else as the second did. */
const struct sa_change *compared_identity(const struct compared_sa *sa);

/* The name of WAY in JSON and SQL ("a_to_b"). */
const char *way_name(enum way way);

/* The offset of B's clock to A's with which the smallest delay in COMPARISON is 0, in milliseconds;
 * NAN when no delay is known. */
double comparison_offset_ms(const struct comparison *comparison);

/* The offset of B's clock in COMPARISON, in milliseconds, if both ways take equally long. It is
 * wrong by comparison_offset_bound_ms() at most. NAN without delays of both ways, or if their sum
 * is negative, as after a clock was set. */
double comparison_offset_estimate_ms(const struct comparison *comparison);

/* Half of the sum of the smallest delays of both ways in COMPARISON, in milliseconds; NAN
 * as comparison_offset_estimate_ms(). */
double comparison_offset_bound_ms(const struct comparison *comparison);

/* Whether the smallest delay of a way in COMPARISON is negative, which no frame can have: the
 * clocks differ, or A and B changed places. */
int comparison_has_negative_delay(const struct comparison *comparison);

#endif
