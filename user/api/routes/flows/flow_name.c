/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/routes/flows/flow_name.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "flow/id.h"
#include "outcome.h"

#define HEX_PREFIX  "0x"
#define PORT_LAST   65535
#define WORD_CHARS  64 /* longer than any bracketed IPv6 endpoint */
#define DECIMAL     "0123456789"
#define HEXADECIMAL "0123456789abcdefABCDEF"

static int add_hex(struct text *id, const char *word, unsigned digits)
{
    const char *number = word + strlen(HEX_PREFIX);

    if (strncasecmp(word, HEX_PREFIX, strlen(HEX_PREFIX)) != 0 || !*number ||
        strspn(number, HEXADECIMAL) != strlen(number))
        return 0;
    number += strspn(number, "0");
    if (strlen(number) > HEX_DIGITS_LONG)
        return 0;
    text_add(id, "0x%0*llx", (int)digits, strtoull(*number ? number : "0", NULL, 16));
    return 1;
}

static int add_address(struct text *id, const char *word)
{
    unsigned char octets[16];

    if (inet_pton(AF_INET, word, octets) == 1)
        text_add_address(id, 4, octets);
    else if (inet_pton(AF_INET6, word, octets) == 1)
        text_add_address(id, 6, octets);
    else
        return 0;
    return 1;
}

/* Adds ADDRESS:PORT or [ADDRESS]:PORT. Changes WORD only if it has this form. */
static int add_endpoint(struct text *id, char *word)
{
    char *colon = strrchr(word, ':');
    int bracketed = word[0] == '[' && colon && colon[-1] == ']';
    unsigned char octets[16];
    char address[WORD_CHARS];
    unsigned long port;

    if (!colon || !colon[1] || strspn(colon + 1, DECIMAL) != strlen(colon + 1))
        return 0;
    port = strtoul(colon + 1, NULL, 10);
    memcpy(address, word + bracketed, (size_t)(colon - word) - 2 * (size_t)bracketed);
    address[(size_t)(colon - word) - 2 * (size_t)bracketed] = '\0';
    if (port > PORT_LAST || inet_pton(bracketed ? AF_INET6 : AF_INET, address, octets) != 1)
        return 0;
    text_add_endpoint(id, bracketed ? 6 : 4, octets, (unsigned)port);
    return 1;
}

/* Adds VLAN tags: decimal numbers with dots between them. */
static int add_tags(struct text *id, const char *word)
{
    if (!*word || strspn(word, DECIMAL ".") != strlen(word))
        return 0;
    while (*word) {
        size_t zeros = strspn(word, "0");
        size_t digits = strspn(word, DECIMAL);

        if (zeros && zeros == digits)
            zeros--;
        text_add(id, "%.*s", (int)(digits - zeros), word + zeros);
        word += digits;
        if (*word == '.')
            text_add(id, "%c", *word++);
    }
    return 1;
}

/* Adds the name of a protocol, the first word of an id. */
static int add_protocol(struct text *id, const char *word)
{
    for (enum outcome i = OUTCOME_NONE + 1; i <= OUTCOME_LAST_PROTOCOL; i++) {
        struct flow_key key = {.protocol = (uint8_t)i, .family = 4};
        char name[FLOW_ID_CHARS];

        flow_id_format(&key, name);
        name[strcspn(name, " ")] = '\0';
        if (strcasecmp(name, word) == 0) {
            text_add(id, "%s", name);
            return 1;
        }
    }
    return 0;
}

/* Adds the name of a part of an id: letters and a colon. */
static int add_part_name(struct text *id, const char *word)
{
    size_t letters = strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_");

    if (!letters || strcmp(word + letters, ":") != 0)
        return 0;
    while (*word)
        text_add(id, "%c", tolower((unsigned char)*word++));
    return 1;
}

static void add_word(struct text *id, char *word, unsigned hex_digits)
{
    size_t length = strlen(word);
    int comma = length && word[length - 1] == ',';

    if (comma)
        word[length - 1] = '\0';
    if (!add_hex(id, word, hex_digits) && !add_address(id, word) && !add_endpoint(id, word) &&
        !add_tags(id, word) && !add_protocol(id, word) && !add_part_name(id, word))
        text_add(id, "%s", word);
    text_add(id, comma ? "," : "");
}

void flow_name_normalise(const char *text, unsigned hex_digits, char *id)
{
    struct text normal = text_over(id, FLOW_ID_CHARS);
    char word[WORD_CHARS];

    while (*(text += strspn(text, " "))) {
        size_t length = strcspn(text, " ");
        size_t kept = length < sizeof(word) ? length : sizeof(word) - 1;

        memcpy(word, text, kept);
        word[kept] = '\0';
        text_add(&normal, normal.length ? " " : "");
        add_word(&normal, word, hex_digits);
        text += length;
    }
}
