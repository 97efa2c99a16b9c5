/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Caches answers until the database changes: dashboards ask the same again and again, and a cached
 * answer needs no query. */
#ifndef GAPWATCH_API_ANSWER_ANSWER_CACHE_H
#define GAPWATCH_API_ANSWER_ANSWER_CACHE_H

#include "api/answer/answer.h"

#define CACHED_ANSWERS    32
#define CACHED_OCTETS_MAX (1 << 20) /* of one answer */

/* One cached answer. */
struct cached_answer {
    char *url; /* NULL: the slot is free */
    char *body;
    size_t size;
    const char *type;
};

struct answer_cache {
    struct cached_answer answers[CACHED_ANSWERS];
    unsigned next;
    uint64_t version; /* of the database, for all answers */
};

/* Frees all answers in CACHE, which is then empty. One filled with zeros is empty, too. */
void answer_cache_release(struct answer_cache *cache);

/* Sets ANSWER to the cached answer to URL, if it was made from VERSION of the database. Its body
 * belongs to CACHE and is valid until the next answer_cache_add(). Returns 0, or -1: there is none,
 * and ANSWER is unchanged. */
int answer_cache_find(struct answer_cache *cache, const char *url, uint64_t version,
                      struct answer *answer);

/* Adds ANSWER, which must have a version, as the answer to a copy of URL. CACHE then owns its body,
 * which ANSWER still shows. Errors and answers above CACHED_OCTETS_MAX are not added, nor is any
 * without memory. */
void answer_cache_add(struct answer_cache *cache, const char *url, struct answer *answer);

#endif
