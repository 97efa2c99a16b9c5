/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What has to be found, read and checked before Kore starts: it would fail later, and with more
 * words. */
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
    char host[HOST_CHARS];      /* the address in numbers */
    char directory[PATH_MAX];   /* of the database, absolute */
    const char *file;           /* its name there */
    char module[PATH_MAX];      /* the directory of the module */
    char kore[PATH_MAX];        /* the program */
    char certificate[PATH_MAX]; /* absolute; "" without TLS */
    char key[PATH_MAX];
    char key_owner[USER_CHARS];
    int key_file; /* descriptor of the private key, or -1 */
    int token;    /* descriptor of the file with the token, or -1 */
    int is_root;
    int must_keep_reading; /* the user that workers run as may not read the database */
};

/* Fills SERVER from OPTIONS and checks it. Returns the exit code, EXIT_DONE when all is well;
 * otherwise ERROR says what is not. */
enum exit_code server_prepare(struct server *server, const struct options *options,
                              struct error *error);

#endif
