/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The privileges of a worker. A worker is not root. When only root may read the database, the
 * worker keeps one capability, to read any file, and is confined to the directory of the database.
 */
#ifndef GAPWATCH_API_HTTP_PRIVILEGE_H
#define GAPWATCH_API_HTTP_PRIVILEGE_H

/* Lets this process and its children keep their capabilities when they stop being root, until
 * privilege_keep_reading(). Returns 0, or -1 with errno set. */
int privilege_outlive_root(void);

/* Drops every capability except CAP_DAC_READ_SEARCH. Returns 0, or -1 with errno set: this process
 * does not have it. */
int privilege_keep_reading(void);

/* Drops every capability of the parent, which stays root, except those that it needs to start and
 * to end workers; and to read any file, if KEEP_READING. Returns 0, or -1 with errno set. */
int privilege_drop_in_parent(int keep_reading);

/* Makes the kernel send SIGTERM to this process when its parent ends. Changing the user cancels
 * this. */
void privilege_die_with_parent(void);

#endif
