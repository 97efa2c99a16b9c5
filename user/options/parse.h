/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Sets options from the command line, and by their names. */
#ifndef GAPWATCH_OPTIONS_PARSE_H
#define GAPWATCH_OPTIONS_PARSE_H

#include "options/options.h"

/*
 * Parses ARGV, whose first element is the command's name, and reorders it. The command line wins
 * over the file of --config, which wins over the defaults. Options of other commands are wrong
 * usage. OPTIONS must not be moved afterwards. ERROR is set unless the result is OPTIONS_DONE,
 * OPTIONS_HELP or OPTIONS_VERSION.
 */
enum options_status options_parse(struct options *options, enum command_set command, int argc,
                                  char **argv, struct error *error);

/* Sets COMMAND's option NAME from TEXT, as if it were on the command line. TEXT must outlive
 * OPTIONS. Returns 0, or -1 with ERROR set. */
int options_set(struct options *options, const char *name, const char *text, struct error *error);

/* Whether the option NAME was given on the command line. */
int options_given(const struct options *options, const char *name);

#endif
