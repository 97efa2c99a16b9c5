/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Answers kept while the database does not change: whoever asks the same again, as every dashboard
 * does, costs neither a query nor a number formatted. */
#ifndef GAPWATCH_API_HTTP_KEPT_H
#define GAPWATCH_API_HTTP_KEPT_H

#include "api/http/answer.h"

#define KEPT_ANSWERS    32
#define KEPT_OCTETS_MAX (1 << 20) /* of one answer */

struct kept_answer {
    char *url; /* NULL: nothing is kept here */
    char *body;
    size_t size;
    const char *type;
};

struct kept_answers {
    struct kept_answer answers[KEPT_ANSWERS];
    unsigned next;
    uint64_t version; /* that all of them are of */
};

void kept_release(struct kept_answers *kept);

/* Answers with what is kept for URL and VERSION, which stays there: use it before anything else is
 * kept. Returns 0, or -1: nothing is. */
int kept_find(struct kept_answers *kept, const char *url, uint64_t version, struct answer *answer);

/* Keeps ANSWER, which has a version, for URL; its body then belongs to KEPT. */
void kept_add(struct kept_answers *kept, const char *url, struct answer *answer);

#endif
