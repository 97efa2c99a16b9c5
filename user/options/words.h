/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Parses the words of the command line. */
#ifndef GAPWATCH_OPTIONS_WORDS_H
#define GAPWATCH_OPTIONS_WORDS_H

#include "options/options.h"

/* Sets OPTIONS, which has its defaults and its command, from ARGV, and notes which options are
 * given. Returns as options_parse() does. */
enum options_status words_parse(struct options *options, int argc, char **argv,
                                struct error *error);

#endif
