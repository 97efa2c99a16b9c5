/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Any octets as a configuration file, or as words of the command line, for any command. */
#include <stdlib.h>
#include <string.h>

#include "options/config.h"
#include "options/options.h"

#define WORDS_MAX 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct options options;

/* What was accepted must be what a capture can take. */
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

/* The words are terminated, one behind the other. */
static void parse_words(enum command_set command, char *text, size_t size)
{
    char *words[WORDS_MAX + 2] = {(char *)"command"};
    struct error error;
    int count = 1;

    for (char *next = text; next < text + size && count <= WORDS_MAX; next += strlen(next) + 1)
        words[count++] = next;
    check(options_parse(&options, command, count, words, &error));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum command_set command;
    char *copy;

    if (!size)
        return 0;
    command = (enum command_set)(1u << (data[0] & 3));
    copy = malloc(size); /* exactly as long, so that ASan sees the octet behind it */
    if (!copy)
        return 0;
    memcpy(copy, data + 1, size - 1);
    copy[size - 1] = '\0';
    if (data[0] & 4)
        parse_words(command, copy, size - 1);
    else
        parse_file(command, memmove(copy + 1, copy, size - 1), size - 1);
    free(copy);
    return 0;
}
