/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Options from a JSON file, whose keys are their names. */
#ifndef GAPWATCH_COMMAND_CONFIG_H
#define GAPWATCH_COMMAND_CONFIG_H

#include "command/options.h"

/* Sets OPTIONS from the file at PATH. Returns OPTIONS_DONE; OPTIONS_FAILED: it cannot be read; or
 * OPTIONS_WRONG: it is not as it should be. ERROR says why. */
enum options_status config_apply(struct options *options, const char *path, struct error *error);

#endif
