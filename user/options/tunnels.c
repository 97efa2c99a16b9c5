/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The option that names tunnels: a list whose parts are separated by commas. */
#include <string.h>

#include "base/text.h"
#include "options/set.h"
#include "options/type.h"
#include "tunnels.h"

#define ALL        "all"
#define NONE       "none"
#define LIST_CHARS 256

static const char *const names[TUNNEL_COUNT] = {
#define ROW(id, name, ...) [TUNNEL_##id] = #name,
    TUNNEL_TABLE(ROW)
#undef ROW
};

static int tunnel_named(const char *name, uint32_t *tunnels)
{
    *tunnels = strcmp(name, ALL) == 0 ? TUNNELS_ALL : 0;
    if (*tunnels || strcmp(name, NONE) == 0)
        return 0;
    for (enum tunnel i = 0; i < TUNNEL_COUNT; i++)
        if (strcmp(names[i], name) == 0)
            *tunnels = TUNNEL_BIT(i);
    return *tunnels ? 0 : -1;
}

static int parse_tunnels(struct options *options, const struct option_row *row, const char *text,
                         struct error *error)
{
    char chars[LIST_CHARS];
    struct text known = text_over(chars, sizeof(chars));

    if (set_of_list(text, tunnel_named, &options->tunnels) == 0)
        return 0;
    for (enum tunnel i = 0; i < TUNNEL_COUNT; i++)
        text_add(&known, "%s, ", names[i]);
    text_add(&known, ALL ", " NONE);
    return set_refuse(row->name, text, tunnel_named, chars, error);
}

const struct option_type tunnels_type = {VALUE_TEXT | VALUE_LIST, parse_tunnels};
