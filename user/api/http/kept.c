/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/http/kept.h"

#include <stdlib.h>
#include <string.h>

static void forget(struct kept_answer *answer)
{
    free(answer->url);
    free(answer->body);
    *answer = (struct kept_answer){0};
}

void kept_release(struct kept_answers *kept)
{
    for (size_t i = 0; i < KEPT_ANSWERS; i++)
        forget(&kept->answers[i]);
}

int kept_find(struct kept_answers *kept, const char *url, uint64_t version, struct answer *answer)
{
    for (size_t i = 0; i < KEPT_ANSWERS && kept->version == version; i++) {
        const struct kept_answer *found = &kept->answers[i];

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

void kept_add(struct kept_answers *kept, const char *url, struct answer *answer)
{
    struct kept_answer *place;

    if (answer->status != HTTP_OK || answer->size > KEPT_OCTETS_MAX)
        return;
    if (kept->version != answer->version)
        kept_release(kept);
    kept->version = answer->version;
    place = &kept->answers[kept->next++ % KEPT_ANSWERS];
    forget(place);
    place->url = strdup(url);
    if (!place->url)
        return;
    place->body = answer->written;
    place->size = answer->size;
    place->type = answer->type;
    answer->written = NULL;
}
