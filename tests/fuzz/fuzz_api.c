/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The first line of the input is a request's path and query; the whole input is a request. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/http/head.h"
#include "api/http/negotiate.h"
#include "api/routes/api.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void answer_path(char *path)
{
    char *query = strchr(path, '?');
    struct answer answer;
    struct api api;

    if (query)
        *query++ = '\0';
    api_init(&api, "/nonexistent", 50);
    answer_init(&answer);
    api_answer(&api, path, query, &answer);
    answer_release(&answer);
    api_release(&api);
}

static void check_head(const char *text, size_t size)
{
    static char chars[HEAD_OCTETS_MAX + 256];
    static const struct head_rules rules = {.hosts = "localhost"};
    struct text clean = text_over(chars, sizeof(chars));
    size_t length = head_length(text, size);
    struct answer answer;

    answer_init(&answer);
    if (length)
        head_read(text, length, &rules, &clean, &answer);
    answer_release(&answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);

    memcpy(text, data, size);
    text[size] = '\0';
    check_head(text, size);
    accepts_gzip(text);
    etag_matches(text, "W/\"0000000000000000\"");
    is_authorized(text, "secret");
    text[strcspn(text, "\n")] = '\0';
    answer_path(text);
    free(text);
    return 0;
}
