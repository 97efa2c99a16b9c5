/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#ifndef GAPWATCH_COMMAND_INTERFACES_H
#define GAPWATCH_COMMAND_INTERFACES_H

#include "base/exit_code.h"
#include "options/options.h"

/* Runs gapwatch interfaces: prints what can be captured, and by which methods. Returns the exit
 * status. */
enum exit_code interfaces(const struct options *options);

#endif
