/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#ifndef GAPWATCH_COMMAND_INTERFACES_H
#define GAPWATCH_COMMAND_INTERFACES_H

#include "base/exit_code.h"
#include "options/options.h"

/* gapwatch interfaces: what can be captured here, and by which methods, on stdout. */
enum exit_code interfaces(const struct options *options);

#endif
