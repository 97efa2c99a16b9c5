/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "command/options.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/config.h"
#include "track/tracker.h"

#define PORT_MAX        65535
#define WORKERS_MAX     64
#define METRICS_TOP_MAX 1000

enum option_kind {
    KIND_FLAG,
    KIND_NUMBER,
    KIND_TEXT,
    KIND_HELP,
    KIND_VERSION,
};

struct option_row {
    const char *name;
    const char *argument; /* its name in the help, or NULL: the option takes none */
    const char *help;
    enum option_kind kind;
    size_t member; /* offset in struct options */
    uint64_t min;
    uint64_t max;
};

static const struct options defaults = {
    .window = WINDOW_DEFAULT,
    .max_flows = MAX_FLOWS_DEFAULT,
    .host = "127.0.0.1",
    .port = 3000,
    .workers = 2,
    .user = "nobody",
    .metrics_top = 50,
};

#define MEMBER(name) offsetof(struct options, name)

static const struct option_row rows[] = {
    {"filter", "EXPR", "only frames that match EXPR (pcap-filter)", KIND_TEXT, MEMBER(filter), 0,
     0},
    {"json", NULL, "print one JSON object with all flows and gaps", KIND_FLAG, MEMBER(json), 0, 0},
    {"max-flows", "N", "flows kept at a time; the longest idle leaves first (1000000)", KIND_NUMBER,
     MEMBER(max_flows), 1, MAX_FLOWS_MAX},
    {"quiet", NULL, "no progress bar", KIND_FLAG, MEMBER(quiet), 0, 0},
    {"window", "N", "reorder window: a number is lost once N behind, 1 to 4096 (32)", KIND_NUMBER,
     MEMBER(window), 1, WINDOW_MAX},
    {"config", "FILE", "JSON file with options; those given here win", KIND_TEXT, MEMBER(config), 0,
     0},
    {"db", "DB", "the database", KIND_TEXT, MEMBER(db), 0, 0},
    {"host", "ADDR", "serve: address to listen on (127.0.0.1)", KIND_TEXT, MEMBER(host), 0, 0},
    {"port", "N", "serve: port to listen on (3000)", KIND_NUMBER, MEMBER(port), 1, PORT_MAX},
    {"workers", "N", "serve: processes that answer (2)", KIND_NUMBER, MEMBER(workers), 1,
     WORKERS_MAX},
    {"user", "NAME", "serve: whom they run as when root starts it (nobody)", KIND_TEXT,
     MEMBER(user), 0, 0},
    {"metrics-top", "N", "serve: worst flows with metrics of their own (50)", KIND_NUMBER,
     MEMBER(metrics_top), 0, METRICS_TOP_MAX},
    {"cors-origin", "ORIGIN", "serve: site whose pages may read the API", KIND_TEXT,
     MEMBER(cors_origin), 0, 0},
    {"token-file", "FILE", "serve: the bearer token that clients need", KIND_TEXT,
     MEMBER(token_file), 0, 0},
    {"allow-anonymous", NULL, "serve: no token, though the address is not loopback", KIND_FLAG,
     MEMBER(allow_anonymous), 0, 0},
    {"tls-cert", "FILE", "serve: certificate chain (PEM), for HTTPS", KIND_TEXT, MEMBER(tls_cert),
     0, 0},
    {"tls-key", "FILE", "serve: its private key (PEM)", KIND_TEXT, MEMBER(tls_key), 0, 0},
    {"help", NULL, "print this text", KIND_HELP, 0, 0, 0},
    {"version", NULL, "print the version", KIND_VERSION, 0, 0, 0},
};

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

/* What getopt_long found at ARGUMENT; ROW is the option when FOUND is 0. */
static enum options_status take(struct options *options, int found, int row, const char *argument,
                                struct error *error)
{
    switch (found) {
    case 0:
        return apply(options, &rows[row], optarg, error);
    case ':':
        error_set(error, "option '%s' needs an argument", argument);
        return OPTIONS_WRONG;
    default:
        error_set(error, "no such option: '%s'", argument);
        return OPTIONS_WRONG;
    }
}

static enum options_status parse_words(struct options *options, int argc, char **argv,
                                       struct error *error)
{
    struct option long_options[ROW_COUNT + 1];
    int found, row;

    make_long_options(long_options);
    optind = 0; /* from the first word, also when this was done before */
    while ((found = getopt_long(argc, argv, ":", long_options, &row)) != -1) {
        enum options_status status = take(options, found, row, argv[optind - 1], error);

        if (status != OPTIONS_DONE)
            return status;
    }
    options->operands = argv + optind;
    options->operand_count = argc - optind;
    return OPTIONS_DONE;
}

enum options_status options_parse(struct options *options, int argc, char **argv,
                                  struct error *error)
{
    enum options_status status;
    const char *config;

    *options = defaults;
    status = parse_words(options, argc, argv, error);
    config = options->config;
    if (status != OPTIONS_DONE || !config)
        return status;
    *options = defaults;
    status = config_apply(options, config, error);
    return status == OPTIONS_DONE ? parse_words(options, argc, argv, error) : status;
}

/* What json_tree() calls the values that an option of KIND takes. */
static int takes_type(enum option_kind kind, const char *type)
{
    switch (kind) {
    case KIND_FLAG:
        return strcmp(type, "true") == 0 || strcmp(type, "false") == 0;
    case KIND_NUMBER:
        return strcmp(type, "integer") == 0;
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
    if (strcmp(type, "false") == 0)
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
        printf("  --%-15s %-6s %s\n", rows[i].name, rows[i].argument ? rows[i].argument : "",
               rows[i].help);
}
