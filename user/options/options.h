/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What the user asked for, on the command line and in a configuration file. */
#ifndef GAPWATCH_OPTIONS_OPTIONS_H
#define GAPWATCH_OPTIONS_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* The commands, as a set. */
enum command_set {
    COMMAND_NONE = 0, /* the program itself, without a command */
    COMMAND_ANALYZE = 1 << 0,
    COMMAND_CAPTURE = 1 << 1,
    COMMAND_INTERFACES = 1 << 2,
    COMMAND_SERVE = 1 << 3,
};

/* The name of COMMAND, which is a single one. */
const char *command_name(enum command_set command);

#define COMMANDS_ALL (COMMAND_ANALYZE | COMMAND_CAPTURE | COMMAND_INTERFACES | COMMAND_SERVE)

#define INTERFACES_MAX     64   /* captured by one process */
#define OPTION_TEXTS_CHARS 8192 /* all texts of a configuration file, and names of interfaces */

/* A member for each option. Strings live as long as argv and this structure do. */
struct options {
    enum command_set command;
    int help;
    int version;
    int json;
    int quiet;
    const char *interfaces[INTERFACES_MAX]; /* all different; maybe none of them exists */
    size_t interface_count;
    int merge;
    uint64_t method;      /* enum method; METHOD_NONE: auto */
    uint32_t protocols;   /* that are tracked, a set of PROTOCOL_BITs */
    uint64_t max_packets; /* 0: no end */
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
    char **operands; /* what is not an option, in argv's own memory */
    int operand_count;

    /* What the parser needs. */
    uint64_t given; /* a bit for each row of the table whose option is on the command line */
    char texts[OPTION_TEXTS_CHARS]; /* copies of texts that lie nowhere else */
    size_t texts_used;
};

enum options_status {
    OPTIONS_DONE,
    OPTIONS_HELP,    /* --help was asked for */
    OPTIONS_VERSION, /* --version was */
    OPTIONS_WRONG,   /* and the error says what */
    OPTIONS_FAILED,  /* the configuration file could not be read */
};

/* Parses ARGV, whose first element is the command's name. What it says wins over the file of
 * --config, and that over the defaults. Options that COMMAND does not take are wrong. The order of
 * ARGV changes. OPTIONS must stay where it is. ERROR is set unless the status is OPTIONS_DONE,
 * OPTIONS_HELP or OPTIONS_VERSION. */
enum options_status options_parse(struct options *options, enum command_set command, int argc,
                                  char **argv, struct error *error);

/* Sets the option NAME, one of COMMAND's, from TEXT, which must live as long as OPTIONS, as if it
 * were on the command line. Returns 0, or -1 with ERROR set. */
int options_set(struct options *options, const char *name, const char *text, struct error *error);

/* Whether the option NAME is on the command line. */
int options_given(const struct options *options, const char *name);

#endif
