/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Chooses the method to capture an interface with. */
#ifndef GAPWATCH_INTERFACE_CHOICE_H
#define GAPWATCH_INTERFACE_CHOICE_H

#include "base/exit_code.h"
#include "interface/method.h"
#include "source/source.h"

/* The source of METHOD, or NULL when this build does not have it. */
const struct source_ops *method_source(enum method method);

/*
 * Decides *METHOD for INTERFACE. If it is METHOD_NONE (`auto`), sets it to the best method under
 * CIRCUMSTANCES and, unless IS_QUIET, prints a line on standard error with the choice and its
 * reason. Returns EXIT_DONE when *METHOD can be tried; else the exit status of the program, with
 * ERROR set: EXIT_USAGE when other options exclude the method.
 */
enum exit_code method_settle(const char *interface,
                             const struct method_circumstances *circumstances, int is_quiet,
                             enum method *method, struct error *error);

#endif
