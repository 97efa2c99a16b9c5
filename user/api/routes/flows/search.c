/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Finds flows by an address, a port or a number. A flow's id has its addresses, ports and numbers
 * as words, so ids alone are searched, and new protocols need nothing here. */
#include "api/routes/flows/search.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PORT_MAX    65535
#define PORT_DIGITS 5
#define ADDRESS     "0123456789abcdefABCDEF.:" /* the characters of an address with its port */

/* Reads a whole number of LENGTH characters. Returns 0, or -1. */
static int read_number(const char *text, size_t length, int base, unsigned long long *number)
{
    char chars[32], *end;

    if (!length || length >= sizeof(chars) || !isxdigit((unsigned char)*text))
        return -1;
    memcpy(chars, text, length);
    chars[length] = '\0';
    errno = 0;
    *number = strtoull(chars, &end, base);
    return *end || errno ? -1 : 0;
}

/* Reads ADDRESS or ADDRESS/BITS, with or without brackets. Returns 0, or -1. */
static int parse_address(struct search *search, const char *text)
{
    char address[INET6_ADDRSTRLEN];
    size_t length = strcspn(text, "/");
    const char *slash = text[length] ? text + length + 1 : NULL;
    unsigned long long bits;

    if (length > 2 && *text == '[' && text[length - 1] == ']') {
        text++;
        length -= 2;
    }
    if (length >= sizeof(address))
        return -1;
    memcpy(address, text, length);
    address[length] = '\0';
    if (inet_pton(AF_INET, address, search->octets) == 1)
        search->family = 4;
    else if (inet_pton(AF_INET6, address, search->octets) == 1)
        search->family = 6;
    else
        return -1;
    search->bits = search->family == 4 ? 32 : 128;
    if (!slash)
        return 0;
    if (read_number(slash, strlen(slash), 10, &bits) < 0 || bits > search->bits)
        return -1;
    search->bits = (unsigned)bits;
    return 0;
}

/* Sets the part of the ids that have an address of SEARCH: the first numbers of the address. That
 * of an IPv6 address may be left out, if it is 0. */
static void set_part_of_address(struct search *search)
{
    const unsigned char *octets = search->octets;
    unsigned group = octets[0] << 8 | octets[1], length = 0;

    if (search->family == 6 && search->bits >= 16 && group)
        snprintf(search->part, sizeof(search->part), "%x:", group);
    else
        strcpy(search->part, search->family == 6 ? ":" : ".");
    for (unsigned i = 0; search->family == 4 && i < search->bits / 8; i++)
        length += (unsigned)snprintf(search->part + length, sizeof(search->part) - length,
                                     i < 3 ? "%u." : "%u", octets[i]);
}

/* Sets the part of the ids that match SEARCH. */
static void set_part(struct search *search)
{
    if (search->kind == SEARCH_ADDRESS)
        set_part_of_address(search);
    else if (search->kind == SEARCH_PORT)
        snprintf(search->part, sizeof(search->part), ":%llu", search->number);
    else if (search->kind == SEARCH_NUMBER)
        snprintf(search->part, sizeof(search->part), "%llx", search->number);
    else if (search->kind == SEARCH_DIGITS)
        snprintf(search->part, sizeof(search->part), "%llu", search->number);
}

void search_parse(struct search *search, const char *text)
{
    size_t length = strlen(text);

    *search = (struct search){.kind = SEARCH_PART};
    for (size_t i = 0; i < length && i < sizeof(search->text) - 1; i++)
        search->text[i] = (char)tolower((unsigned char)text[i]);
    text = search->text;
    if (parse_address(search, text) == 0)
        search->kind = SEARCH_ADDRESS;
    else if (*text == ':' && read_number(text + 1, length - 1, 10, &search->number) == 0)
        search->kind = SEARCH_PORT;
    else if (strncmp(text, "0x", 2) == 0 &&
             read_number(text + 2, length - 2, 16, &search->number) == 0)
        search->kind = SEARCH_NUMBER;
    else if (length <= PORT_DIGITS && *text != '0' &&
             read_number(text, length, 10, &search->number) == 0 && search->number <= PORT_MAX)
        search->kind = SEARCH_DIGITS;
    set_part(search);
}

static int has_same_bits(const struct search *search, const unsigned char *octets)
{
    unsigned whole = search->bits / 8, rest = search->bits % 8;

    if (memcmp(search->octets, octets, whole) != 0)
        return 0;
    return !rest || (search->octets[whole] ^ octets[whole]) >> (8 - rest) == 0;
}

