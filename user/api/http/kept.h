/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Caches answers until the database changes: dashboards ask the same again and again, and a cached
 * answer needs no query. */
#ifndef GAPWATCH_API_HTTP_KEPT_H
#define GAPWATCH_API_HTTP_KEPT_H

#include "api/http/answer.h"

#define KEPT_ANSWERS    32
#define KEPT_OCTETS_MAX (1 << 20) /* of one answer */

/* One cached answer. */
struct kept_answer {
    char *url; /* NULL: the slot is free */
    char *body;
    size_t size;
    const char *type;
};

struct kept_answers {
    struct kept_answer answers[KEPT_ANSWERS];
    unsigned next;
    uint64_t version; /* of the database, for all answers */
};

/* Frees all answers. */
void kept_release(struct kept_answers *kept);

/* Sets ANSWER to the cached answer to URL, if the database still has VERSION. Its body belongs to
 * KEPT and is valid until the next kept_add(). Returns 0, or -1: there is none. */
int kept_find(struct kept_answers *kept, const char *url, uint64_t version, struct answer *answer);

/* Adds ANSWER, which must have a version, as the answer to URL. KEPT takes over its body. */
void kept_add(struct kept_answers *kept, const char *url, struct answer *answer);

#endif
