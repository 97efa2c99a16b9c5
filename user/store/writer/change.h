/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The transactions of a writer. Each has a number of its own, which all rows that it writes get. */
#ifndef GAPWATCH_STORE_WRITER_CHANGE_H
#define GAPWATCH_STORE_WRITER_CHANGE_H

#include "store/writer/writer.h"

/* Prepares the open database of WRITER for what follows. The statement belongs to WRITER, which
 * finalises it. Returns 0, or -1 with ERROR set. */
int change_prepare(struct writer *writer, struct error *error);

/* Begins a transaction and sets writer->change to its number. Returns 0, or -1 with ERROR set: no
 * transaction was begun. */
int change_begin(struct writer *writer, struct error *error);

/* Ends the transaction of WRITER: commits it if STATUS is 0; if STATUS is -1, with ERROR set, or it
 * cannot be committed, nothing of it is left. Returns 0, or -1 with ERROR set. */
int change_end(struct writer *writer, int status, struct error *error);

#endif
