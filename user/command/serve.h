/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#ifndef GAPWATCH_COMMAND_SERVE_H
#define GAPWATCH_COMMAND_SERVE_H

#include "base/exit_code.h"
#include "options/options.h"

/* gapwatch serve --db DB: becomes Kore, with the module of the API. Returns only when it cannot. */
enum exit_code serve(const struct options *options);

#endif
