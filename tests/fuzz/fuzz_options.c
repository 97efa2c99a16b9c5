/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Fuzzes the parsers of configuration files, of the command line, for all commands, of the operands
 * of `compare`, and of the file in which `ship` keeps how far it came. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "compare/operand.h"
#include "options/config.h"
#include "options/help.h"
#include "options/options.h"
#include "options/parse.h"
#include "store/database/ship_cursor.h"

#define WORDS_MAX 16

/* The lower half of the first octet: the number of a command, or one of these. */
enum {
    A_CURSOR = 6,
    AN_OPERAND = 7,
    OF_WORDS = 8, /* beside a command: the text is words, not a file */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct options options;

/* Checks that accepted options are within the limits of a capture. */
static void check(enum options_status status)
{
    if (status != OPTIONS_DONE)
        return;
    if (options.interface_count > INTERFACES_MAX || options.texts_used > OPTION_TEXTS_CHARS)
        abort();
    for (size_t i = 0; i < options.interface_count; i++)
        if (!*options.interfaces[i] || strchr(options.interfaces[i], ','))
            abort();
}

static void parse_file(enum command_set command, const char *text, size_t size)
{
    char *words[] = {(char *)"command", NULL};
    struct error error;

    options_parse(&options, command, 1, words, &error);
    check(config_apply_text(&options, "FILE", text, size, &error));
}

/* Parses TEXT as words that follow each other, each with a terminator. */
static void parse_words(enum command_set command, char *text, size_t size)
{
    char *words[WORDS_MAX + 2] = {(char *)"command"};
    struct error error;
    enum options_status status;
    int count = 1;

    for (char *next = text; next < text + size && count <= WORDS_MAX; next += strlen(next) + 1)
        words[count++] = next;
    status = options_parse(&options, command, count, words, &error);
    check(status);
    if (status == OPTIONS_HELP) {
        options_explain(command);
        options_explain_all(command | COMMAND_CAPTURE);
    }
}

static void read_cursor(const char *text, size_t size)
{
    int file = memfd_create("fuzz", 0);
    struct ship_cursor cursor;
    char path[32];

    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    if (file < 0 || write(file, text, size) != (ssize_t)size)
        abort();
    if (ship_cursor_read(&cursor, path) == 0 && strlen(cursor.store) >= sizeof(cursor.store))
        abort();
    close(file);
}

static void read_operand(const char *text)
{
    struct operand operand = {0};
    struct error error;

    if (operand_parse(&operand, text, 'A', &error) == 0 && (!operand.count || !*operand.files[0]))
        abort();
    operand_release(&operand);
}

/* Parses TEXT, which has SIZE octets and a terminator, as CHOICE says. */
static void parse(uint8_t choice, char *text, size_t size)
{
    enum command_set command = (enum command_set)(1u << (choice & 7));

    if ((choice & 7) == A_CURSOR)
        read_cursor(text, size);
    else if ((choice & 7) == AN_OPERAND)
        read_operand(text);
    else if (choice & OF_WORDS)
        parse_words(command, text, size);
    else
        parse_file(command, memmove(text + 1, text, size), size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static FILE *nowhere; /* where help goes */
    char *copy;

    if (!size || (!nowhere && !(nowhere = freopen("/dev/null", "w", stdout))))
        return 0;
    copy = malloc(size); /* exactly this size, so that ASan detects a read beyond it */
    if (!copy)
        return 0;
    memcpy(copy, data + 1, size - 1);
    copy[size - 1] = '\0';
    parse(data[0], copy, size - 1);
    free(copy);
    return 0;
}
