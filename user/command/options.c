/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "command/options.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source/source.h"
#include "store/store.h"
#include "track/tracker.h"

#define KILO              1024
#define DB_SIZE_MIN       (UINT64_C(1) << 20)
#define DAYS_MAX          36500
#define FLUSH_SECONDS_MAX 3600
#include "command/config.h"
#include "track/tracker.h"

#define PORT_MAX        65535
#define SERVE_WORKERS   2
#define METRICS_TOP_MAX 1000

enum option_kind {
    KIND_FLAG,
    KIND_NUMBER,
    KIND_SIZE, /* a number of bytes, with a suffix K, M, G or T */
    KIND_TEXT,
    KIND_CHOICE,
    KIND_HELP,
    KIND_VERSION,
};

struct option_row {
    const char *name;
    const char *argument; /* its name in the help, or NULL: the option takes none; of a choice, the
                             words separated by |, which stand for 0, 1, 2 ... */
    const char *help;
    unsigned commands; /* who takes it, enum command_set; 0: everybody */
    enum option_kind kind;
    size_t member; /* offset in struct options */
    uint64_t min;
    uint64_t max;
};

static const struct options defaults = {
    .window = WINDOW_DEFAULT,
    .max_flows = MAX_FLOWS_DEFAULT,
    .flush_interval = STORE_FLUSH_SECONDS,
    .retain = STORE_RETAIN_DAYS,
    .max_db_size = STORE_MAX_BYTES,
    .buffer_mb = 32,
    .idle_timeout_s = 300,
    .host = "127.0.0.1",
    .port = 3000,
    .metrics_top = 50,
};

#define MEMBER(name) offsetof(struct options, name)

#define TRACKING     (COMMAND_ANALYZE | COMMAND_CAPTURE)
#define ALL_COMMANDS (TRACKING | COMMAND_INTERFACES | COMMAND_SERVE)

/* clang-format off */
static const struct option_row rows[] = {
    {"allow-anonymous", NULL, "serve: no token, though the address is not loopback",
     COMMAND_SERVE, KIND_FLAG, MEMBER(allow_anonymous), 0, 0},
    {"buffer", "MB", "capture: ring between kernel and program, for each worker (32)",
     COMMAND_CAPTURE, KIND_NUMBER, MEMBER(buffer_mb), 1, 1024},
    {"config", "FILE", "JSON file with options; those given here win",
     ALL_COMMANDS, KIND_TEXT, MEMBER(config), 0, 0},
    {"cors-origin", "ORIGIN", "serve: site whose pages may read the API",
     COMMAND_SERVE, KIND_TEXT, MEMBER(cors_origin), 0, 0},
    {"db", "FILE", "the SQLite database for what is found, or that is served",
     TRACKING | COMMAND_SERVE, KIND_TEXT, MEMBER(db), 0, 0},
    {"direction", "both|in|out", "capture: frames that come in, go out, or both (both)",
     COMMAND_CAPTURE, KIND_CHOICE, MEMBER(direction), 0, 0},
    {"filter", "EXPR", "only frames that match EXPR (pcap-filter)",
     TRACKING, KIND_TEXT, MEMBER(filter), 0, 0},
    {"flush-interval", "SECONDS", "between writes to the database, 1 to 3600 (5)",
     TRACKING, KIND_NUMBER, MEMBER(flush_interval), 1, FLUSH_SECONDS_MAX},
    {"host", "ADDR", "serve: address to listen on (127.0.0.1)",
     COMMAND_SERVE, KIND_TEXT, MEMBER(host), 0, 0},
    {"idle-timeout", "SECONDS", "capture: a flow leaves after so long without frames (300)",
     COMMAND_CAPTURE, KIND_NUMBER, MEMBER(idle_timeout_s), 1, 31536000},
    {"json", NULL, "print one JSON object with all there is to say",
     TRACKING | COMMAND_INTERFACES, KIND_FLAG, MEMBER(json), 0, 0},
    {"max-db-size", "SIZE", "of the database, as 500M or 2G; the oldest goes first (10G)",
     TRACKING, KIND_SIZE, MEMBER(max_db_size), DB_SIZE_MIN, INT64_MAX},
    {"max-flows", "N", "flows kept at a time; the longest idle leaves first (1000000)",
     TRACKING, KIND_NUMBER, MEMBER(max_flows), 1, MAX_FLOWS_MAX},
    {"metrics-top", "N", "serve: worst flows with metrics of their own (50)",
     COMMAND_SERVE, KIND_NUMBER, MEMBER(metrics_top), 0, METRICS_TOP_MAX},
    {"port", "N", "serve: port to listen on (3000)",
     COMMAND_SERVE, KIND_NUMBER, MEMBER(port), 1, PORT_MAX},
    {"quiet", NULL, "no progress",
     TRACKING | COMMAND_SERVE, KIND_FLAG, MEMBER(quiet), 0, 0},
    {"replace", NULL, "analyze: in the place of what the database has of the same files",
     COMMAND_ANALYZE, KIND_FLAG, MEMBER(replace), 0, 0},
    {"retain", "DAYS", "that the database keeps gaps; intervals thin out earlier (30)",
     TRACKING, KIND_NUMBER, MEMBER(retain), 1, DAYS_MAX},
    {"timestamp", "auto|hw|sw", "capture: whose clock dates the frames (auto)",
     COMMAND_CAPTURE, KIND_CHOICE, MEMBER(timestamp), 0, 0},
    {"tls-cert", "FILE", "serve: certificate chain (PEM), for HTTPS",
     COMMAND_SERVE, KIND_TEXT, MEMBER(tls_cert), 0, 0},
    {"tls-key", "FILE", "serve: its private key (PEM)",
     COMMAND_SERVE, KIND_TEXT, MEMBER(tls_key), 0, 0},
    {"token-file", "FILE", "serve: the bearer token that clients need",
     COMMAND_SERVE, KIND_TEXT, MEMBER(token_file), 0, 0},
    {"user", "NAME", "capture: once attached, go on as this user; serve: the workers' (nobody)",
     COMMAND_CAPTURE | COMMAND_SERVE, KIND_TEXT, MEMBER(user), 0, 0},
    {"window", "N", "reorder window: a number is lost once N behind, 1 to 4096 (32)",
     TRACKING, KIND_NUMBER, MEMBER(window), 1, WINDOW_MAX},
    {"workers", "N", "capture: threads that track (1); serve: processes that answer (2)",
     COMMAND_CAPTURE | COMMAND_SERVE, KIND_NUMBER, MEMBER(workers), 1, WORKERS_MAX},
    {"help", NULL, "print this text", 0, KIND_HELP, 0, 0, 0},
    {"version", NULL, "print the version", 0, KIND_VERSION, 0, 0, 0},
};
/* clang-format on */

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

