/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "lineage/hosts.h"

#include "base/units.h"

#define FIRST_MAX   64                   /* an SA that begins later did not begin here */
#define CLOSE_NS    (10 * NS_PER_SECOND) /* longest pause between two SAs */
#define EXCHANGE_NS (60 * NS_PER_SECOND) /* the same if IKE made SAs in that time */
#define AFTERWARDS_NS                                                                              \
    (5 * NS_PER_SECOND)         /* from an SA's first frame to the end of its exchange, at most */
#define SWITCH_NS NS_PER_SECOND /* for which reordered frames of the old SA may come */
#define SET_NS    (3600 * NS_PER_SECOND) /* time for which SAs side by side make others doubtful */

/* Marks of an SA. */
enum {
    BESIDE = 1 << 0,   /* it began while another one was in use that went on */
    IN_SET = 1 << 1,   /* it was used side by side with another one */
    DOUBTFUL = 1 << 2, /* it may belong to a set */
};

/* The time from which only the SA of KIN is in use. Until then, frames of the one before may still
 * arrive. */
static uint64_t in_use_ns(const struct kin *kin)
{
    uint64_t half_ns = kin->last_ns > kin->first_ns ? (kin->last_ns - kin->first_ns) / 2 : 0;

    return kin->first_ns + (half_ns < SWITCH_NS ? half_ns : SWITCH_NS);
}

/* Finds SAs that are used side by side, and marks the later one of each two. */
static void find_sets(struct kin *const *order, size_t count)
{
    struct kin *busiest = NULL; /* among those that began earlier, the one that was used last */

    for (size_t i = 0; i < count; i++) {
        struct kin *kin = order[i];

        kin->place = busiest && busiest->last_ns > in_use_ns(kin) ? BESIDE : 0;
        if (kin->place) {
            kin->place |= IN_SET;
            busiest->place |= IN_SET;
        }
        if (!busiest || kin->last_ns > busiest->last_ns)
            busiest = kin;
    }
}

/* Notes for each SA of the set when another one was used last. */
static void note_mates(struct kin *const *order, size_t count)
{
    const struct kin *last = NULL;
    uint64_t before_ns = 0; /* the same without LAST */

    for (size_t i = 0; i < count; i++) {
        if (!(order[i]->place & IN_SET))
            continue;
        if (!last || order[i]->last_ns > last->last_ns) {
            before_ns = last ? last->last_ns : 0;
            last = order[i];
        } else if (order[i]->last_ns > before_ns) {
            before_ns = order[i]->last_ns;
        }
    }
    if (!last)
        return;
    for (size_t i = 0; i < count; i++)
        if (order[i]->place & IN_SET)
            order[i]->bonds.mates_ns = order[i] == last ? before_ns : last->last_ns;
}

/* Marks the SAs that began while others were used side by side, or within an hour of that. */
static void mark_doubtful(struct kin *const *order, size_t count)
{
    uint64_t until_ns = 0, from_ns = UINT64_MAX, latest_ns = 0;

    for (size_t i = 0; i < count; i++) {
        struct kin *kin = order[i];

        if (kin->place & BESIDE && until_ns < latest_ns + SET_NS)
            until_ns = latest_ns + SET_NS;
        if (kin->last_ns > latest_ns)
            latest_ns = kin->last_ns;
        if (kin->first_ns <= until_ns)
            kin->place |= DOUBTFUL;
    }
    for (size_t i = count; i-- > 0;) {
        struct kin *kin = order[i];

        if (kin->place & BESIDE)
            from_ns = kin->first_ns;
        if (from_ns != UINT64_MAX && kin->first_ns + SET_NS >= from_ns)
            kin->place |= DOUBTFUL;
    }
}

/* Whether KIN may take over from another SA at all. */
static int is_eligible(const struct lineage *lineage, const struct kin *kin)
{
    return !(kin->place & (BESIDE | DOUBTFUL)) && !kin->is_frozen && !kin->bonds.certainty &&
           kin->first_sequence > 0 && kin->first_sequence <= FIRST_MAX &&
           (!lineage->crowded_ns || kin->first_ns > lineage->crowded_ns + SET_NS);
}

static int ended_close_to(const struct kin *old, const struct kin *kin, uint64_t close_ns)
{
    return old && old->last_ns + close_ns >= kin->first_ns;
}

/* The longest pause before KIN. */
static uint64_t longest_pause(const struct lineage *lineage, const struct kin *kin)
{
    uint64_t from_ns = shift_time(kin->first_ns, -(int64_t)EXCHANGE_NS);

    return lineage_had_exchange(lineage, &kin->key, from_ns, kin->first_ns + AFTERWARDS_NS)
               ? EXCHANGE_NS
               : CLOSE_NS;
}

/* Whether KIN took over from LATEST. SECOND is the next one that it could be, or NULL. */
static int takes_over(const struct lineage *lineage, const struct kin *kin,
                      const struct kin *latest, const struct kin *second)
{
    uint64_t pause_ns;

    if (!is_eligible(lineage, kin))
        return 0;
    pause_ns = ended_close_to(latest, kin, CLOSE_NS) ? CLOSE_NS : longest_pause(lineage, kin);
    return ended_close_to(latest, kin, pause_ns) && !ended_close_to(second, kin, pause_ns);
}

static void take_over(const struct lineage *lineage, struct kin *kin, struct kin *old)
{
    lineage_unite(lineage, kin, old);
    kin->bonds.follows = old->key;
    kin->bonds.generation = old->generation;
    kin->bonds.certainty = CERTAINTY_PROBABLE;
    old->bonds.is_replaced = 1;
}

void hosts_decide(const struct lineage *lineage, struct kin *const *order, size_t count)
{
    struct kin *latest = NULL; /* of those without a successor, the one that was used last, */
    struct kin *second = NULL; /* and the next one */

    find_sets(order, count);
    note_mates(order, count);
    mark_doubtful(order, count);
    for (size_t i = 0; i < count; i++) {
        struct kin *kin = order[i];

        if (takes_over(lineage, kin, latest, second)) {
            take_over(lineage, kin, latest);
            latest = NULL;
        }
        if (kin->bonds.is_replaced)
            continue;
        if (!latest || kin->last_ns >= latest->last_ns) {
            second = latest ? latest : second;
            latest = kin;
        } else if (!second || kin->last_ns > second->last_ns) {
            second = kin;
        }
    }
}
