/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Selects the frames that are tracked: those of the protocols the user asked for. Others are only
 * counted. */
#ifndef GAPWATCH_SELECTION_H
#define GAPWATCH_SELECTION_H

#include "outcome.h"
#include "record.h"

/* A set of protocols has this bit for each of them. */
#define PROTOCOL_BIT(outcome) (1u << (outcome))

enum {
#define ROW(id, ...) PROTOCOL_BIT_##id = PROTOCOL_BIT(OUTCOME_##id),
    PROTOCOL_TABLE(ROW)
#undef ROW
#define ROW(id, ...) | PROTOCOL_BIT_##id
        PROTOCOLS_ALL = 0 PROTOCOL_TABLE(ROW),
#undef ROW
};

/* Whether PROTOCOLS contains the protocol of RECORD, a frame classified as OUTCOME, or the one that
 * it may turn out to be. */
static __always_inline int is_selected(const struct frame_record *record, enum outcome outcome,
                                       __u32 protocols)
{
    if (outcome > OUTCOME_LAST_PROTOCOL)
        return 0;
    if (record->flags & RECORD_CANDIDATE && protocols >> (record->key.protocol & 31) & 1)
        return 1;
    if (outcome == OUTCOME_UDP && record->association && protocols & PROTOCOL_BIT_ESP)
        return 1; /* an IKE exchange shows which SAs follow each other */
    return protocols >> (outcome & 31) & 1;
}

#endif
