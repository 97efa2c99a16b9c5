/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The options, explained on standard output. */
#ifndef GAPWATCH_OPTIONS_HELP_H
#define GAPWATCH_OPTIONS_HELP_H

#include "options/options.h"

/* Prints each option of COMMAND. */
void options_explain(enum command_set command);

/* Prints each option of COMMANDS, a set, under a heading that says which of them take it. */
void options_explain_all(unsigned commands);

#endif
