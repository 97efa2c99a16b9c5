/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Lists of names, separated by commas, each of which stands for bits of a set. */
#ifndef GAPWATCH_OPTIONS_SET_H
#define GAPWATCH_OPTIONS_SET_H

#include <stdint.h>

/* Sets *BITS to what LIST names. NAMED sets its argument to the bits of one name and returns 0, or
 * -1: there is no such name. Returns the same. */
int set_of_list(const char *list, int (*named)(const char *name, uint32_t *bits), uint32_t *bits);

#endif
