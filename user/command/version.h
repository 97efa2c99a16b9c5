/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What `gapwatch --version` prints. */
#ifndef GAPWATCH_COMMAND_VERSION_H
#define GAPWATCH_COMMAND_VERSION_H

/* Prints on standard output the version of the program, those of the libraries that it runs with,
 * and the parts that it was built with. */
void version_print(void);

#endif
