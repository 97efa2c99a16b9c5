/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "options/words.h"

#include <getopt.h>
#include <string.h>

#include "base/spelling.h"
#include "options/table.h"
#include "options/type.h"

#define ROWS_MAX 64

/* The value of getopt_long() for the first row of the table; that of each next row is one more. All
 * are above the letters. */
#define FIRST_ROW 256

#define OPERAND 1 /* its value for a word that is not an option */

#define NAME_CHARS 64

#define TRACKING (COMMAND_ANALYZE | COMMAND_CAPTURE)

/* Options of tcpdump that gapwatch does not have, with advice. */
static const struct foreign_option {
    char letter;
    unsigned commands;
    const char *advice;
} foreign_options[] = {
    {'w', COMMANDS_ALL, "gapwatch writes no captures: use tcpdump -w FILE"},
    {'r', COMMAND_CAPTURE, "-r reads a capture file: gapwatch analyze FILE"},
    {'i', COMMAND_ANALYZE, "-i watches an interface: gapwatch capture IFACE"},
    {'D', COMMANDS_ALL, "-D lists interfaces: gapwatch interfaces"},
    {'n', COMMANDS_ALL, "-n is not needed: gapwatch never looks names up"},
    {'s', COMMANDS_ALL, "-s is not needed: gapwatch copies headers only"},
    {'v', COMMANDS_ALL, "gapwatch prints no frames, so there is no -v: --json has all figures"},
    {'e', COMMANDS_ALL, "gapwatch prints no frames, so there is no -e: --json has all figures"},
    {'x', COMMANDS_ALL, "gapwatch prints no frames, so there is no -x: --json has all figures"},
    {'X', COMMANDS_ALL, "gapwatch prints no frames, so there is no -X: --json has all figures"},
    {'A', COMMANDS_ALL, "gapwatch prints no frames, so there is no -A: --json has all figures"},
    {'B', COMMAND_CAPTURE, "the buffer is an option in megabytes: --buffer MB"},
    {'Q', COMMAND_CAPTURE, "the direction is an option: --direction in, out or both"},
    {'Z', COMMAND_CAPTURE, "the user is an option: --user NAME"},
    {'p', COMMAND_CAPTURE, "there is no -p: interfaces are always in promiscuous mode"},
    {'j', COMMAND_CAPTURE, "the clock is an option: --timestamp auto, hw or sw"},
    {'F', TRACKING | COMMAND_COMPARE, "a filter is an option: --filter \"$(cat FILE)\""},
    {'l', COMMANDS_ALL, "-l is not needed: progress is printed line by line"},
    {'U', COMMANDS_ALL,
     "gapwatch writes no captures, so there is no -U: --flush-interval SECONDS "
     "says how often the database is written"},
    {'G', COMMANDS_ALL,
     "gapwatch writes no captures, so there is no -G: --retain DAYS limits the "
     "age of what the database has"},
    {'C', COMMANDS_ALL,
     "gapwatch writes no captures, so there is no -C: --max-db-size SIZE limits "
     "the database"},
    {'W', COMMANDS_ALL,
     "gapwatch writes no captures, so there is no -W: --max-db-size SIZE limits "
     "the database"},
};

/* The options of a command in getopt_long()'s form. */
struct getopt_tables {
    struct option names[ROWS_MAX + 1];
    char letters[2 + 2 * ROWS_MAX + 1];
};

static void add_letter(char *letters, const struct option_row *row)
{
    size_t length = strlen(letters);

    letters[length++] = row->letter;
    if (row->argument)
        letters[length++] = ':';
    letters[length] = '\0';
}

static void make_tables(struct getopt_tables *tables, enum command_set command)
{
    size_t count = 0;

    *tables = (struct getopt_tables){.letters = "-:"};
    for (size_t i = 0; i < option_count; i++) {
        const struct option_row *row = &option_table[i];

        if (!option_belongs(row, command))
            continue;
        tables->names[count++] = (struct option){
            .name = row->name,
            .has_arg = row->argument ? required_argument : no_argument,
            .val = FIRST_ROW + (int)i,
        };
        if (row->letter)
            add_letter(tables->letters, row);
    }
}

/* The row of getopt_long()'s value FOUND. */
static const struct option_row *row_of(int found, enum command_set command)
{
    return found < FIRST_ROW ? option_lettered((char)found, command)
                             : &option_table[found - FIRST_ROW];
}

