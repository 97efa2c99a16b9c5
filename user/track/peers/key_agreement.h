/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* MKA's information (include/network/mka.h) about MACsec channels, and whether a new key came into
 * use. PDUs are not authenticated: any host that can send frames can forge them. So this does not
 * change counters, and the number of channels is limited. */
#ifndef GAPWATCH_TRACK_PEERS_KEY_AGREEMENT_H
#define GAPWATCH_TRACK_PEERS_KEY_AGREEMENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "base/units.h"
#include "mka_record.h"

#define MKA_CHANNELS_MAX 1024 /* beyond that, the one whose PDU came longest ago is forgotten */
#define MKA_TEXT_CHARS   320  /* enough for mka_describe() */

/* MKA life time (IEEE 802.1X-2020 table 9-3): in that time a distributed key is in use, and a
 * member sends PDUs. */
#define MKA_LIFE_NS (6 * NS_PER_SECOND)

/* A channel whose sender takes part in MKA. */
struct mka_channel {
    struct mka_record said; /* the last PDU, with parameters of earlier ones that it leaves out */
    uint64_t last_ns;       /* time of the last PDU */
    uint64_t pending_ns;    /* a key was distributed and is not in use yet; 0: none */
    uint64_t frame_ns;      /* time of the channel's last frame before */
    uint32_t pending_key;
    uint32_t highest; /* number of the channel when the key was distributed, as on the wire */
    uint8_t pending_an;
    uint8_t old_an;     /* in use when the key was distributed */
    uint8_t has_failed; /* 1: an event reported that the last pending key did not come into use in
                           time */
    uint8_t reserved[5];
};

struct mka {
    struct mka_channel *channels; /* NULL until the first PDU */
    uint32_t count;
    uint32_t pending; /* channels with a pending key */
};

/* Frees the channels of MKA. */
void mka_release(struct mka *mka);

/* Takes SAID, the contents of a PDU. Returns the channel of its sender, or NULL: no memory. */
struct mka_channel *mka_receive(struct mka *mka, const struct mka_record *said);

/* The channel with SCI and VLANS, or NULL. */
struct mka_channel *mka_find(const struct mka *mka, uint64_t sci, uint64_t vlans);

/* The key of the MACsec flow of CHANNEL. */
struct flow_key mka_flow_key(const struct mka_channel *channel);

/* Whether CHANNEL's key comes from the sender of SAID, so that the key that SAID distributes is for
 * CHANNEL. */
int mka_is_member(const struct mka_channel *channel, const struct mka_record *said);

/* Whether SAID distributes a key that is not in use on CHANNEL and not pending there. */
int mka_is_new_key(const struct mka_channel *channel, const struct mka_record *said);

/* Whether an event reported that the channel with KEY does not use the new key with ASSOCIATION,
 * and no other key was distributed since. */
int mka_has_told(const struct mka *mka, const struct flow_key *key, uint8_t association);

/* CHANNEL has no pending key any more. */
void mka_settle(struct mka *mka, struct mka_channel *channel);

/* Writes SAID to TEXT, as a JSON object. */
void mka_describe(const struct mka_record *said, struct text *text);

/* Whether SAID has a cipher suite with packet numbers of 64 bits (IEEE 802.1AEbw), or, without a
 * suite, such a number. */
static inline int mka_is_xpn(const struct mka_record *said)
{
    return said->suite == 3 || said->suite == 4 || (!said->suite && said->lowest_pn >> 32);
}

/* The AN of the key in use of SAID, which has MKA_HAS_USE. */
static inline uint8_t mka_an_in_use(const struct mka_record *said)
{
    return said->says & MKA_USES_OLD ? said->ans >> 2 & 3 : said->ans >> 6;
}

/* MKA's information about the flow KEY; its protocol is 0 when there is none. Ports whose VLAN tags
 * are in the clear may send PDUs without them. */
struct mka_record mka_of_flow(const struct mka *mka, const struct flow_key *key);

/* The clock was set: moves all times by STEP_NS. */
void mka_shift_time(struct mka *mka, int64_t step_ns);

#endif
