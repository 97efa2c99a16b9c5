/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#ifndef GAPWATCH_API_SECRETS_TOKEN_H
#define GAPWATCH_API_SECRETS_TOKEN_H

#define TOKEN_CHARS 257 /* terminator included */

/* Reads a token from the start of the file DESCRIPTOR: its first line, visible ASCII, at most 256
 * characters. Returns 0, or -1: there is no such line. */
int token_read(int descriptor, char token[TOKEN_CHARS]);

#endif
