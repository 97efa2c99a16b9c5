/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "compare/operand.h"

#include <stdlib.h>
#include <string.h>

#include "store/database/kind.h"

void operand_release(struct operand *operand)
{
    free(operand->files);
    free(operand->text);
    *operand = (struct operand){0};
}

static size_t count_of(const char *text, char wanted)
{
    size_t count = 0;

    for (; *text; text++)
        count += *text == wanted;
    return count;
}

/* Makes a list of the names in the text, which commas separate if it IS_LIST. */
static int split(struct operand *operand, int is_list, struct error *error)
{
    char *at = operand->text;

    operand->files = calloc(count_of(at, ',') + 1, sizeof(*operand->files));
    if (!operand->files)
        return error_set(error, "no memory for the names of the files");
    for (;;) {
        char *comma = is_list ? strchr(at, ',') : NULL;

        if (comma)
            *comma = '\0';
        if (!*at)
            return error_set(error, "the name of a file is empty");
        operand->files[operand->count++] = at;
        if (!comma)
            return 0;
        at = comma + 1;
    }
}

/* Finds out whether the operand is a database, and cuts off the name of the capture in it. */
static void find_database(struct operand *operand)
{
    char *name = operand->files[0];
    char *colon = strrchr(name, ':');

    operand->is_database = database_is_at(name);
    if (operand->is_database || !colon)
        return;
    *colon = '\0';
    operand->is_database = database_is_at(name);
    if (operand->is_database)
        operand->capture = colon + 1;
    else
        *colon = ':';
}

int operand_parse(struct operand *operand, const char *word, char label, struct error *error)
{
    int is_list = word[0] == label && word[1] == '=';

    *operand = (struct operand){.text = strdup(is_list ? word + 2 : word)};
    if (!operand->text)
        return error_set(error, "no memory for the names of the files");
    if (split(operand, is_list, error) < 0)
        return -1;
    if (operand->count == 1)
        find_database(operand);
    return 0;
}
