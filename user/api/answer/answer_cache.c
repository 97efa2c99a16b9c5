/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/answer/answer_cache.h"

#include <stdlib.h>
#include <string.h>

static void forget(struct cached_answer *answer)
{
    free(answer->url);
    free(answer->body);
    *answer = (struct cached_answer){0};
}

void answer_cache_release(struct answer_cache *cache)
{
    for (size_t i = 0; i < CACHED_ANSWERS; i++)
        forget(&cache->answers[i]);
}

int answer_cache_find(struct answer_cache *cache, const char *url, uint64_t version,
                      struct answer *answer)
{
    for (size_t i = 0; i < CACHED_ANSWERS && cache->version == version; i++) {
        const struct cached_answer *found = &cache->answers[i];

        if (!found->url || strcmp(found->url, url) != 0)
            continue;
        answer->type = found->type;
        answer->body = found->body;
        answer->size = found->size;
        answer->version = version;
        return 0;
    }
    return -1;
}

void answer_cache_add(struct answer_cache *cache, const char *url, struct answer *answer)
{
    struct cached_answer *place;

    if (answer->status != HTTP_OK || answer->size > CACHED_OCTETS_MAX)
        return;
    if (cache->version != answer->version)
        answer_cache_release(cache);
    cache->version = answer->version;
    place = &cache->answers[cache->next++ % CACHED_ANSWERS];
    forget(place);
    place->url = strdup(url);
    if (!place->url)
        return;
    place->body = answer->written;
    place->size = answer->size;
    place->type = answer->type;
    answer->written = NULL;
}
