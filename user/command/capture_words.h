/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The words of `gapwatch capture IFACE[,IFACE...] [DB] [METHOD]`. */
#ifndef GAPWATCH_COMMAND_CAPTURE_WORDS_H
#define GAPWATCH_COMMAND_CAPTURE_WORDS_H

#include "options/options.h"

/*
 * Sets interfaces, database, method and protocols in OPTIONS from its operands, as far as they are
 * not options already. Words behind the interfaces may come in any order, since each shows what it
 * is; a word that could be a typo is not taken for a database. Returns 0, or -1 with ERROR set:
 * wrong usage.
 */
int capture_take_words(struct options *options, struct error *error);

#endif
