/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The operands of `gapwatch capture IFACE[,IFACE...] [DB] [METHOD]`. */
#ifndef GAPWATCH_COMMAND_CAPTURE_WORDS_H
#define GAPWATCH_COMMAND_CAPTURE_WORDS_H

#include "options/options.h"

/*
 * Sets interfaces, database, method and protocols in OPTIONS from its operands, as far as they are
 * not given as options. The words behind the interfaces may be in any order, because each shows
 * what it is; a word that may be a typo is not taken for a database. Returns 0, or -1 with ERROR
 * set: wrong usage.
 */
int capture_take_words(struct options *options, struct error *error);

#endif
