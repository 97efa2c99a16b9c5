/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "base/text.h"

#include <arpa/inet.h>
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

void text_add_address(struct text *text, unsigned family, const unsigned char *octets)
{
    char address[INET6_ADDRSTRLEN];

    if (inet_ntop(family == 4 ? AF_INET : AF_INET6, octets, address, sizeof(address)))
        text_add_chars(text, address, strlen(address));
}

void text_add_endpoint(struct text *text, unsigned family, const unsigned char *octets,
                       unsigned port)
{
    text_add(text, family == 6 ? "[" : "");
    text_add_address(text, family, octets);
    text_add(text, family == 6 ? "]:%u" : ":%u", port);
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
