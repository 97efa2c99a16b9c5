/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "lineage/rollover.h"

#include <string.h>

#include "base/units.h"
#include "flow/figures.h"
#include "lineage/hosts.h"

#define MATURE_NS   (10 * NS_PER_SECOND) /* age of the new SA at which an ESP rekey is reported */
#define ROLLOVER_NS (6 * NS_PER_SECOND)  /* time in which both directions change */
#define APART_NS    (60 * NS_PER_SECOND) /* how much earlier the other direction may change */
#define WATCHED_NS                                                                                 \
    (300 * NS_PER_SECOND) /* time after a rekey for which both directions are checked */
#define CONTINUED    3    /* numbers that show that a direction goes on */
#define CHANNELS_MAX 1024 /* channels among which the other one is looked for */

/* Events that were reported of a flow. */
enum {
    TOLD_REKEY = 1 << EVENT_REKEY,
    TOLD_UNDONE = 1 << EVENT_UNDONE,
    TOLD_ONE_SIDED = 1 << EVENT_ONE_SIDED,
    TOLD_FAILED = 1 << EVENT_ROLLOVER_FAILED,
    TRACKER_TOLD_FAILED = 1 << 15, /* the same failure, as the tracker saw it */
};

_Static_assert(EVENT_KIND_COUNT <= 15, "kinds fit into struct kin's sets");

struct telling {
    rollover_tell *tell;
    void *context;
};

/* Reports EVENT of KIN, unless it was reported before. OTHER is another flow concerned, or NULL. */
static int tell_once(const struct telling *telling, struct kin *kin, enum track_event_kind kind,
                     uint64_t timestamp_ns, const struct flow_key *other)
{
    struct track_event event = {
        .timestamp_ns = timestamp_ns,
        .key = kin->key,
        .kind = (uint8_t)kind,
        .association = kin->association,
        .value = kind == EVENT_REKEY ? kin->bonds.certainty : 0,
    };

    if ((kin->told | kin->telling) >> kind & 1)
        return 0;
    if (other)
        event.other = *other;
    kin->telling |= (uint16_t)(1u << kind);
    return telling->tell(telling->context, &event);
}

/* --- rekeys between flows --- */

static int is_rekey(const struct kin *kin)
{
    return kin->bonds.certainty && !kin->bonds.has_moved;
}

static int check_rekey(struct kin *kin, uint64_t now_ns, const struct telling *telling)
{
    if (is_rekey(kin) && now_ns >= kin->first_ns + MATURE_NS) {
        kin->told_follows = kin->bonds.follows;
        return tell_once(telling, kin, EVENT_REKEY, kin->first_ns, &kin->bonds.follows);
    }
    if (!is_rekey(kin) && kin->told & TOLD_REKEY)
        return tell_once(telling, kin, EVENT_UNDONE, kin->first_ns, &kin->told_follows);
    return 0;
}

/* --- both directions --- */

/* The SAs in use of a direction. */
struct direction {
    struct kin *newest; /* NULL: there is none, or it is not known which */
    uint64_t last_ns;   /* latest frame */
    uint64_t received;
};

static struct flow_key reverse(const struct flow_key *key)
{
    struct flow_key other = *key;

    memcpy(other.source, key->destination, sizeof(other.source));
    memcpy(other.destination, key->source, sizeof(other.destination));
    return other;
}

static void add_to_direction(struct direction *direction, struct kin *kin)
{
    if (!direction->newest || kin->since_ns > direction->newest->since_ns)
        direction->newest = kin;
    if (kin->last_ns > direction->last_ns)
        direction->last_ns = kin->last_ns;
    direction->received += kin->received;
}

/* PORTS, as they lie in a key, of the other direction. */
static uint32_t reverse_ports(uint32_t ports)
{
    return ports << 16 | ports >> 16;
}

/* The other direction of KIN, a flow between two hosts. */
static struct direction other_hosts(const struct lineage *lineage, const struct kin *kin)
{
    struct flow_key key = reverse(&kin->key);
    uint32_t ports = reverse_ports(kin->ports);
    struct direction other = {0};

    for (size_t i = lineage_first_of_hosts(lineage, &key); i < lineage->count; i++) {
        if (hosts_compare(&lineage->kin[i].key, &key) != 0)
            break;
        if (lineage->kin[i].ports == ports)
            add_to_direction(&other, &lineage->kin[i]);
    }
    if (other.newest && other.newest->bonds.mates_ns)
        other.newest = NULL; /* several SAs side by side */
    return other;
}

/* The other channel on the VLANs of the MACsec flow KIN, if there is just one. */
static struct direction other_channel(const struct lineage *lineage, const struct kin *kin)
{
    struct direction other = {0};
    size_t seen = 0;

