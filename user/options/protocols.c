/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The option that names protocols: a list separated by commas. */
#include "options/protocols.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "flow/outcome_name.h"
#include "options/type.h"
#include "selection.h"

#define ALL "all"

/* The protocols that the LENGTH characters at NAME stand for, or 0: unknown. */
static uint32_t protocols_named(const char *name, size_t length)
{
    char word[32];
    enum outcome outcome;

    if (length >= sizeof(word))
        return 0;
    snprintf(word, sizeof(word), "%.*s", (int)length, name);
    if (strcmp(word, ALL) == 0)
        return PROTOCOLS_ALL;
    outcome = outcome_of_name(word);
    return outcome != OUTCOME_NONE && outcome <= OUTCOME_LAST_PROTOCOL ? PROTOCOL_BIT(outcome) : 0;
}

uint32_t protocols_of(const char *list)
{
    uint32_t protocols = 0;

    for (;;) {
        size_t length = strcspn(list, ",");
        uint32_t named = protocols_named(list, length);

        if (!named)
            return 0;
        protocols |= named;
        if (!list[length])
            return protocols;
        list += length + 1;
    }
}

void protocols_list(struct text *text)
{
    const char *comma = "";

    for (enum outcome outcome = OUTCOME_NONE + 1; outcome <= OUTCOME_LAST_PROTOCOL; outcome++) {
        text_add(text, "%s%s", comma, outcome_name(outcome));
        comma = ", ";
    }
}

static int parse_protocols(struct options *options, const struct option_row *row, const char *text,
                           struct error *error)
{
    char chars[PROTOCOL_LIST_CHARS];
    struct text known = text_over(chars, sizeof(chars));
    uint32_t protocols = protocols_of(text);

    if (protocols) {
        options->protocols = protocols;
        return 0;
    }
    protocols_list(&known);
    return error_set(error, "--%s takes names separated by commas (%s), not '%s'", row->name, chars,
                     text);
}

const struct option_type protocols_type = {VALUE_TEXT | VALUE_LIST, parse_protocols};
