/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "command/options.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/store.h"
#include "track/tracker.h"

#define KILO        1024
#define MEGABYTE    (UINT64_C(1) << 20)
#define DAYS_MAX    36500
#define SECONDS_MAX 3600

enum option_kind {
    KIND_FLAG,
    KIND_NUMBER,
    KIND_SIZE, /* a number of bytes, with a suffix K, M, G or T */
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
    const char *only; /* names of the commands that it is for, or NULL: for all */
};

static const struct options defaults = {
    .window = WINDOW_DEFAULT,
    .max_flows = MAX_FLOWS_DEFAULT,
    .flush_interval = STORE_FLUSH_SECONDS,
    .retain = STORE_RETAIN_DAYS,
    .max_db_size = STORE_MAX_BYTES,
};

#define MEMBER(name) offsetof(struct options, name)

/* clang-format off */
static const struct option_row rows[] = {
    {"db", "FILE", "keep what is found in this SQLite database", KIND_TEXT, MEMBER(db), 0, 0, NULL},
    {"filter", "EXPR", "only frames that match EXPR (pcap-filter)", KIND_TEXT, MEMBER(filter), 0, 0, NULL},
    {"flush-interval", "N", "seconds between writes to the database, 1 to 3600 (5)", KIND_NUMBER, MEMBER(flush_interval), 1, SECONDS_MAX, NULL},
    {"json", NULL, "print one JSON object with all flows and gaps", KIND_FLAG, MEMBER(json), 0, 0, NULL},
    {"max-db-size", "SIZE", "of the database; beyond it the oldest goes (10G)", KIND_SIZE, MEMBER(max_db_size), MEGABYTE, INT64_MAX, NULL},
    {"max-flows", "N", "flows kept at a time; the longest idle leaves first (1000000)", KIND_NUMBER, MEMBER(max_flows), 1, MAX_FLOWS_MAX, NULL},
    {"quiet", NULL, "no progress bar", KIND_FLAG, MEMBER(quiet), 0, 0, NULL},
    {"replace", NULL, "analyze: replace what the database has of the same files", KIND_FLAG, MEMBER(replace), 0, 0, "analyze"},
    {"retain", "DAYS", "that the database keeps gaps; intervals thin out earlier (30)", KIND_NUMBER, MEMBER(retain), 1, DAYS_MAX, NULL},
    {"window", "N", "reorder window: a number is lost once N behind, 1 to 4096 (32)", KIND_NUMBER, MEMBER(window), 1, WINDOW_MAX, NULL},
    {"help", NULL, "print this text", KIND_HELP, 0, 0, 0, NULL},
    {"version", NULL, "print the version", KIND_VERSION, 0, 0, 0, NULL},
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

/* Whether ROW is an option of COMMAND. */
static int is_option_of(const struct option_row *row, const char *command)
{
    size_t length = strlen(command);

    for (const char *at = row->only; at && *at; at += strcspn(at, " "), at += strspn(at, " "))
        if (strcspn(at, " ") == length && strncmp(at, command, length) == 0)
            return 1;
    return !row->only;
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

enum options_status options_parse(struct options *options, int argc, char **argv,
                                  struct error *error)
{
    struct option long_options[ROW_COUNT + 1];
    int found, row;

    make_long_options(long_options);
    *options = defaults;
    while ((found = getopt_long(argc, argv, ":", long_options, &row)) != -1) {
        enum options_status status;

        if (found == 0 && !is_option_of(&rows[row], argv[0])) {
            error_set(error, "--%s is not an option of '%s'", rows[row].name, argv[0]);
            return OPTIONS_WRONG;
        }
        status = take(options, found, row, argv[optind - 1], error);
        if (status != OPTIONS_DONE)
            return status;
    }
    options->operands = argv + optind;
    options->operand_count = argc - optind;
    return OPTIONS_DONE;
}

void options_explain(void)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        printf("  --%-14s %-5s %s\n", rows[i].name, rows[i].argument ? rows[i].argument : "",
               rows[i].help);
}
