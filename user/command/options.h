/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Command-line options: one table both parses them and explains them. */
#ifndef GAPWATCH_COMMAND_OPTIONS_H
#define GAPWATCH_COMMAND_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "base/exit_code.h"

/* The commands, as a set: who takes an option. */
enum command_set {
    COMMAND_NONE = 0, /* the program itself, without a command */
    COMMAND_ANALYZE = 1 << 0,
    COMMAND_CAPTURE = 1 << 1,
    COMMAND_INTERFACES = 1 << 2,
    COMMAND_SERVE = 1 << 3,
};

#define CONFIG_CHARS 8192

struct options {
    enum command_set command;
    int json;
    int quiet;
    uint64_t window;
    uint64_t max_flows;
    const char *filter;
    const char *db;
    int replace;
    uint64_t flush_interval; /* seconds */
    uint64_t retain;         /* days */
    uint64_t max_db_size;    /* bytes */
    uint64_t direction;      /* enum direction */
    uint64_t timestamp;      /* enum timestamp_choice */
    uint64_t workers;        /* of capture or serve */
    uint64_t buffer_mb;
    uint64_t idle_timeout_s;
    const char *user;
    const char *host;
    uint64_t port;
    const char *cors_origin;
    uint64_t metrics_top;
    const char *token_file;
    int allow_anonymous;
    const char *tls_cert;
    const char *tls_key;
    const char *config;
    char config_text[CONFIG_CHARS]; /* what the file says, which the pointers above may point to */
    size_t config_used;
    char **operands; /* what is not an option; the strings are argv's */
    int operand_count;
};

enum options_status {
    OPTIONS_DONE,
    OPTIONS_HELP,    /* --help was asked for */
    OPTIONS_VERSION, /* --version was */
    OPTIONS_WRONG,   /* and the error says what */
    OPTIONS_FAILED,  /* the configuration file could not be read */
};

/* Parses ARGV, whose first element is the command's name, over what the file of --config says, over
 * the defaults. Options that COMMAND does not take are wrong. OPTIONS must stay where it is. */
enum options_status options_parse(struct options *options, enum command_set command, int argc,
                                  char **argv, struct error *error);

/* Sets the option NAME from JSON: TYPE is that of json_tree(), VALUE the value as text, of which a
 * copy is made. What is for other commands is checked, and left alone. Returns 0, or -1 with ERROR
 * set. */
int options_set(struct options *options, const char *name, const char *type, const char *value,
                struct error *error);

/* Prints a line for each option. */
void options_explain(void);

#endif
