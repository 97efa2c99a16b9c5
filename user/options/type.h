/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Types of options: how their arguments are parsed. */
#ifndef GAPWATCH_OPTIONS_TYPE_H
#define GAPWATCH_OPTIONS_TYPE_H

#include "options/table.h"

/* A set of kinds of values in a configuration file. */
enum value_kind {
    VALUE_FLAG = 1 << 0, /* true or false */
    VALUE_NUMBER = 1 << 1,
    VALUE_TEXT = 1 << 2,
    VALUE_LIST = 1 << 3, /* list of strings, parsed as one string joined with commas */
};

struct option_type {
    unsigned
        values; /* kinds of values that it takes in a configuration file; 0: it has no key there */

    /* Sets the member of ROW in OPTIONS from TEXT, the argument, or NULL where there is none. TEXT
     * must outlive OPTIONS. Returns 0, or -1 with ERROR set. */
    int (*parse)(struct options *options, const struct option_row *row, const char *text,
                 struct error *error);
};

extern const struct option_type flag_type;
extern const struct option_type command_flag_type; /* has no key */
extern const struct option_type number_type;
extern const struct option_type size_type; /* octets, with an optional K, M, G or T */
extern const struct option_type time_type; /* nanoseconds: a number with us, ms or s */
extern const struct option_type text_type;
extern const struct option_type file_name_type; /* has no key */
extern const struct option_type choice_type;
extern const struct option_type interfaces_type;
extern const struct option_type protocols_type;
extern const struct option_type tunnels_type;
extern const struct option_type esp_ports_type;
extern const struct option_type file_type; /* adds an operand */

/* A copy of the LENGTH characters at TEXT that lives as long as OPTIONS, or NULL: no room in
 * OPTIONS. */
const char *options_keep(struct options *options, const char *text, size_t length);

#endif
