/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* `gapwatch capture IFACE[,IFACE...] [DB] [METHOD]`: watches interfaces. */
#ifndef GAPWATCH_COMMAND_CAPTURE_H
#define GAPWATCH_COMMAND_CAPTURE_H

#include "base/exit_code.h"
#include "options/options.h"

/* Runs the command; its operands are in OPTIONS already. Returns the exit status. */
enum exit_code capture(const struct options *options);

#endif
