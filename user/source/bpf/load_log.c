/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/bpf/load_log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#define LINES_KEPT 8

static const char begins[] = "-- BEGIN PROG LOAD LOG --\n";
static const char ends[] = "-- END PROG LOAD LOG --";

/* The end of the last log. */
static char kept[sizeof(((struct error *)0)->detail)];

/* Keeps the last lines of the log from START to END, as many as there is room for. */
static void keep_last_lines(const char *start, const char *end)
{
    const char *from = end;
    size_t room = sizeof(kept) - 1;

    for (int lines = 0; from > start && lines <= LINES_KEPT && (size_t)(end - from) < room; from--)
        lines += from[-1] == '\n';
    while (from > start && from < end && from[-1] != '\n')
        from++; /* to the start of a line */
    memcpy(kept, from, (size_t)(end - from));
    kept[end - from] = '\0';
}

/* Called by libbpf for each message: prints nothing, and keeps the end of a load log. */
static int take_words(enum libbpf_print_level level, const char *format, va_list arguments)
{
    char *words, *start, *end;

    if (level != LIBBPF_WARN || vasprintf(&words, format, arguments) < 0)
        return 0;
    start = strstr(words, begins);
    end = start ? strstr(start, ends) : NULL;
    if (end)
        keep_last_lines(start + sizeof(begins) - 1, end);
    free(words);
    return 0;
}

void load_log_begin(void)
{
    kept[0] = '\0';
    libbpf_set_print(take_words);
}

int load_log_is_there(void)
{
    return kept[0] != '\0';
}

void load_log_take(struct error *error)
{
    snprintf(error->detail, sizeof(error->detail), "%s", kept);
    kept[0] = '\0';
}
