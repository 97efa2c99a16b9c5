/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The program: finds the command and runs it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/spelling.h"
#include "command/analyze.h"
#include "command/capture.h"
#include "command/capture_words.h"
#include "command/compare.h"
#include "command/interfaces.h"
#include "command/serve.h"
#include "command/ship.h"
#include "command/version.h"
#include "options/help.h"
#include "options/options.h"
#include "options/parse.h"
#if defined(GAPWATCH_BPF)
#include "source/bpf/pins.h"
#endif

struct command {
    enum command_set id;
    const char *operands;
    const char *help;

    /* Moves operands into the options; NULL: the command reads them itself. Returns 0, or -1 with
     * ERROR set: wrong usage. */
    int (*take_words)(struct options *options, struct error *error);
    enum exit_code (*run)(const struct options *options);
};

static const struct command commands[] = {
    {COMMAND_ANALYZE, "FILE...", "find lost frames in capture files (\"-\" is standard input)",
     NULL, analyze},
    {COMMAND_CAPTURE, "IFACE[,IFACE...] [DB] [METHOD]",
     "watch interfaces; METHOD is auto, xdp, tc, af_packet or pcap", capture_take_words, capture},
    {COMMAND_COMPARE, "A B",
     "find where frames were lost between two captures, and how long they took", NULL, compare},
    {COMMAND_INTERFACES, "", "list the interfaces that can be captured, and the methods for each",
     NULL, interfaces},
    {COMMAND_SHIP, "--db DB --to URL",
     "copy results to ClickHouse, or to files of newline-delimited JSON", NULL, ship},
#if defined(GAPWATCH_API)
    {COMMAND_SERVE, "--db DB", "serve a database over HTTP: REST API, metrics, dashboard", NULL,
     serve},
#endif
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static void print_command(const struct command *command)
{
    printf("  gapwatch %s [OPTION...]%s%s\n      %s\n", command_name(command->id),
           *command->operands ? " " : "", command->operands, command->help);
}

/* Prints the help of COMMAND, or of the program with all commands when COMMAND is NULL. */
static void print_help(const struct command *command)
{
    unsigned all = 0;

    if (command) {
        puts("Usage:");
        print_command(command);
        puts("\nOptions:");
        options_explain(command->id);
    } else {
        puts("gapwatch finds the frames that a network lost on encrypted links.\n\nUsage:");
        for (size_t i = 0; i < COMMAND_COUNT; i++) {
            print_command(&commands[i]);
            all |= commands[i].id;
        }
        options_explain_all(all);
    }
    puts("\nExit status: 0 done, 1 failed, 2 wrong usage.");
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(command_name(commands[i].id), name) == 0)
            return &commands[i];
    return NULL;
}

/* Reports that there is no command NAME, with a similar one that may be meant. */
static enum exit_code unknown_command(const char *name)
{
    struct error error;

    error_set(&error, "no such command: '%s' (see gapwatch --help)", name);
    if (access(name, F_OK) == 0)
        error_set(&error, "no such command: '%s': did you mean gapwatch analyze %s?", name, name);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (is_misspelt(name, command_name(commands[i].id)))
            error_set(&error, "no such command: '%s': did you mean %s?", name,
                      command_name(commands[i].id));
    return complain(&error, EXIT_USAGE);
}

/* Runs COMMAND; its options and operands are parsed. */
static enum exit_code run_parsed(const struct command *command, struct options *options)
{
    struct error error;

    if (!command)
        error_set(&error, "no command given (see gapwatch --help)");
    else if (!command->take_words || command->take_words(options, &error) == 0)
        return command->run(options);
    return complain(&error, EXIT_USAGE);
}

/* ARGV starts with COMMAND, or with the program's name when COMMAND is NULL. */
static enum exit_code run_command(const struct command *command, int argc, char **argv)
{
    struct options options;
    struct error error;

    switch (options_parse(&options, command ? command->id : COMMAND_NONE, argc, argv, &error)) {
    case OPTIONS_DONE:
        return run_parsed(command, &options);
    case OPTIONS_HELP:
        print_help(command);
        return EXIT_DONE;
    case OPTIONS_VERSION:
        version_print();
        return EXIT_DONE;
    case OPTIONS_FAILED:
        return complain(&error, EXIT_FAILED);
    case OPTIONS_WRONG:
        break;
    }
    return complain(&error, EXIT_USAGE);
}

/* Removes the pins of killed sensors, which take kernel memory. */
static void clean_up(void)
{
#if defined(GAPWATCH_BPF)
    pins_remove_dead();
#endif
}

/* Whether ARGV asks for the help of a command, as `gapwatch --help capture` does. */
static int asks_for_help_of_command(int argc, char **argv)
{
    return argc == 3 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) &&
           argv[2][0] != '-';
}

static enum exit_code run(int argc, char **argv)
{
    const struct command *command;

    if (asks_for_help_of_command(argc, argv)) {
        command = find_command(argv[2]);
        if (!command)
            return unknown_command(argv[2]);
        print_help(command);
        return EXIT_DONE;
    }
    if (argc < 2 || argv[1][0] == '-')
        return run_command(NULL, argc, argv);
    command = find_command(argv[1]);
    return command ? run_command(command, argc - 1, argv + 1) : unknown_command(argv[1]);
}

static volatile sig_atomic_t reader_is_gone;

static void note_reader(int signal_number)
{
    (void)signal_number;
    reader_is_gone = 1;
}

/* Ends the program as if a closed pipe had ended it. Results are stored by now. */
static void end_quietly(void)
{
    signal(SIGPIPE, SIG_DFL);
    raise(SIGPIPE);
}

/* Puts a descriptor that fails in the place of each standard stream that is closed: otherwise the
 * next file or socket gets its number, and messages are written to it. */
static void hold_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int main(int argc, char **argv)
{
    enum exit_code code;

    hold_standard_streams();
    signal(SIGPIPE, note_reader);
    clean_up();
    code = run(argc, argv);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        if (reader_is_gone)
            end_quietly();
        fprintf(stderr, "gapwatch: cannot write to standard output: %s\n", strerror(errno));
        return code > EXIT_FAILED ? (int)code : EXIT_FAILED;
    }
    return (int)code;
}
