/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct text text_over(char *buffer, size_t size)
{
    buffer[0] = '\0';
    return (struct text){.chars = buffer, .size = size};
}

void text_add(struct text *text, const char *format, ...)
{
    size_t room = text->size - text->length;
    va_list arguments;
    int wanted;

    va_start(arguments, format);
    wanted = vsnprintf(text->chars + text->length, room, format, arguments);
    va_end(arguments);
    if (wanted > 0)
        text->length += (size_t)wanted < room ? (size_t)wanted : room - 1;
}

void text_add_chars(struct text *text, const char *chars, size_t count)
{
    size_t room = text->size - text->length - 1;

    count = count < room ? count : room;
    memcpy(text->chars + text->length, chars, count);
    text->length += count;
    text->chars[text->length] = '\0';
}

void text_add_number(struct text *text, unsigned long long number)
{
    char digits[20]; /* of 2^64 - 1 */
    size_t first = sizeof(digits);

    do
        digits[--first] = (char)('0' + number % 10);
    while (number /= 10);
    text_add_chars(text, digits + first, sizeof(digits) - first);
}

void text_add_hex(struct text *text, unsigned long long number, unsigned digits)
{
    char chars[16];

    for (unsigned i = digits; i-- > 0; number >>= 4)
        chars[i] = "0123456789abcdef"[number & 0xF];
    text_add_chars(text, chars, digits);
}

int text_is_printable(char octet)
{
    return (unsigned char)octet >= ' ' && octet != 0x7F;
}

void text_make_printable(char *text)
{
    for (; *text; text++)
        if (!text_is_printable(*text))
            *text = '?';
}

char *text_join(char *const *strings, size_t count)
{
    char *joined = NULL;
    size_t size;
    FILE *stream = open_memstream(&joined, &size);

    if (!stream)
        return NULL;
    for (size_t i = 0; i < count; i++)
        fprintf(stream, "%s%s", i ? ", " : "", strings[i]);
    if (fclose(stream) == 0)
        return joined;
    free(joined);
    return NULL;
}