    for (size_t i = 0; i < lineage->count; i++) {
        struct kin *at = &lineage->kin[i];

        if (at == kin || at->key.protocol != kin->key.protocol)
            continue;
        if (++seen > CHANNELS_MAX || (other.newest && at->key.vlans == kin->key.vlans))
            return (struct direction){0};
        if (at->key.vlans == kin->key.vlans)
            add_to_direction(&other, at);
    }
    return other;
}

static struct direction other_direction(const struct lineage *lineage, const struct kin *kin)
{
    return kin->key.family ? other_hosts(lineage, kin) : other_channel(lineage, kin);
}

/* Whether the direction of KIN was rekeyed when its newest SA began. */
static int was_rekeyed(const struct kin *kin)
{
    return kin->key.family ? is_rekey(kin) && !kin->bonds.mates_ns : kin->rekeys > 0;
}

/* Whether OTHER got enough numbers since the first call of this after FROM_NS. */
static int goes_on(struct kin *kin, const struct direction *other, uint64_t from_ns)
{
    if (other->last_ns <= from_ns)
        return 0;
    if (!kin->other_received || other->received < kin->other_received)
        kin->other_received = other->received;
    return other->received >= kin->other_received + CONTINUED;
}

/* Checks whether the other direction keeps its old SA. */
static int check_one_sided(struct kin *kin, const struct direction *other,
                           const struct telling *telling)
{
    uint64_t due_ns = kin->since_ns + ROLLOVER_NS;

    if (kin->last_ns <= due_ns || other->newest->since_ns + APART_NS >= kin->since_ns ||
        !goes_on(kin, other, due_ns))
        return 0;
    return tell_once(telling, kin, EVENT_ONE_SIDED, due_ns, &other->newest->key);
}

/* The longest usual pause in the direction of KIN. */
static uint64_t longest_pause(const struct lineage *lineage, const struct kin *kin)
{
    const struct kin *old = kin->key.family ? lineage_kin(lineage, &kin->bonds.follows) : NULL;

    return old ? old->longest_ns : kin->longest_ns;
}

/* Checks whether this direction stopped. LONGEST_NS is its longest usual pause. */
static int check_stopped(struct kin *kin, const struct direction *other, uint64_t longest_ns,
                         uint64_t now_ns, const struct telling *telling)
{
    if ((kin->told | kin->telling) & TRACKER_TOLD_FAILED ||
        kin->last_ns > kin->since_ns + ROLLOVER_NS ||
        !is_silent(kin->last_ns, longest_ns, now_ns) ||
        !goes_on(kin, other, kin->last_ns + SILENCE_NS))
        return 0;
    return tell_once(telling, kin, EVENT_ROLLOVER_FAILED, kin->last_ns, &other->newest->key);
}

static int check_both(struct lineage *lineage, struct kin *kin, uint64_t now_ns,
                      const struct telling *telling)
{
    struct direction other;

    if (!was_rekeyed(kin) || kin->bonds.is_replaced || now_ns < kin->since_ns + ROLLOVER_NS ||
        now_ns > kin->since_ns + WATCHED_NS)
        return 0;
    other = other_direction(lineage, kin);
    if (!other.newest)
        return 0;
    if (check_one_sided(kin, &other, telling) < 0)
        return -1;
    return check_stopped(kin, &other, longest_pause(lineage, kin), now_ns, telling);
}

int rollover_check(struct lineage *lineage, int is_end, rollover_tell *tell, void *context)
{
    const struct telling telling = {.tell = tell, .context = context};
    uint64_t now_ns = lineage_now(lineage);

    for (size_t i = 0; i < lineage->count; i++) {
        struct kin *kin = &lineage->kin[i];

        if (check_rekey(kin, is_end ? UINT64_MAX : now_ns, &telling) < 0 ||
            check_both(lineage, kin, now_ns, &telling) < 0)
            return -1;
    }
    return 0;
}

int rollover_is_new(struct lineage *lineage, const struct track_event *event)
{
    struct kin *kin =
        event->kind == EVENT_ROLLOVER_FAILED ? lineage_kin(lineage, &event->key) : NULL;

    if (!kin)
        return 1;
    if ((kin->told | kin->telling) & TOLD_FAILED &&
        event->timestamp_ns <= kin->since_ns + WATCHED_NS)
        return 0;
    kin->telling |= TRACKER_TOLD_FAILED;
    return 1;
}

void rollover_settle(struct lineage *lineage, int is_kept)
{
    for (size_t i = 0; i < lineage->count; i++) {
        struct kin *kin = &lineage->kin[i];

        if (is_kept)
            kin->told |= kin->telling;
        kin->telling = 0;
    }
}
