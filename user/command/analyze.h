/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#ifndef GAPWATCH_COMMAND_ANALYZE_H
#define GAPWATCH_COMMAND_ANALYZE_H

#include "base/exit_code.h"
#include "options/options.h"

/* Runs gapwatch analyze FILE...: reads capture files and prints the report. Returns the exit
 * status. */
enum exit_code analyze(const struct options *options);

#endif
