/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Lists of names, separated by commas, each of which stands for bits of a set. */
#ifndef GAPWATCH_OPTIONS_SET_H
#define GAPWATCH_OPTIONS_SET_H

#include <stdint.h>

#include "base/error.h"

/* Sets *BITS to the bits of NAME. Returns 0, or -1: there is no such name. */
typedef int set_member(const char *name, uint32_t *bits);

/* Sets *BITS to what LIST names. Returns 0, or -1: a part of it is not a name that NAMED knows. */
int set_of_list(const char *list, set_member *named, uint32_t *bits);

/* Sets ERROR for a LIST of OPTION that set_of_list() refused: names its first wrong part, and the
 * name it may be a misspelling of. KNOWN has all names, with ", " between them. Returns -1. */
int set_refuse(const char *option, const char *list, set_member *named, const char *known,
               struct error *error);

#endif
