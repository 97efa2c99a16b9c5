/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * How the parent of Kore's workers gives them secrets: in a file that exists in memory only. The
 * parent writes it, workers read it. They cannot open files outside of the database's directory.
 */
#ifndef GAPWATCH_API_SECRETS_SHARE_H
#define GAPWATCH_API_SECRETS_SHARE_H

#include <stdint.h>

#include "api/secrets/secrets.h"

struct share {
    int from;         /* its descriptor, which can only read */
    uint64_t version; /* of what this process took last; 0: nothing yet */
};

/* Makes the file of SHARE. Returns 0, or -1 with errno set. */
int share_open(struct share *share);

/* Called in the parent: writes SECRETS. Returns 0, or -1 with errno set. */
int share_write(const struct share *share, const struct secrets *secrets);

/* Called in a worker: reads SECRETS if they were written since the last call. Returns 1; or 0:
 * there are no new ones, and SECRETS is undefined. */
int share_take(struct share *share, struct secrets *secrets);

#endif
