/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* By which method an interface is watched. */
#ifndef GAPWATCH_INTERFACE_CHOICE_H
#define GAPWATCH_INTERFACE_CHOICE_H

#include "base/exit_code.h"
#include "interface/method.h"
#include "source/source.h"

/* The source of METHOD, or NULL: it is not in this build. */
const struct source_ops *method_source(enum method method);

/*
 * Settles *METHOD for INTERFACE. METHOD_NONE stands for `auto`: the best method under CIRCUMSTANCES
 * is chosen, and unless IS_QUIET a line on standard error says which, and why. Returns EXIT_DONE:
 * *METHOD can be tried; or what the program ends with, ERROR then saying what stands against it:
 * EXIT_USAGE when other options do.
 */
enum exit_code method_settle(const char *interface,
                             const struct method_circumstances *circumstances, int is_quiet,
                             enum method *method, struct error *error);

#endif
