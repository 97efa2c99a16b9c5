/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The bonds of flows and SAs as text, for reports and databases. */
#ifndef GAPWATCH_LINEAGE_NAMES_H
#define GAPWATCH_LINEAGE_NAMES_H

#include "base/text.h"
#include "lineage/lineage.h"

/* Texts are NULL where nothing is known. */
struct bond_names {
    const char *follows;
    const char *follows_known;
    const char *moved_to;
    const char *lineage;
    uint64_t follows_generation; /* valid with `follows` */
    int is_replaced;             /* another flow goes on with its SA, or with the next one */
    int has_mates;               /* its hosts use other SAs beside it */
};

struct bond_chars {
    char follows[FLOW_ID_CHARS];
    char moved_to[FLOW_ID_CHARS];
    char lineage[FLOW_ID_CHARS];
};

/* The names of the bonds of the flow with KEY, if it HAS_SEQUENCE. They lie in CHARS. */
struct bond_names bond_names_of(const struct lineage *lineage, const struct flow_key *key,
                                int has_sequence, struct bond_chars *chars);

/* Those of SA number GENERATION of the flow with ID and NAMES. All SAs of a flow but the first
 * follow one of the same flow. */
struct bond_names bond_names_of_sa(const struct bond_names *names, const char *id,
                                   uint64_t generation);

#endif
