/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Splits JSON (RFC 8259) into tokens, and knows in which line each one is. */
#ifndef GAPWATCH_OPTIONS_LEXER_H
#define GAPWATCH_OPTIONS_LEXER_H

#include <stddef.h>

#define TOKEN_CHARS 8192

enum token {
    TOKEN_END,   /* of the text */
    TOKEN_WRONG, /* no token of JSON; the problem says why */
    TOKEN_STRING,
    TOKEN_NUMBER,
    TOKEN_TRUE,
    TOKEN_FALSE,
    TOKEN_NULL,
    /* The others are the characters { } [ ] : and , themselves. */
};

struct lexer {
    const char *next; /* the text that is not read yet, up to END */
    const char *end;
    unsigned line;           /* of the last token, from 1 on */
    const char *problem;     /* of TOKEN_WRONG */
    char chars[TOKEN_CHARS]; /* of a string, without its escapes, or of a number; terminated */
    size_t length;
};

/* Begins with the SIZE octets at TEXT, which must live as long as LEXER. They may be anything. A
 * byte order mark in front is left out. */
void lexer_begin(struct lexer *lexer, const char *text, size_t size);

/* Returns the next token: an enum token, or a character. Behind TOKEN_WRONG nothing follows. */
int lexer_next(struct lexer *lexer);

#endif
