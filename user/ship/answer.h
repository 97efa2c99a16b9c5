/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What an HTTP server answered to a request, and what that means for the rows in it. */
#ifndef GAPWATCH_SHIP_ANSWER_H
#define GAPWATCH_SHIP_ANSWER_H

#include <stddef.h>

#include "base/error.h"
#include "ship/target.h"

#define ANSWER_CHARS 400       /* of the answer are kept */
#define ANSWER_MAX   (1 << 20) /* octets; what a longer one tells is known by then */

struct answer {
    char text[ANSWER_CHARS]; /* its start; when it is complete, one line of it */
    size_t length;           /* of the text */
    size_t size;             /* of the whole, so far */
    int exception;           /* ClickHouse's code in it; 0: none */
};

/* Makes ANSWER empty. */
void answer_reset(struct answer *answer);

/* Adds SIZE octets to ANSWER. Returns 0, or -1 when it is longer than ANSWER_MAX. */
int answer_add(struct answer *answer, const char *octets, size_t size);

/* Learns from ANSWER, which is complete, what is wrong, and leaves one line of it. */
void answer_complete(struct answer *answer);

/* What ANSWER, which is complete and has HTTP status STATUS (RFC 9110, section 15), means for a
 * batch. Sets ERROR unless it was delivered. */
enum delivery answer_judge(const struct answer *answer, long status, struct error *error);

#endif
