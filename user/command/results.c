/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "command/results.h"

#include "linux/privileges.h"

void results_choose(struct results *results, const struct options *options, const char *path,
                    size_t count)
{
    *results = (struct results){
        .store =
            {
                .path = path,
                .siblings = count,
                .flush_seconds = options->flush_interval,
                .retain_days = options->retain,
                .max_bytes = options->max_db_size,
                .replace = options->replace,
                .tell = error_print,
            },
    };
    if (path)
        results->sink = (struct sink){.ops = &store_sink, .settings = &results->store};
}

/* Writing a database into another user's directory needs a privilege all the time. */
unsigned results_privileges(const struct results *results)
{
    if (!results->sink.ops || store_folder_is_ours(results->store.path))
        return 0;
    return PRIVILEGE_FILES;
}
