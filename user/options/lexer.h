/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Splits JSON (RFC 8259) into tokens, and knows the line of each one. */
#ifndef GAPWATCH_OPTIONS_LEXER_H
#define GAPWATCH_OPTIONS_LEXER_H

#include <stddef.h>

#define TOKEN_CHARS 8192

enum token {
    TOKEN_END,   /* end of the text */
    TOKEN_WRONG, /* not a token of JSON; the problem says why */
    TOKEN_STRING,
    TOKEN_NUMBER,
    TOKEN_TRUE,
    TOKEN_FALSE,
    TOKEN_NULL,
    /* The other tokens are the characters { } [ ] : and , themselves. */
};

struct lexer {
    const char *next; /* text that was not read yet, up to `end` */
    const char *end;
    unsigned line;           /* of the last token, from 1 */
    const char *problem;     /* why it is TOKEN_WRONG */
    char chars[TOKEN_CHARS]; /* a string without escapes, or a number; terminated */
    size_t length;
};

/* Starts with the SIZE octets at TEXT, which may be anything and must outlive LEXER. A byte order
 * mark at the start is skipped. */
void lexer_begin(struct lexer *lexer, const char *text, size_t size);

/* Returns the next token of LEXER: an enum token, or a character. Nothing follows TOKEN_WRONG. */
int lexer_next(struct lexer *lexer);

#endif
