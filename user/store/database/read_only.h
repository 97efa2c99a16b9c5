/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#ifndef GAPWATCH_STORE_DATABASE_READ_ONLY_H
#define GAPWATCH_STORE_DATABASE_READ_ONLY_H

#include <sqlite3.h>

#include "base/error.h"

/*
 * Opens the database at PATH so that nothing is ever written to it or next to it, and checks that
 * it is one of gapwatch. HAS_LOG: a write-ahead log exists. Sets IS_IMMUTABLE when the file could
 * only be opened as one that never changes; the caller must then check that it did not. Returns the
 * handle, to be closed by the caller, or NULL with ERROR set.
 */
sqlite3 *open_read_only(const char *path, int has_log, int *is_immutable, struct error *error);

#endif
