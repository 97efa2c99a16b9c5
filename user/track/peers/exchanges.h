/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* IKE exchanges that make SAs (ike.h). They are logged as ties between hosts. */
#ifndef GAPWATCH_TRACK_PEERS_EXCHANGES_H
#define GAPWATCH_TRACK_PEERS_EXCHANGES_H

#include "track/peers/tie.h"

#define EXCHANGES_RECENT 256

struct exchanges {
    struct tie_log ties;      /* of the whole capture, for the report */
    struct tie_log *new_ties; /* gets ties as well; not owned; NULL: ties are not collected */
    struct tie recent[EXCHANGES_RECENT]; /* so that a retransmission is logged once */
};

/* Frees everything that EXCHANGES holds. */
void exchanges_release(struct exchanges *exchanges);

/* The hosts of KEY, in either direction: a key with both addresses, the lower one as source. */
struct flow_key exchange_hosts(const struct flow_key *key);

/* Logs the exchange that the datagram of RECORD belongs to. */
void exchanges_receive(struct exchanges *exchanges, const struct frame_record *record);

/* The clock was set: moves all times by STEP_NS. */
void exchanges_shift_time(struct exchanges *exchanges, int64_t step_ns);

#endif
