/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Chooses the sink for the results of a command. No other code chooses one. */
#ifndef GAPWATCH_COMMAND_RESULTS_H
#define GAPWATCH_COMMAND_RESULTS_H

#include "options/options.h"
#include "store/store.h"

struct results {
    struct store_options store;
    struct sink sink; /* its settings are `store` */
};

/* Sets RESULTS, which must not be moved afterwards, from OPTIONS: to the database at PATH (NULL:
 * results are not kept), for COUNT captures at a time. Opens nothing. */
void results_choose(struct results *results, const struct options *options, const char *path,
                    size_t count);

/* The privileges (enum privilege) that RESULTS needs all the time. */
unsigned results_privileges(const struct results *results);

#endif