/* Reports WORD, which is an option of ROW's commands and not of COMMAND. */
static void say_whose(enum command_set command, const struct option_row *row, const char *word,
                      struct error *error)
{
    unsigned owner = row->commands & -row->commands; /* the first command of the set */

    error_set(error,
              command ? "option '%s' does not belong to this command but to gapwatch %s"
                      : "option '%s' belongs behind a command, as gapwatch %s",
              word, command_name((enum command_set)owner));
}

/* Reports a LETTER that is no option of COMMAND. */
static void say_wrong_letter(enum command_set command, char letter, struct error *error)
{
    const struct option_row *row = option_lettered(letter, command);
    char word[] = {'-', letter, '\0'};

    for (size_t i = 0; i < sizeof(foreign_options) / sizeof(foreign_options[0]); i++) {
        const struct foreign_option *foreign = &foreign_options[i];

        if (foreign->letter == letter && (!command || foreign->commands & command)) {
            error_set(error, "%s", foreign->advice);
            return;
        }
    }
    if (row)
        say_whose(command, row, word, error);
    else
        error_set(error, "no such option: '%s'", word);
}

/* Reports a WORD with two dashes that is no option of COMMAND. */
static void say_wrong_name(enum command_set command, const char *word, struct error *error)
{
    size_t length = strcspn(word, "=");
    const struct option_row *row;
    char name[NAME_CHARS];

    if (length >= sizeof(name))
        length = sizeof(name) - 1;
    memcpy(name, word, length);
    name[length] = '\0';
    row = option_named(name + strlen("--"), command);
    if (row && !option_belongs(row, command)) {
        say_whose(command, row, name, error);
        return;
    }
    error_set(error, "no such option: '%s'", word);
    for (size_t i = 0; i < option_count; i++)
        if (option_belongs(&option_table[i], command) &&
            is_misspelt(name + strlen("--"), option_table[i].name))
            error_set(error, "no such option: '%s': did you mean --%s?", word,
                      option_table[i].name);
}

/* Reports WORD, at which getopt_long() found none of COMMAND's options. */
static void say_wrong(enum command_set command, const char *word, struct error *error)
{
    if (optopt >= FIRST_ROW)
        error_set(error, "option '--%s' takes no argument", row_of(optopt, command)->name);
    else if (optopt)
        say_wrong_letter(command, (char)optopt, error);
    else
        say_wrong_name(command, word, error);
}

/* Sets the option of ROW, typed as getopt_long()'s value FOUND. Returns 0, or -1 with ERROR set. */
static int set_option(struct options *options, const struct option_row *row, int found,
                      struct error *error)
{
    struct error why;

    options->given |= UINT64_C(1) << (row - option_table);
    if (found >= FIRST_ROW)
        return row->type->parse(options, row, optarg, error);
    if (row->type->parse(options, row, optarg, &why) == 0)
        return 0;
    return error_set(error, "-%c: %s", row->letter, why.text);
}

/* Handles getopt_long()'s value FOUND for WORD. */
static enum options_status take(struct options *options, int found, const char *word,
                                struct error *error)
{
    const struct option_row *row;

    switch (found) {
    case OPERAND:
        options->operands[options->operand_count++] = optarg;
        return OPTIONS_DONE;
    case ':':
        error_set(error, "option '%s' needs an argument", word);
        return OPTIONS_WRONG;
    case '?':
        say_wrong(options->command, word, error);
        return OPTIONS_WRONG;
    default:
        row = row_of(found, options->command);
        if (set_option(options, row, found, error) < 0)
            return OPTIONS_WRONG;
        if (options->help)
            return OPTIONS_HELP;
        return options->version ? OPTIONS_VERSION : OPTIONS_DONE;
    }
}

enum options_status words_parse(struct options *options, int argc, char **argv, struct error *error)
{
    struct getopt_tables tables;
    int found;

    make_tables(&tables, options->command);
    options->operands = argv + 1; /* operands overwrite words that were read already */
    optind = 0;                   /* restarts getopt_long(), also after an earlier call */
    while ((found = getopt_long(argc, argv, tables.letters, tables.names, NULL)) != -1) {
        enum options_status status = take(options, found, argv[optind - 1], error);

        if (status != OPTIONS_DONE)
            return status;
    }
    while (optind < argc) /* words behind -- */
        options->operands[options->operand_count++] = argv[optind++];
    return OPTIONS_DONE;
}
