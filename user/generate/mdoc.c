/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Lists of the manual pages, in the language mdoc(7). */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "generate/output.h"
#include "options/table.h"
#include "options/type.h"
#include "protocols.h"
#include "tunnels.h"

#define LINE_WIDTH 78

/* Prints a word of running text: `x` in italics, and nothing that mdoc would interpret. */
static int print_word(const char *word, size_t length)
{
    int is_name = 0;
    int columns = 0;

    if (*word == '.' || *word == '\'')
        columns += printf("\\&");
    for (size_t i = 0; i < length; i++) {
        if (word[i] == '`') {
            is_name = !is_name;
            columns += printf(is_name ? "\\fI" : "\\fR");
        } else if (word[i] == '\\') {
            columns += printf("\\e");
        } else {
            putchar(word[i]);
            columns++;
        }
    }
    return columns;
}

/* Whether the word of LENGTH at WORD ends a sentence or a part of one, as mdoc wants lines to end.
 */
static int ends_sentence(const char *word, size_t length)
{
    return length > 1 && (word[length - 1] == '.' || word[length - 1] == '?');
}

/* Prints TEXT in lines of at most LINE_WIDTH columns; a sentence begins a line. */
static void print_text(const char *text)
{
    int column = 0;

    while (*text) {
        size_t length = strcspn(text, " ");

        if (column && column + 1 + (int)length > LINE_WIDTH)
            column = (putchar('\n'), 0);
        else if (column)
            column += printf(" ");
        column += print_word(text, length);
        if (ends_sentence(text, length))
            column = (putchar('\n'), 0);
        text += length;
        text += strspn(text, " ");
    }
    if (column)
        putchar('\n');
}

/* --- figures --- */

void mdoc_figures(const struct table *table)
{
    puts(".Bl -tag -width Ds");
    for (size_t i = 0; i < table->count; i++) {
        const struct line *line = &table->lines[i];
        const char *null = null_text(line->null);

        if (line->mark == MARK_SINCE || line->mark == MARK_ROWID)
            continue;
        printf(".It Va %s Pq %s\n", line->name, unit_text(line));
        print_text(line->meaning);
        if (*null)
            printf("Null %s.\n", null);
        if (line->mark == MARK_STORED)
            puts("Database and API only.");
    }
    puts(".El");
}

/* --- options --- */

/* Prints the argument of ROW as a macro with arguments; the words of a choice stand as they are. */
static void print_argument(const struct option_row *row)
{
    if (!row->argument)
        return;
    if (row->type == &choice_type) {
        printf(" Cm ");
        for (const char *c = row->argument; *c; c++)
            printf(*c == '|' ? " | " : "%c", *c);
    } else {
        printf(" Ar %s", row->argument);
    }
}

static int has_range(const struct option_row *row)
{
    return row->type == &number_type && row->max != INT64_MAX;
}

/* Prints what ROW means, its range and its default. */
static void print_meaning(const struct option_row *row)
{
    print_text(row->help);
    if (has_range(row))
        printf(".Pq %" PRIu64 " to %" PRIu64 "%s%s\n", row->min, row->max,
               row->standard ? "; default: " : "", row->standard ? row->standard : "");
    else if (row->standard)
        printf(".Pq default: %s\n", row->standard);
}

void mdoc_options(enum command_set command)
{
    puts(".Bl -tag -width Ds");
    for (size_t i = 0; i < option_count; i++) {
        const struct option_row *row = &option_table[i];

        if (!option_belongs(row, command))
            continue;
        printf(".It ");
        if (row->letter)
            printf("Fl %c , ", row->letter);
        printf("Fl Fl %s", row->name);
        print_argument(row);
        putchar('\n');
        print_meaning(row);
    }
    puts(".El");
}

/* --- keys of the configuration file --- */

/* Prints the kinds of values that the key of ROW takes. */
static void print_kinds(const struct option_row *row)
{
    static const struct {
        enum value_kind kind;
        const char *name;
    } kinds[] = {{VALUE_FLAG, "true or false"},
                 {VALUE_NUMBER, "number"},
                 {VALUE_TEXT, "text"},
                 {VALUE_LIST, "list"}};
    const char *before = "";

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (row->type->values & kinds[i].kind) {
            printf("%s%s", before, kinds[i].name);
            before = " or ";
        }
}

/* Prints ".Pq Ic capture , Ic serve": the commands that take ROW. */
static void print_takers(const struct option_row *row)
{
    const char *before = ".Pq of";

    for (unsigned command = 1; command <= COMMANDS_ALL; command <<= 1)
        if (row->commands & command) {
            printf("%s %s", before, command_name((enum command_set)command));
            before = ",";
        }
    putchar('\n');
}

void mdoc_keys(void)
{
    puts(".Bl -tag -width Ds");
    for (size_t i = 0; i < option_count; i++) {
        const struct option_row *row = &option_table[i];

        if (!row->type->values)
            continue;
        printf(".It Va %s", row->name);
        if (row->key)
            printf(" , Va %s", row->key);
        printf(" Pq ");
        print_kinds(row);
        putchar('\n');
        print_meaning(row);
        print_takers(row);
    }
    puts(".El");
}

/* --- protocols and tunnels --- */

struct protocol {
    const char *name, *label;
    unsigned ethertype, ip_protocol, udp_port, bits;
    const char *id;
};

static void print_protocol(const struct protocol *protocol)
{
    printf(".It Cm %s Pq %s\n", protocol->name, protocol->label);
    if (protocol->ethertype)
        printf("EtherType 0x%04X.\n", protocol->ethertype);
    if (protocol->ip_protocol)
        printf("IP protocol %u.\n", protocol->ip_protocol);
    if (protocol->udp_port)
        printf("UDP port %u.\n", protocol->udp_port);
    if (protocol->bits)
        printf("Numbers that end at 2^%u.\n", protocol->bits);
    else
        puts("No number that grows by one with each frame.");
    printf("Flows:\n.Ql %s\n", protocol->id);
}

void mdoc_protocols(void)
{
    static const struct protocol protocols[] = {
#define ROW(ID, name, label, ethertype, ip_protocol, udp_port, bits, id)                           \
    {#name, label, ethertype, ip_protocol, udp_port, bits, id},
        PROTOCOL_TABLE(ROW)
#undef ROW
    };

    puts(".Bl -tag -width Ds");
    for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
        print_protocol(&protocols[i]);
    puts(".El");
}

void mdoc_tunnels(void)
{
    static const struct {
        const char *name;
        unsigned ip[2], udp[2];
    } tunnels[] = {
#define ROW(ID, name, ip, other_ip, udp, other_udp) {#name, {ip, other_ip}, {udp, other_udp}},
        TUNNEL_TABLE(ROW)
#undef ROW
    };

    puts(".Bl -tag -width Ds");
    for (size_t i = 0; i < TUNNEL_COUNT; i++) {
        printf(".It Cm %s\n", tunnels[i].name);
        for (size_t j = 0; j < 2; j++) {
            if (tunnels[i].ip[j])
                printf("IP protocol %u.\n", tunnels[i].ip[j]);
            if (tunnels[i].udp[j])
                printf("UDP port %u.\n", tunnels[i].udp[j]);
        }
    }
    puts(".El");
}
