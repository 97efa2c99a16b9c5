/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "options/lexer.h"

#include <string.h>

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"
#define HEX_DIGITS      4 /* hexadecimal digits behind \u */

/* UTF-16 surrogates, for a character of more than 16 bits (RFC 2781 section 2). */
#define HIGH_HALF   0xD800u
#define LOW_HALF    0xDC00u
#define HALVES_END  0xE000u
#define HALF_BITS   10
#define BEYOND_HALF 0x10000u

void lexer_begin(struct lexer *lexer, const char *text, size_t size)
{
    size_t mark = strlen(BYTE_ORDER_MARK);

    lexer->next = text;
    lexer->end = text + size;
    lexer->line = 1;
    if (size >= mark && memcmp(text, BYTE_ORDER_MARK, mark) == 0)
        lexer->next += mark;
}

static int wrong(struct lexer *lexer, const char *problem)
{
    lexer->problem = problem;
    lexer->next = lexer->end;
    return TOKEN_WRONG;
}

static int peek(const struct lexer *lexer)
{
    return lexer->next < lexer->end ? (unsigned char)*lexer->next : -1;
}

/* Adds an octet to the token. Of a token that is too long, only the length is kept. */
static void add(struct lexer *lexer, unsigned octet)
{
    if (lexer->length < sizeof(lexer->chars) - 1)
        lexer->chars[lexer->length] = (char)octet;
    lexer->length++;
}

static void add_character(struct lexer *lexer, unsigned character)
{
    if (character < 0x80) {
        add(lexer, character);
    } else if (character < 0x800) {
        add(lexer, 0xC0 | character >> 6);
        add(lexer, 0x80 | (character & 0x3F));
    } else if (character < BEYOND_HALF) {
        add(lexer, 0xE0 | character >> 12);
        add(lexer, 0x80 | (character >> 6 & 0x3F));
        add(lexer, 0x80 | (character & 0x3F));
    } else {
        add(lexer, 0xF0 | character >> 18);
        add(lexer, 0x80 | (character >> 12 & 0x3F));
        add(lexer, 0x80 | (character >> 6 & 0x3F));
        add(lexer, 0x80 | (character & 0x3F));
    }
}

/* Reads the hexadecimal digits behind \u. Returns their value, or -1. */
static long read_hex(struct lexer *lexer)
{
    long value = 0;

    for (int i = 0; i < HEX_DIGITS; i++) {
        static const char digits[] = "0123456789abcdef0123456789ABCDEF";
        const char *digit = peek(lexer) > 0 ? strchr(digits, peek(lexer)) : NULL;

        if (!digit)
            return -1;
        value = value << 4 | ((digit - digits) & 0xF);
        lexer->next++;
    }
    return value;
}

/* Reads the character after \u. Returns 0, or -1. */
static int read_character(struct lexer *lexer)
{
    long low, value = read_hex(lexer);

    if (value <= 0 || (value >= (long)LOW_HALF && value < (long)HALVES_END))
        return -1; /* an octet of 0 would end the string */
    if (value >= (long)HIGH_HALF && value < (long)LOW_HALF) {
        if (lexer->end - lexer->next < 2 || memcmp(lexer->next, "\\u", 2) != 0)
            return -1;
        lexer->next += 2;
        low = read_hex(lexer);
        if (low < (long)LOW_HALF || low >= (long)HALVES_END)
            return -1;
        value = BEYOND_HALF + ((value - (long)HIGH_HALF) << HALF_BITS) + (low - (long)LOW_HALF);
    }
    add_character(lexer, (unsigned)value);
    return 0;
}

/* Reads the character after a backslash. Returns 0, or -1. */
static int read_escape(struct lexer *lexer)
{
    static const char names[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    int name = peek(lexer);
    const char *found = name > 0 ? strchr(names, name) : NULL;

    if (name < 0)
        return -1;
    lexer->next++;
    if (name == 'u')
        return read_character(lexer);
    if (!found)
        return -1;
    add(lexer, (unsigned char)meanings[found - names]);
    return 0;
}

/* Ends the present token. */
static int finish(struct lexer *lexer, enum token token)
{
    if (lexer->length >= sizeof(lexer->chars))
        return wrong(lexer, "the value is too long");
    lexer->chars[lexer->length] = '\0';
    return token;
}

/* Reads a string, whose first quotation mark was read. */
static int read_string(struct lexer *lexer)
{
    for (;;) {
        int octet = peek(lexer);

        if (octet < 0)
            return wrong(lexer, "not JSON: a string has no closing quotation mark");
        if (octet < ' ')
            return wrong(lexer,
                         "not JSON: a string contains a control character or an end of line");
        lexer->next++;
        if (octet == '"')
            return finish(lexer, TOKEN_STRING);
        if (octet != '\\')
            add(lexer, (unsigned)octet);
        else if (read_escape(lexer) < 0)
            return wrong(lexer, "not JSON: a string contains a wrong escape (\\)");
    }
}

static size_t add_digits(struct lexer *lexer)
{
    size_t before = lexer->length;

    while (peek(lexer) >= '0' && peek(lexer) <= '9')
        add(lexer, (unsigned char)*lexer->next++);
    return lexer->length - before;
}

static int add_if(struct lexer *lexer, const char *characters)
{
    if (peek(lexer) <= 0 || !strchr(characters, peek(lexer)))
        return 0;
    add(lexer, (unsigned char)*lexer->next++);
    return 1;
}

/* Reads a number, RFC 8259 section 6. */
static int read_number(struct lexer *lexer)
{
    int starts_with_zero;
    size_t digits;

    add_if(lexer, "-");
    starts_with_zero = peek(lexer) == '0';
    digits = add_digits(lexer);
    if (!digits || (starts_with_zero && digits > 1) || (add_if(lexer, ".") && !add_digits(lexer)))
        return wrong(lexer, "not JSON: wrong form of a number");
    if (add_if(lexer, "eE")) {
        add_if(lexer, "+-");
        if (!add_digits(lexer))
            return wrong(lexer, "not JSON: wrong form of a number");
    }
    return finish(lexer, TOKEN_NUMBER);
}

static int read_word(struct lexer *lexer)
{
    static const struct {
        const char *word;
        enum token token;
    } words[] = {{"true", TOKEN_TRUE}, {"false", TOKEN_FALSE}, {"null", TOKEN_NULL}};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        size_t length = strlen(words[i].word);

        if ((size_t)(lexer->end - lexer->next) < length ||
            memcmp(lexer->next, words[i].word, length) != 0)
            continue;
        lexer->next += length;
        return words[i].token;
    }
    if (peek(lexer) == '#' || peek(lexer) == '/')
        return wrong(lexer, "not JSON: JSON has no comments");
    return wrong(lexer, "not JSON: expected a string in quotation marks, a number, true or false");
}

int lexer_next(struct lexer *lexer)
{
    int octet;

    while ((octet = peek(lexer)) > 0 && strchr(" \t\r\n", octet)) {
        lexer->line += octet == '\n';
        lexer->next++;
    }
    lexer->length = 0;
    if (octet < 0)
        return TOKEN_END;
    if (octet == '-' || (octet >= '0' && octet <= '9'))
        return read_number(lexer);
    if (octet != '"' && (octet == 0 || !strchr("{}[]:,", octet)))
        return read_word(lexer);
    lexer->next++;
    return octet == '"' ? read_string(lexer) : octet;
}
