/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "ship/answer.h"

#include <stdlib.h>
#include <string.h>

#define HTTP_OK                200
#define HTTP_CONTENT_TOO_LARGE 413

#define EXCEPTION "Code: " /* what ClickHouse says is wrong begins with this, and a number */

void answer_reset(struct answer *answer)
{
    answer->text[0] = '\0';
    answer->length = answer->size = 0;
    answer->exception = 0;
}

int answer_add(struct answer *answer, const char *octets, size_t size)
{
    size_t room = sizeof(answer->text) - 1 - answer->length;
    size_t length = size < room ? size : room;

    answer->size += size;
    if (answer->size > ANSWER_MAX)
        return -1;
    memcpy(answer->text + answer->length, octets, length);
    answer->length += length;
    answer->text[answer->length] = '\0';
    return 0;
}

void answer_complete(struct answer *answer)
{
    const char *exception = strstr(answer->text, EXCEPTION);

    answer->exception = exception ? atoi(exception + strlen(EXCEPTION)) : 0;
    if (exception)
        memmove(answer->text, exception, strlen(exception) + 1);
    answer->text[strcspn(answer->text, "\r\n")] = '\0';
}

/* Whether ClickHouse's exception CODE is about the rows, and would come again. All others are about
 * the server, its tables or the user: these may be mended. */
static int is_of_the_rows(int code)
{
    static const int codes[] = {
        6,   /* CANNOT_PARSE_TEXT */
        25,  /* CANNOT_PARSE_ESCAPE_SEQUENCE */
        26,  /* CANNOT_PARSE_QUOTED_STRING */
        27,  /* CANNOT_PARSE_INPUT_ASSERTION_FAILED */
        38,  /* CANNOT_PARSE_DATE */
        41,  /* CANNOT_PARSE_DATETIME */
        53,  /* TYPE_MISMATCH */
        69,  /* ARGUMENT_OUT_OF_BOUND */
        70,  /* CANNOT_CONVERT_TYPE */
        72,  /* CANNOT_PARSE_NUMBER */
        117, /* INCORRECT_DATA */
        131, /* TOO_LARGE_STRING_SIZE */
        321, /* VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE */
        349, /* CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN */
    };

    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        if (codes[i] == code)
            return 1;
    return 0;
}

/* Where rows were kept, the answer is empty: ClickHouse may find an error when it has said 200
 * already, and something else may answer in its place. Only ClickHouse itself can tell that rows
 * are wrong: what is in front of it may refuse a request for many reasons, which pass. */
enum delivery answer_judge(const struct answer *answer, long status, struct error *error)
{
    if (status == HTTP_OK && !answer->size)
        return DELIVERED;
    error_set(error, "HTTP status %ld: %s", status, answer->text);
    if (answer->exception)
        return is_of_the_rows(answer->exception) ? REFUSED : UNKNOWN;
    return status == HTTP_CONTENT_TOO_LARGE ? TOO_LARGE : UNKNOWN;
}
