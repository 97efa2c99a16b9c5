/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#ifndef GAPWATCH_API_DATABASE_OPEN_H
#define GAPWATCH_API_DATABASE_OPEN_H

#include <sqlite3.h>

#include "base/error.h"

/*
 * Opens the database at PATH so that nothing is ever written, beside it neither, and makes sure
 * that it is one of gapwatch. HAS_LOG: there is a write-ahead log. Sets IS_IMMUTABLE when it could
 * only be opened as a file that does not change: the caller has to watch that. Returns the handle,
 * or NULL with ERROR set.
 */
sqlite3 *open_read_only(const char *path, int has_log, int *is_immutable, struct error *error);

#endif
