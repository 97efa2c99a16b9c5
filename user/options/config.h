/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Reads options from a JSON file, whose keys are the names of the options. */
#ifndef GAPWATCH_OPTIONS_CONFIG_H
#define GAPWATCH_OPTIONS_CONFIG_H

#include "options/options.h"

/*
 * Sets OPTIONS from the file at PATH, except options that the command line gave. Options of other
 * commands are checked and ignored. Returns OPTIONS_DONE; OPTIONS_FAILED when the file cannot be
 * read; or OPTIONS_WRONG when its content is wrong. ERROR then says why, with the line.
 */
enum options_status config_apply(struct options *options, const char *path, struct error *error);

/* The same for the LENGTH octets at TEXT, which may be anything, as the content of that file. */
enum options_status config_apply_text(struct options *options, const char *path, const char *text,
                                      size_t length, struct error *error);

#endif