/* Returns 0, or -1 when TEXT is not a decimal number from MIN to MAX. */
static int parse_number(const char *text, uint64_t min, uint64_t max, uint64_t *number)
{
    char *end;

    if (*text < '0' || *text > '9')
        return -1;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return errno || *end || *number < min || *number > max ? -1 : 0;
}

/* Returns 0, or -1 when TEXT is not a size from MIN to MAX: a number, and maybe K, M, G or T. */
static int parse_size(const char *text, uint64_t min, uint64_t max, uint64_t *size)
{
    static const char suffixes[] = "KMGT";
    const char *suffix = *text ? strchr(suffixes, text[strlen(text) - 1]) : NULL;
    char number[32];
    size_t length = strlen(text) - (suffix != NULL);

    if (length >= sizeof(number))
        return -1;
    memcpy(number, text, length);
    number[length] = '\0';
    if (parse_number(number, 0, max, size) < 0)
        return -1;
    for (const char *unit = suffixes; suffix && unit <= suffix; unit++) {
        if (*size > max / KILO)
            return -1;
        *size *= KILO;
    }
    return *size < min ? -1 : 0;
}

/* The number of the word TEXT among WORDS, which are separated by |; or -1. */
static int choice_number(const char *words, const char *text)
{
    size_t length = strlen(text);

    for (int number = 0;; number++) {
        size_t span = strcspn(words, "|");

        if (span == length && strncmp(words, text, span) == 0)
            return number;
        if (!words[span])
            return -1;
        words += span + 1;
    }
}

static enum options_status apply(struct options *options, const struct option_row *row,
                                 const char *argument, struct error *error)
{
    void *member = (char *)options + row->member;

    switch (row->kind) {
    case KIND_HELP:
        return OPTIONS_HELP;
    case KIND_VERSION:
        return OPTIONS_VERSION;
    case KIND_FLAG:
        *(int *)member = 1;
        return OPTIONS_DONE;
    case KIND_TEXT:
        *(const char **)member = argument;
        return OPTIONS_DONE;
    case KIND_CHOICE:
        if (choice_number(row->argument, argument) >= 0) {
            *(uint64_t *)member = (uint64_t)choice_number(row->argument, argument);
            return OPTIONS_DONE;
        }
        error_set(error, "--%s takes %s, not '%s'", row->name, row->argument, argument);
        return OPTIONS_WRONG;
    case KIND_SIZE:
        if (parse_size(argument, row->min, row->max, member) == 0)
            return OPTIONS_DONE;
        error_set(error, "--%s takes a size like 500M or 2G, of 1M at least, not '%s'", row->name,
                  argument);
        return OPTIONS_WRONG;
    case KIND_NUMBER:
        if (parse_number(argument, row->min, row->max, member) == 0)
            return OPTIONS_DONE;
        error_set(error, "--%s takes a whole number from %llu to %llu, not '%s'", row->name,
                  (unsigned long long)row->min, (unsigned long long)row->max, argument);
        return OPTIONS_WRONG;
    }
    return OPTIONS_WRONG;
}

