/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "options/parse.h"

#include "options/config.h"
#include "options/table.h"
#include "options/type.h"
#include "options/words.h"

/* Sets OPTIONS to the defaults of COMMAND. */
static void set_defaults(struct options *options, enum command_set command)
{
    struct error impossible;

    *options = (struct options){.command = command};
    for (size_t i = 0; i < option_count; i++) {
        const struct option_row *row = &option_table[i];

        if (row->standard && option_belongs(row, command))
            row->type->parse(options, row, row->standard, &impossible);
    }
}

enum options_status options_parse(struct options *options, enum command_set command, int argc,
                                  char **argv, struct error *error)
{
    enum options_status status;

    set_defaults(options, command);
    status = words_parse(options, argc, argv, error);
    if (status != OPTIONS_DONE || !options->config)
        return status;
    return config_apply(options, options->config, error);
}

/* The bit of ROW in a set of options. */
static uint64_t bit_of(const struct option_row *row)
{
    return UINT64_C(1) << (row - option_table);
}

int options_set(struct options *options, const char *name, const char *text, struct error *error)
{
    const struct option_row *row = option_named(name, options->command);

    options->given |= bit_of(row);
    return row->type->parse(options, row, text, error);
}

int options_given(const struct options *options, const char *name)
{
    return (options->given & bit_of(option_named(name, options->command))) != 0;
}
