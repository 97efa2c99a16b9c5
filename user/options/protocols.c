/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The option that names protocols: a list separated by commas. */
#include "options/protocols.h"

#include <string.h>

#include "base/text.h"
#include "flow/outcome_name.h"
#include "options/set.h"
#include "options/type.h"
#include "selection.h"

#define ALL "all"

/* Sets PROTOCOLS to what NAME stands for. Returns 0, or -1: unknown. */
static int protocol_named(const char *name, uint32_t *protocols)
{
    enum outcome outcome = outcome_of_name(name);

    if (strcmp(name, ALL) == 0)
        *protocols = PROTOCOLS_ALL;
    else if (outcome != OUTCOME_NONE && outcome <= OUTCOME_LAST_PROTOCOL)
        *protocols = PROTOCOL_BIT(outcome);
    else
        return -1;
    return 0;
}

uint32_t protocols_of(const char *list)
{
    uint32_t protocols;

    return set_of_list(list, protocol_named, &protocols) < 0 ? 0 : protocols;
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
    return set_refuse(row->name, text, protocol_named, chars, error);
}

const struct option_type protocols_type = {VALUE_TEXT | VALUE_LIST, parse_protocols};
