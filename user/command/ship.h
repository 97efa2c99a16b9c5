/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#ifndef GAPWATCH_COMMAND_SHIP_H
#define GAPWATCH_COMMAND_SHIP_H

#include "base/exit_code.h"
#include "options/options.h"
#include "ship/target.h"

/* Sets TARGET to TO, with what OPTIONS say of it; it borrows their strings. */
void ship_target_of(struct target_options *target, const struct options *options, const char *to);

/* Runs `gapwatch ship`. Returns the exit code of the program. */
enum exit_code ship(const struct options *options);

#endif
