/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The options that the user gave, on the command line and in a configuration file. */
#ifndef GAPWATCH_OPTIONS_OPTIONS_H
#define GAPWATCH_OPTIONS_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "esp_ports.h"

/* A set of commands. */
enum command_set {
    COMMAND_NONE = 0, /* the program without a command */
    COMMAND_ANALYZE = 1 << 0,
    COMMAND_CAPTURE = 1 << 1,
    COMMAND_INTERFACES = 1 << 2,
    COMMAND_SERVE = 1 << 3,
    COMMAND_COMPARE = 1 << 4,
    COMMAND_SHIP = 1 << 5,
};

/* The name of COMMAND, a single command. */
const char *command_name(enum command_set command);

#define COMMANDS_ALL                                                                               \
    (COMMAND_ANALYZE | COMMAND_CAPTURE | COMMAND_INTERFACES | COMMAND_SERVE | COMMAND_COMPARE |    \
     COMMAND_SHIP)

#define INTERFACES_MAX 64 /* per process */
#define OPTION_TEXTS_CHARS                                                                         \
    8192 /* for all texts of a configuration file and names of interfaces                          \
          */

/* Has a member for each option. Strings live as long as argv and this structure. */
struct options {
    enum command_set command;
    int help;
    int version;
    int json;
    int sas;
    int peers;
    int quiet;
    const char *interfaces[INTERFACES_MAX]; /* all different; they may not exist */
    size_t interface_count;
    int merge;
    int in_order;
    uint64_t dedup_ns;
    int follow;
    uint64_t interval;  /* seconds */
    uint64_t method;    /* enum method; METHOD_NONE: auto */
    uint32_t protocols; /* tracked protocols, a set of PROTOCOL_BITs */
    uint32_t tunnels;   /* tunnels that are opened, a set of TUNNEL_BITs */
    struct esp_ports esp_ports;
    uint64_t max_packets; /* 0: no limit */
    uint64_t window;
    uint64_t max_flows;
    const char *filter;
    uint64_t match; /* enum match: which SAs of two vantage points are one */
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
    const char *on_event;
    const char *host;
    uint64_t port;
    const char *cors_origin;
    const char *server_name;
    uint64_t hsts; /* seconds */
    uint64_t metrics_top;
    const char *token_file;
    int allow_anonymous;
    const char *tls_cert;
    const char *tls_key;
    const char *tls_ca;
    const char *to; /* where ship sends rows */
    const char *sensor;
    const char *auth_file;
    int once;
    int print_schema;
    int plain;
    uint64_t samples; /* one sample of this many is shipped; 0: none */
    const char *ship; /* where a capture's own ship sends rows; NULL: it has none */
    const char *config;
    char **operands; /* words that are not options, in argv's memory */
    int operand_count;

    /* Used by the parser. */
    uint64_t given;                 /* a bit for each row of the table that the command line sets */
    char texts[OPTION_TEXTS_CHARS]; /* copies of texts from elsewhere */
    size_t texts_used;
};

enum options_status {
    OPTIONS_DONE,
    OPTIONS_HELP,    /* --help was given */
    OPTIONS_VERSION, /* --version was given */
    OPTIONS_WRONG,   /* wrong usage, described by the error */
    OPTIONS_FAILED,  /* the configuration file could not be read */
};

#endif
