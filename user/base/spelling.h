/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What somebody may have meant who wrote a word that is not known. */
#ifndef GAPWATCH_BASE_SPELLING_H
#define GAPWATCH_BASE_SPELLING_H

/* Whether WORD is KNOWN but for one character that is missing, added, wrong, or has changed places
 * with its neighbour; in long words two. */
int is_misspelt(const char *word, const char *known);

#endif
