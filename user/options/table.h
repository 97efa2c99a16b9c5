/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The table of options. A row is the only place with information about an option: the command
 * line's parser, the commands' help, the keys of the configuration file and the README's tables use
 * it.
 */
#ifndef GAPWATCH_OPTIONS_TABLE_H
#define GAPWATCH_OPTIONS_TABLE_H

#include "options/options.h"

struct option_type; /* options/type.h */

struct option_row {
    const char *name;  /* long option, and key in the configuration file */
    const char *key;   /* another key in the configuration file, or NULL */
    char letter;       /* short option, or 0 */
    unsigned commands; /* commands that take it, an enum command_set; 0: the program and all */
    const struct option_type *type; /* how its argument is parsed */
    size_t member;                  /* offset in struct options */
    uint64_t min;                   /* range of numbers and sizes */
    uint64_t max;
    const char *argument; /* its name in the help; NULL: no argument; for a choice the words,
                             separated by |, which stand for 0, 1, 2 ... */
    const char *standard; /* the default, or NULL */
    const char *help;
};

extern const struct option_row option_table[];
extern const size_t option_count; /* at most 64, the size of a set in struct options */

/* Whether COMMAND takes the option of ROW. */
int option_belongs(const struct option_row *row, enum command_set command);

/* The row of the option NAME; when several commands have options of this name, that of COMMAND.
 * NULL: none. */
const struct option_row *option_named(const char *name, enum command_set command);

/* The same for the short option LETTER. */
const struct option_row *option_lettered(char letter, enum command_set command);

/* The same for a key of the configuration file; keys in objects follow a dot. */
const struct option_row *option_keyed(const char *key, enum command_set command);

#endif
