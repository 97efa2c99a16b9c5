/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The table of options: one row is all that there is to say of an option. The parser of the command
 * line, the help of each command, the keys of the configuration file and the README's tables are
 * made from it.
 */
#ifndef GAPWATCH_OPTIONS_TABLE_H
#define GAPWATCH_OPTIONS_TABLE_H

#include "options/options.h"

struct option_type; /* options/type.h */

struct option_row {
    const char *name;               /* long option, and key in a configuration file */
    const char *key;                /* another key there, or NULL */
    char letter;                    /* short option, or 0 */
    unsigned commands;              /* which take it, enum command_set; 0: the program and all */
    const struct option_type *type; /* how its argument is parsed */
    size_t member;                  /* offset in struct options */
    uint64_t min;                   /* of numbers and sizes */
    uint64_t max;
    const char *argument; /* its name in the help, NULL: it takes none; of a choice the words,
                             separated by |, which stand for 0, 1, 2 ... */
    const char *standard; /* what is taken when nobody says anything, or NULL */
    const char *help;
};

extern const struct option_row option_table[];
extern const size_t option_count; /* at most 64: struct options has a set of them */

/* Whether COMMAND takes the option of ROW. */
int option_belongs(const struct option_row *row, enum command_set command);

/* The row of the option NAME; where commands have options of the same name, that of COMMAND. NULL:
 * there is none. */
const struct option_row *option_named(const char *name, enum command_set command);

/* The same by its letter. */
const struct option_row *option_lettered(char letter, enum command_set command);

/* The same by a key of the configuration file, inner objects' keys behind a dot. */
const struct option_row *option_keyed(const char *key, enum command_set command);

#endif