/* Whether the word of LENGTH characters, without a port, is an address that SEARCH looks for. */
static int is_address(const struct search *search, const char *word, size_t length)
{
    char address[INET6_ADDRSTRLEN];
    unsigned char octets[16];

    if (!length || length >= sizeof(address) ||
        !memchr(word, search->family == 4 ? '.' : ':', length))
        return 0;
    memcpy(address, word, length);
    address[length] = '\0';
    return inet_pton(search->family == 4 ? AF_INET : AF_INET6, address, octets) == 1 &&
           has_same_bits(search, octets);
}

static int has_address(const struct search *search, const char *id)
{
    while (*id) {
        size_t length = strspn(id, ADDRESS);
        size_t host = search->family == 4 ? strcspn(id, ":") : length;

        if (is_address(search, id, host < length ? host : length))
            return 1;
        id += length ? length : 1;
    }
    return 0;
}

/* The port of the endpoint that the word of LENGTH characters is: 192.0.2.1:443, [::1]:443. Returns
 * 0, or -1: it is none. */
static int read_port(const char *word, size_t length, unsigned long long *port)
{
    const char *colon = memrchr(word, ':', length);
    size_t before = colon ? (size_t)(colon - word) : 0;

    if (!before)
        return -1;
    if (colon[-1] != ']' && (memchr(word, ':', before) || !memchr(word, '.', before)))
        return -1;
    return read_number(colon + 1, length - before - 1, 10, port);
}

static int has_port(const struct search *search, const char *id)
{
    unsigned long long port;

    while (*id) {
        size_t length = strcspn(id, " ,");

        if (read_port(id, length, &port) == 0 && port == search->number)
            return 1;
        id += length + (id[length] != '\0');
    }
    return 0;
}

/* Whether the id has the text as a word of its own: a port, an octet of an address, a VLAN, a peer.
 */
static int has_word(const struct search *search, const char *id)
{
    size_t length = strlen(search->text);

    for (const char *word = id; (word = strstr(word, search->text)); word++)
        if ((word == id || !isalnum((unsigned char)word[-1])) &&
            !isalnum((unsigned char)word[length]))
            return 1;
    return 0;
}

/* Whether a hexadecimal number of the id is the one looked for, or contains its digits. */
static int has_number(const struct search *search, const char *id)
{
    while ((id = strstr(id, "0x"))) {
        size_t length = strspn(id + 2, "0123456789abcdef");
        const char *found = strstr(id + 2, search->text);
        unsigned long long number;

        if (search->kind == SEARCH_DIGITS && found &&
            found + strlen(search->text) <= id + 2 + length)
            return 1;
        if (search->kind == SEARCH_NUMBER && read_number(id + 2, length, 16, &number) == 0 &&
            number == search->number)
            return 1;
        id += 2;
    }
    return 0;
}

int search_matches(const struct search *search, const char *flow_id)
{
    if (!strstr(flow_id, search->part))
        return 0;
    switch (search->kind) {
    case SEARCH_PART:
        return strcasestr(flow_id, search->text) != NULL;
    case SEARCH_ADDRESS:
        return has_address(search, flow_id);
    case SEARCH_PORT:
        return has_port(search, flow_id);
    case SEARCH_NUMBER:
        return has_number(search, flow_id) || strstr(flow_id, search->text);
    case SEARCH_DIGITS:
        return has_word(search, flow_id) || has_number(search, flow_id);
    }
    return 0;
}

/* flow_matches(FLOW_ID, TEXT). SQLite keeps the parsed text from row to row. */
static void matches(sqlite3_context *context, int count, sqlite3_value **values)
{
    const char *id = (const char *)sqlite3_value_text(values[0]);
    const char *text = (const char *)sqlite3_value_text(values[1]);
    struct search *search = sqlite3_get_auxdata(context, 1);

    (void)count;
    if (!search && text) {
        search = sqlite3_malloc(sizeof(*search));
        if (!search) {
            sqlite3_result_error_nomem(context);
            return;
        }
        search_parse(search, text);
        sqlite3_result_int(context, id && search_matches(search, id));
        sqlite3_set_auxdata(context, 1, search, sqlite3_free);
        return;
    }
    sqlite3_result_int(context, id && search && search_matches(search, id));
}

int search_register(sqlite3 *database)
{
    return sqlite3_create_function(database, SEARCH_FUNCTION, 2,
                                   SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, NULL,
                                   matches, NULL, NULL);
}
