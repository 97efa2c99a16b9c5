/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What a worker is, besides not root: bound to its parent, and if need be a reader of all files.
 *
 * A database that only root may read, read by a process that is not root: of all that root can, it
 * keeps the capability to read whatever there is, and is confined to the database's directory.
 */
#ifndef GAPWATCH_API_HTTP_PRIVILEGE_H
#define GAPWATCH_API_HTTP_PRIVILEGE_H

/* Lets this process and its children keep all capabilities when they cease to be root, until
 * privilege_keep_reading() takes away the rest. Returns 0, or -1 with errno set. */
int privilege_outlive_root(void);

/* Gives up every capability but CAP_DAC_READ_SEARCH. Returns 0, or -1 with errno set: this process
 * does not have it. */
int privilege_keep_reading(void);

/* Ends this process when its parent ends, however that came. Ceasing to be root undoes it. */
void privilege_die_with_parent(void);

#endif
