/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Which SAs may go on in another flow, because a peer moved (track/sequence/moves.h). */
#ifndef GAPWATCH_PEER_MOVES_H
#define GAPWATCH_PEER_MOVES_H

#include "outcome.h"
#include "protocol/openvpn_peer.h"
#include "record.h"

#define SHARED_SPI_MAX 255 /* SPIs up to this one are key ids, which senders share */

/* Whether the SA of KEY may go on in another flow. */
static __always_inline int peer_may_move(const struct flow_key *key)
{
    if (key->protocol == OUTCOME_OPENVPN)
        return OPENVPN_PEER_OF(key->identifier) != OPENVPN_PEER_NONE;
    return (key->protocol == OUTCOME_ESP || key->protocol == OUTCOME_AH ||
            key->protocol == OUTCOME_WIREGUARD) &&
           key->identifier > SHARED_SPI_MAX;
}

#endif
