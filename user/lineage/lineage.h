/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Finds the SA from which each SA took over. All SAs of a tunnel in one direction are a lineage.
 *
 * Frames show this only where the SAs belong to one flow (MACsec), and where the tracker logged a
 * tie (track/peers/tie.h). An ESP SA probably took over from another one when
 *
 *   - both have the same source and destination, and UDP ports, if they are in UDP: hosts behind
 *     one NAT differ in these,
 *   - it began near number 1 (RFC 4303 3.3.3), and the other one ended at that time. A
 *     CREATE_CHILD_SA exchange of IKE (RFC 7296 1.3) between both hosts at that time allows a
 *     longer pause,
 *   - no third SA of these hosts is as likely, and
 *   - these hosts used no two SAs side by side within an hour. Hosts that do may have an SA for
 *     each processor (RFC 9611), or for each subnet, and an SA that ends may just be idle.
 *
 * Otherwise it is not known. Decisions follow from the frames so far; a decision is withdrawn when
 * both SAs turn out to be in use.
 */
#ifndef GAPWATCH_LINEAGE_LINEAGE_H
#define GAPWATCH_LINEAGE_LINEAGE_H

#include <stddef.h>
#include <stdint.h>

#include "record.h"
#include "track/peers/tie.h"
#include "track/sequence/sa.h"

/* The flows that are compared. Beyond that, those that were silent for long are forgotten. */
#define LINEAGE_FLOWS_MAX 16384

enum certainty {
    CERTAINTY_NONE,
    CERTAINTY_PROBABLE,
    CERTAINTY_CERTAIN,
};

/* The place of a flow in its lineage, as far as it is known. A key of all zeros means that there is
 * none. */
struct bonds {
    struct flow_key follows;  /* the flow whose SA it took over */
    struct flow_key moved_to; /* the flow with which the same SA goes on */
    struct flow_key root;     /* the first flow of its lineage */
    uint64_t mates_ns;   /* latest frame of other SAs that these hosts use side by side; 0: none */
    uint32_t generation; /* of the SA of `follows` */
    uint8_t certainty;   /* enum certainty: how `follows` is known */
    uint8_t is_replaced; /* another flow has taken over its SA, or goes on with it */
    uint8_t has_moved;   /* it follows a flow with the same SA */
    uint8_t reserved;
};

/* A flow, as far as it is known. */
struct kin {
    struct flow_key key;
    uint64_t first_ns; /* arrival of its first frame */
    uint64_t last_ns;  /* arrival of its highest number but two, which may be forged */
    uint64_t received; /* distinct numbers */
    uint64_t first_sequence;
    uint64_t longest_ns; /* longest pause between its frames */
    uint64_t since_ns;   /* arrival of the first frame of its newest SA */
    uint32_t generation; /* of this SA, like the next member */
    uint32_t rekeys;
    uint32_t ports; /* of the datagrams around its first frame; 0: none */
    uint8_t association;
    struct flow_key origin; /* the first flow of its lineage, known from an earlier capture; a key
                               of all zeros: it is not known */

    /* The caller of lineage_add() sets the members before this. */
    uint8_t is_known;  /* its bonds were decided before */
    uint8_t is_frozen; /* the flow that it follows was forgotten: `bonds` stays */
    uint8_t is_dropped;
    uint8_t place;    /* marks of lineage/hosts.c */
    uint8_t reserved; /* the next members are those of lineage/rollover.c: */
    uint16_t told;    /* reported events of its newest SA, a bit for each kind */
    uint16_t telling; /* events that are being reported */
    uint16_t reserved_too;
    uint32_t elder;          /* index of an earlier flow of its lineage, or its own */
    uint64_t other_received; /* count of the other direction's numbers when it had to change */
    struct flow_key told_follows;
    struct bonds bonds;
    struct bonds written; /* bonds as they are in the database */
};

struct lineage {
    struct kin *kin; /* the first `sorted` of them in order, each once */
    size_t count;
    size_t sorted;
    size_t capacity;
    struct kin **order; /* used while it is decided; as many as `kin` has room for */
    struct tie_log ties;
    struct tie_log exchanges; /* those that are `in_order` are by hosts, then by time */
    size_t in_order;
    size_t forget_from;  /* old flows are forgotten from this many on; 0: only if necessary */
    uint64_t crowded_ns; /* until this time, flows were left out; 0: none */
};

/* Frees what LINEAGE holds, which starts as zeros. */
void lineage_release(struct lineage *lineage);

/* Adds a flow, or new information about it. KIN has zeros in the members that are not the caller's.
 * Flows without numbers are ignored. Returns 0, or -1: no memory. */
int lineage_add(struct lineage *lineage, const struct kin *kin);

/* Adds the flow of SA, with the information that SA has. Returns 0, or -1: no memory. */
int lineage_add_sa(struct lineage *lineage, const struct sa_change *sa);

/* Adds TIE. One of kind TIE_UNDONE takes back the last one between its flows. */
void lineage_add_tie(struct lineage *lineage, const struct tie *tie);

/* Notes that A and B, which LINEAGE has, belong to one lineage. */
void lineage_unite(const struct lineage *lineage, struct kin *a, struct kin *b);

/* The first flow of the lineage of KIN, as far as it is known. */
struct kin *lineage_first_of(const struct lineage *lineage, struct kin *kin);

/* Adds an IKE exchange (track/peers/exchanges.h). When there are too many, the older ones are
 * forgotten. */
void lineage_add_exchange(struct lineage *lineage, const struct tie *exchange);

/* Whether IKE made SAs between the hosts of KEY from FROM_NS until UNTIL_NS. */
int lineage_had_exchange(const struct lineage *lineage, const struct flow_key *key,
                         uint64_t from_ns, uint64_t until_ns);

/* Compares the protocol and the addresses of A and B, as memcmp() does. */
int hosts_compare(const struct flow_key *a, const struct flow_key *b);

/* Sorts the flows and exchanges that were added, and forgets flows where there are too many. This
 * is the first step of lineage_decide() (lineage/decide.h). */
void lineage_put_in_order(struct lineage *lineage);

/* The flow with KEY, with the last decisions, or NULL. The pointer is valid until a flow is added.
 * */
struct kin *lineage_kin(const struct lineage *lineage, const struct flow_key *key);

/* The bonds of the flow with KEY as they were decided last, or NULL. */
const struct bonds *lineage_find(const struct lineage *lineage, const struct flow_key *key);

/* The time of the newest frame of LINEAGE, in nanoseconds since 1970. */
uint64_t lineage_now(const struct lineage *lineage);

/* The index in LINEAGE of the first flow with the hosts of KEY, or else of the next one in the
 * order. */
size_t lineage_first_of_hosts(const struct lineage *lineage, const struct flow_key *key);

/* Whether another flow goes on in the place of the flow with BONDS, or beside it, so that the flow
 * does not count as silent at NOW_NS. BONDS may be NULL. */
int lineage_goes_on(const struct bonds *bonds, uint64_t now_ns);

/* The name of CERTAINTY in JSON, SQL and the API; NULL for none. */
const char *certainty_name(enum certainty certainty);

#endif
