/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* By which method `gapwatch capture` watches an interface. */
#ifndef GAPWATCH_COMMAND_CAPTURE_METHOD_H
#define GAPWATCH_COMMAND_CAPTURE_METHOD_H

#include "command/exit_code.h"
#include "interface/method.h"
#include "options/options.h"
#include "source/source.h"

/* The source of METHOD, or NULL: it is not in this build. */
const struct source_ops *capture_source(enum method method);

/* What OPTIONS and this process stand for. */
struct method_circumstances capture_circumstances(const struct options *options);

/*
 * Sets *METHOD, which is METHOD_NONE where `auto` is to choose (it then says on standard error what
 * it chose, and why), and *SOURCE to its source. Returns EXIT_DONE, or what the program ends with,
 * ERROR then saying what stands against it: EXIT_USAGE when other options do.
 */
enum exit_code capture_method_set(const struct options *options,
                                  const struct method_circumstances *circumstances,
                                  const char *interface, enum method *method,
                                  const struct source_ops **source, struct error *error);

#endif
