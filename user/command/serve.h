/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#ifndef GAPWATCH_COMMAND_SERVE_H
#define GAPWATCH_COMMAND_SERVE_H

#include "base/exit_code.h"
#include "options/options.h"

/* Runs gapwatch serve: replaces this process by Kore with the API's module. Returns only on
 * failure. */
enum exit_code serve(const struct options *options);

#endif
