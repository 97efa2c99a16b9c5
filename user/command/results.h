/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Where a command has its results kept: the one place that chooses a kind of sink. */
#ifndef GAPWATCH_COMMAND_RESULTS_H
#define GAPWATCH_COMMAND_RESULTS_H

#include "options/options.h"
#include "store/store.h"

struct results {
    struct store_options store;
    struct sink sink; /* its settings are STORE */
};

/* Sets RESULTS, which must stay where it is, to what OPTIONS say about the database at PATH (NULL:
 * results are not kept), for COUNT captures at a time. Opens nothing. */
void results_choose(struct results *results, const struct options *options, const char *path,
                    size_t count);

/* The privileges (enum privilege) that RESULTS take while they are kept. */
unsigned results_privileges(const struct results *results);

#endif
