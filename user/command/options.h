/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Command-line options: one table both parses them and explains them. */
#ifndef GAPWATCH_COMMAND_OPTIONS_H
#define GAPWATCH_COMMAND_OPTIONS_H

#include <stdint.h>

#include "base/error.h"

enum exit_code {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
};

struct options {
    int json;
    int quiet;
    uint64_t window;
    uint64_t max_flows;
    const char *filter;
    const char *db;
    const char *host;
    uint64_t port;
    uint64_t workers;
    const char *user;
    const char *cors_origin;
    uint64_t metrics_top;
    const char *token_file;
    int allow_anonymous;
    const char *tls_cert;
    const char *tls_key;
    char **operands; /* what is not an option; the strings are argv's */
    int operand_count;
};

enum options_status {
    OPTIONS_DONE,
    OPTIONS_HELP,    /* --help was asked for */
    OPTIONS_VERSION, /* --version was */
    OPTIONS_WRONG,   /* and the error says what */
};

/* Parses ARGV, whose first element is the command's name, over the defaults. */
enum options_status options_parse(struct options *options, int argc, char **argv,
                                  struct error *error);

/* Prints a line for each option. */
void options_explain(void);

#endif
