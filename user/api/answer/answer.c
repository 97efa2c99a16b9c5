/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/answer/answer.h"

#include <stdarg.h>
#include <stdlib.h>

static const struct status_row {
    enum http_status status;
    const char *words;
    const char *code; /* in the body of an error */
} rows[] = {
    {HTTP_OK, "OK", NULL},
    {HTTP_NO_CONTENT, "No Content", NULL},
    {HTTP_MULTIPLE_CHOICES, "Multiple Choices", "ambiguous"},
    {HTTP_NOT_MODIFIED, "Not Modified", NULL},
    {HTTP_BAD_REQUEST, "Bad Request", "bad_request"},
    {HTTP_UNAUTHORIZED, "Unauthorized", "unauthorized"},
    {HTTP_NOT_FOUND, "Not Found", "not_found"},
    {HTTP_METHOD_NOT_ALLOWED, "Method Not Allowed", "method_not_allowed"},
    {HTTP_CONTENT_TOO_LARGE, "Content Too Large", "content_too_large"},
    {HTTP_URI_TOO_LONG, "URI Too Long", "uri_too_long"},
    {HTTP_MISDIRECTED, "Misdirected Request", "misdirected"},
    {HTTP_HEADERS_TOO_LARGE, "Request Header Fields Too Large", "headers_too_large"},
    {HTTP_VERSION_UNSUPPORTED, "HTTP Version Not Supported", "http_version_not_supported"},
    {HTTP_UNAVAILABLE, "Service Unavailable",
     "unavailable"}, /* last, because statuses that are not listed are shown as this one */
};

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

static const struct status_row *find_row(enum http_status status)
{
    size_t i = 0;

    while (i < ROW_COUNT - 1 && rows[i].status != status)
        i++;
    return &rows[i];
}

const char *http_status_words(enum http_status status)
{
    return find_row(status)->words;
}

void answer_init(struct answer *answer)
{
    *answer = (struct answer){.status = HTTP_OK, .type = TYPE_JSON, .body = ""};
}

void answer_release(struct answer *answer)
{
    if (answer->to)
        fclose(answer->to);
    free(answer->written);
}

static void drop_body(struct answer *answer)
{
    int takes_csv = answer->takes_csv;

    answer_release(answer);
    answer_init(answer);
    answer->takes_csv = takes_csv;
}

int answer_open(struct answer *answer, const char *type)
{
    drop_body(answer);
    answer->to = open_memstream(&answer->written, &answer->size);
    answer->type = type;
    return answer->to ? 0 : -1;
}

int answer_open_json(struct answer *answer)
{
    if (answer_open(answer, TYPE_JSON) < 0)
        return -1;
    json_begin(&answer->json, answer->to);
    return 0;
}

void answer_close(struct answer *answer)
{
    int failed = ferror(answer->to);

    failed |= fclose(answer->to);
    answer->to = NULL;
    answer->body = answer->written;
    if (failed)
        answer_error(answer, HTTP_UNAVAILABLE, "no memory for the answer");
}

void answer_error(struct answer *answer, enum http_status status, const char *format, ...)
{
    char message[512];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    if (answer_open_json(answer) == 0) {
        json_open(&answer->json, NULL, '{');
        json_string(&answer->json, "error", find_row(status)->code);
        json_string(&answer->json, "message", message);
        json_close(&answer->json, '}');
        json_end(&answer->json);
        answer_close(answer);
    }
    answer->status = status;
}
