/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/notices.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A new notice, or NULL: there are too many. */
static struct notice *add(struct notices *notices)
{
    struct notice *list = NULL;

    if (notices->count < NOTICES_MAX)
        list = realloc(notices->list, (notices->count + 1) * sizeof(*list));
    if (!list) {
        notices->omitted++;
        return NULL;
    }
    notices->list = list;
    return &list[notices->count++];
}

void notices_add_failure(struct notices *notices, const struct error *error)
{
    struct notice *notice = add(notices);

    notices->have_failure = 1;
    if (!notice)
        return;
    notice->is_failure = 1;
    snprintf(notice->text, sizeof(notice->text), "%s", error->text);
}

void notices_add_remark(struct notices *notices, const char *format, ...)
{
    struct notice *notice = add(notices);
    va_list arguments;

    if (!notice)
        return;
    notice->is_failure = 0;
    va_start(arguments, format);
    vsnprintf(notice->text, sizeof(notice->text), format, arguments);
    va_end(arguments);
}

int notices_take_failure(struct notices *notices, struct error *error)
{
    for (size_t i = notices->count; i-- > 0;) {
        struct notice *notice = &notices->list[i];

        if (!notice->is_failure)
            continue;
        error_set(error, "%s", notice->text);
        notices->count--;
        memmove(notice, notice + 1, (notices->count - i) * sizeof(*notice));
        return 1;
    }
    return 0;
}

void notices_print(const struct notices *notices, int is_quiet)
{
    for (size_t i = 0; i < notices->count; i++)
        if (notices->list[i].is_failure || !is_quiet)
            fprintf(stderr, "gapwatch: %s\n", notices->list[i].text);
    if (notices->omitted)
        fprintf(stderr, "gapwatch: %zu more lines like these\n", notices->omitted);
}

void notices_release(struct notices *notices)
{
    free(notices->list);
    *notices = (struct notices){0};
}
