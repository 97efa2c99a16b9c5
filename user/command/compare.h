/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#ifndef GAPWATCH_COMMAND_COMPARE_H
#define GAPWATCH_COMMAND_COMPARE_H

#include "base/exit_code.h"
#include "options/options.h"

/* Runs gapwatch compare A B: compares two vantage points and prints where frames were lost. Returns
 * the exit status. */
enum exit_code compare(const struct options *options);

#endif
