/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* `gapwatch capture IFACE [DB] [METHOD]`: watches an interface. The words are taken already. */
#ifndef GAPWATCH_COMMAND_CAPTURE_H
#define GAPWATCH_COMMAND_CAPTURE_H

#include "base/exit_code.h"
#include "options/options.h"

enum exit_code capture(const struct options *options);

#endif
