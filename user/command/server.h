/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Finds and checks everything that Kore needs, before it starts. Kore would fail later, with less
 * clear messages. */
#ifndef GAPWATCH_COMMAND_SERVER_H
#define GAPWATCH_COMMAND_SERVER_H

#include <limits.h>
#include <netinet/in.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/exit_code.h"
#include "options/options.h"

#define HOST_CHARS INET6_ADDRSTRLEN
#define USER_CHARS 64

struct server {
    const struct options *options;
    char host[HOST_CHARS];      /* numeric address */
    char directory[PATH_MAX];   /* directory of the database, absolute */
    char file[NAME_MAX + 1];    /* name of the database in it */
    char module[PATH_MAX];      /* directory of the module */
    char kore[PATH_MAX];        /* path of the program */
    char token[PATH_MAX];       /* absolute; "" without a token */
    char certificate[PATH_MAX]; /* absolute; "" without TLS */
    char key[PATH_MAX];
    char key_owner[USER_CHARS];
    int is_root;
    int is_on_loopback;
    int must_keep_reading; /* workers need the capability to read the database */
};

/* Fills in SERVER from OPTIONS and checks it. Returns EXIT_DONE, or the exit status with
 * ERROR set. */
enum exit_code server_prepare(struct server *server, const struct options *options,
                              struct error *error);

#endif
