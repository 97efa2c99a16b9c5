/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The name of the file that holds the progress of shipping to a target. */
#ifndef GAPWATCH_SHIP_CURSOR_NAME_H
#define GAPWATCH_SHIP_CURSOR_NAME_H

#include <limits.h>

#include "base/error.h"

#define FILES_SCHEME "file:"

/* Writes the cursor's name for what is shipped from the file DATABASE to the target TO, whose
 * folder exists if it is one, to PATH. Returns 0, or -1 with ERROR set. */
int cursor_name(const char *database, const char *to, char path[PATH_MAX], struct error *error);

#endif
