/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Options from a JSON file, whose keys are the names of the options. */
#ifndef GAPWATCH_OPTIONS_CONFIG_H
#define GAPWATCH_OPTIONS_CONFIG_H

#include "options/options.h"

/*
 * Sets what the file at PATH says in OPTIONS, unless the command line gave it. What is for other
 * commands is checked and left alone. Returns OPTIONS_DONE; OPTIONS_FAILED: the file cannot be
 * read; or OPTIONS_WRONG: it is not as it should be. ERROR then says why, with the line.
 */
enum options_status config_apply(struct options *options, const char *path, struct error *error);

/* The same with the LENGTH octets at TEXT, which may be anything, as the content of that file. */
enum options_status config_apply_text(struct options *options, const char *path, const char *text,
                                      size_t length, struct error *error);

#endif
