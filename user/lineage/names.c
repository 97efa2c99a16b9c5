/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "lineage/names.h"

#include "flow/id.h"

/* Writes the id of KEY to CHARS, and returns that; NULL for a key of zeros. */
static const char *name(const struct flow_key *key, char *chars)
{
    if (!key->protocol)
        return NULL;
    flow_id_format(key, chars);
    return chars;
}

struct bond_names bond_names_of(const struct lineage *lineage, const struct flow_key *key,
                                int has_sequence, struct bond_chars *chars)
{
    const struct bonds *bonds = has_sequence ? lineage_find(lineage, key) : NULL;

    if (has_sequence && !key->family) /* its id names the sender, whatever the SA */
        return (struct bond_names){.lineage = name(key, chars->lineage)};
    if (!bonds)
        return (struct bond_names){0};
    return (struct bond_names){
        .follows = name(&bonds->follows, chars->follows),
        .follows_known = certainty_name(bonds->certainty),
        .moved_to = name(&bonds->moved_to, chars->moved_to),
        .lineage = name(&bonds->root, chars->lineage),
        .follows_generation = bonds->generation,
        .is_replaced = bonds->is_replaced,
        .has_mates = bonds->mates_ns != 0,
    };
}

struct bond_names bond_names_of_sa(const struct bond_names *names, const char *id,
                                   uint64_t generation)
{
    struct bond_names later = *names;

    if (!generation)
        return *names;
    later.follows = id;
    later.follows_known = certainty_name(CERTAINTY_CERTAIN);
    later.lineage = names->lineage ? names->lineage : id;
    later.follows_generation = generation - 1;
    return later;
}
