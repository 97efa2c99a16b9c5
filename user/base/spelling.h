/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Finds what a user probably meant by an unknown word. */
#ifndef GAPWATCH_BASE_SPELLING_H
#define GAPWATCH_BASE_SPELLING_H

/* Whether WORD differs from KNOWN in at most one character that is missing, added, wrong or swapped
 * with the next one, or in at most two when KNOWN has seven characters or more. The case of letters
 * does not count. */
int is_misspelt(const char *word, const char *known);

#endif
