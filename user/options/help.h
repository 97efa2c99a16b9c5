/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Prints the options of a command. */
#ifndef GAPWATCH_OPTIONS_HELP_H
#define GAPWATCH_OPTIONS_HELP_H

#include "options/options.h"

/* Prints an entry for each option of COMMAND on standard output. */
void options_explain(enum command_set command);

/* Prints an entry for each option of COMMANDS, a set of enum command_set. A heading above each
 * group names the commands that take it. */
void options_explain_all(unsigned commands);

#endif