/* The table in the form that getopt_long takes. */
static void make_long_options(struct option *long_options)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        long_options[i] = (struct option){
            .name = rows[i].name,
            .has_arg = rows[i].argument ? required_argument : no_argument,
        };
    long_options[ROW_COUNT] = (struct option){0};
}

static int takes(enum command_set command, const struct option_row *row)
{
    return !row->commands || row->commands & command;
}

/* What getopt_long found at ARGUMENT; ROW is the option when FOUND is 0. */
static enum options_status take(struct options *options, enum command_set command, int found,
                                int row, const char *argument, struct error *error)
{
    switch (found) {
    case 0:
        if (takes(command, &rows[row]))
            return apply(options, &rows[row], optarg, error);
        error_set(error, "option '--%s' does not belong to this command", rows[row].name);
        return OPTIONS_WRONG;
    case ':':
        error_set(error, "option '%s' needs an argument", argument);
        return OPTIONS_WRONG;
    default:
        error_set(error, "no such option: '%s'", argument);
        return OPTIONS_WRONG;
    }
}

static enum options_status parse_words(struct options *options, enum command_set command, int argc,
                                       char **argv, struct error *error)
{
    struct option long_options[ROW_COUNT + 1];
    int found, row;

    make_long_options(long_options);
    optind = 0; /* from the first word, also when this was done before */
    while ((found = getopt_long(argc, argv, ":", long_options, &row)) != -1) {
        enum options_status status = take(options, command, found, row, argv[optind - 1], error);

        if (status != OPTIONS_DONE)
            return status;
    }
    options->operands = argv + optind;
    options->operand_count = argc - optind;
    return OPTIONS_DONE;
}

static enum options_status parse_all(struct options *options, enum command_set command, int argc,
                                     char **argv, struct error *error)
{
    enum options_status status;
    const char *config;

    *options = defaults;
    status = parse_words(options, command, argc, argv, error);
    config = options->config;
    if (status != OPTIONS_DONE || !config)
        return status;
    *options = defaults;
    options->command = command;
    status = config_apply(options, config, error);
    return status == OPTIONS_DONE ? parse_words(options, command, argc, argv, error) : status;
}

enum options_status options_parse(struct options *options, enum command_set command, int argc,
                                  char **argv, struct error *error)
{
    enum options_status status = parse_all(options, command, argc, argv, error);

    /* What nobody said depends on the command. */
    if (!options->workers)
        options->workers = command == COMMAND_SERVE ? SERVE_WORKERS : 1;
    if (!options->user && command == COMMAND_SERVE)
        options->user = "nobody";
    return status;
}

/* What json_tree() calls the values that an option of KIND takes. */
static int takes_type(enum option_kind kind, const char *type)
{
    switch (kind) {
    case KIND_FLAG:
        return strcmp(type, "true") == 0 || strcmp(type, "false") == 0;
    case KIND_NUMBER:
        return strcmp(type, "integer") == 0;
    case KIND_SIZE:
    case KIND_CHOICE:
    case KIND_TEXT:
        return strcmp(type, "text") == 0;
    default:
        return 0;
    }
}

int options_set(struct options *options, const char *name, const char *type, const char *value,
                struct error *error)
{
    char *copy = options->config_text + options->config_used;
    size_t row = 0, size = strlen(value) + 1;

    while (row < ROW_COUNT && strcmp(rows[row].name, name) != 0)
        row++;
    if (row == ROW_COUNT || rows[row].kind == KIND_HELP || rows[row].kind == KIND_VERSION ||
        rows[row].member == MEMBER(config))
        return error_set(error, "there is no such key");
    if (!takes_type(rows[row].kind, type))
        return error_set(error, "it does not take JSON of type %s", type);
    if (strcmp(type, "false") == 0 || !takes(options->command, &rows[row]))
        return 0;
    if (size > sizeof(options->config_text) - options->config_used)
        return error_set(error, "the values are too long");
    memcpy(copy, value, size);
    options->config_used += size;
    return apply(options, &rows[row], copy, error) == OPTIONS_DONE ? 0 : -1;
}

void options_explain(void)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        printf("  --%-15s %-11s %s\n", rows[i].name, rows[i].argument ? rows[i].argument : "",
               rows[i].help);
}
