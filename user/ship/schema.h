/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#ifndef GAPWATCH_SHIP_SCHEMA_H
#define GAPWATCH_SHIP_SCHEMA_H

#include <stdio.h>

/* Writes SQL for ClickHouse that makes the tables and views. It can be run again: it only adds what
 * is missing. IS_PLAIN: for old servers, without types, codecs and expiry that they do not know. */
void schema_print(int is_plain, FILE *to);

#endif
