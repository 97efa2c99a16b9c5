/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/flows/flow_table.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#if defined(__APPLE__)
#include <sys/random.h> /* getentropy */
#endif

#define SLOTS_AT_FIRST 1024
#define KEY_WORDS      5 /* and half a word */

_Static_assert(sizeof(struct flow_key) == KEY_WORDS * sizeof(uint64_t) + sizeof(uint32_t),
               "the hash below takes all of the key");

/* Inserts HANDLE behind OLDER in the order of use. */
static void link_behind(struct flow_table *table, uint32_t older, uint32_t handle)
{
    uint32_t newer = table->links[older].newer;

    table->links[handle] = (struct flow_link){.older = older, .newer = newer};
    table->links[older].newer = handle;
    table->links[newer].older = handle;
}

int flow_table_init(struct flow_table *table, uint32_t limit)
{
    *table = (struct flow_table){.slot_mask = SLOTS_AT_FIRST - 1, .mark = limit + 1};
    table->slots = calloc(SLOTS_AT_FIRST, sizeof(*table->slots));
    table->links = calloc((size_t)limit + 2, sizeof(*table->links));
    if (!table->slots || !table->links ||
        pool_init(&table->flows, sizeof(struct flow), limit) < 0 ||
        getentropy(table->seed, sizeof(table->seed)) < 0) {
        flow_table_release(table);
        return -1;
    }
    link_behind(table, POOL_NONE, table->mark);
    return 0;
}

void flow_table_release(struct flow_table *table)
{
    pool_release(&table->flows);
    free(table->slots);
    free(table->links);
    *table = (struct flow_table){0};
}

/* Folds both halves of the 128-bit product, so that each bit of the result depends on all bits of
 * both. */
static uint64_t fold(uint64_t a, uint64_t b)
{
    wide product = wide_product(a, b);

    return wide_high(product) ^ wide_low(product);
}

uint32_t flow_table_hash(const struct flow_table *table, const struct flow_key *key)
{
    const uint64_t *seed = table->seed;
    uint64_t word[KEY_WORDS];
    uint64_t hash;

    memcpy(word, key, sizeof(word));
    hash = fold(word[0] ^ seed[0], word[1] ^ seed[1]) ^ fold(word[2] ^ seed[2], word[3] ^ seed[3]);
    hash = fold(hash ^ seed[4], word[4] ^ seed[5]);
    hash = fold(hash ^ seed[6], key->ports ^ seed[7]);
    return (uint32_t)(hash >> 32) ^ (uint32_t)hash;
}

/* The slot of the flow with KEY, or the free slot where it belongs. */
static struct flow_slot *find_slot(const struct flow_table *table, const struct flow_key *key,
                                   uint32_t hash)
{
    for (uint32_t i = hash;; i++) {
        struct flow_slot *slot = &table->slots[i & table->slot_mask];

        if (slot->flow == POOL_NONE)
            return slot;
        if (slot->hash == hash &&
            memcmp(&flow_table_at(table, slot->flow)->key, key, sizeof(*key)) == 0)
            return slot;
    }
}

uint32_t flow_table_search(const struct flow_table *table, const struct flow_key *key,
                           uint32_t hash)
{
    return find_slot(table, key, hash)->flow;
}

/* Doubles the slots when two thirds are taken. Returns 0, or -1: no memory. */
static int make_room(struct flow_table *table)
{
    uint32_t slots = table->slot_mask + 1;
    struct flow_slot *old = table->slots;

    if (table->flows.count < slots / 3 * 2)
        return 0;
    table->slots = calloc((size_t)slots * 2, sizeof(*table->slots));
    if (!table->slots) {
        table->slots = old;
        return -1;
    }
    table->slot_mask = slots * 2 - 1;
    for (uint32_t i = 0; i < slots; i++) {
        uint32_t to = old[i].hash;

        if (old[i].flow == POOL_NONE)
            continue;
        while (table->slots[to & table->slot_mask].flow != POOL_NONE)
            to++;
        table->slots[to & table->slot_mask] = old[i];
    }
    free(old);
    return 0;
}

static void link_newest(struct flow_table *table, uint32_t handle)
{
    link_behind(table, table->links[POOL_NONE].older, handle);
}

static void unlink_flow(struct flow_table *table, uint32_t handle)
{
    struct flow_link link = table->links[handle];

    table->links[link.older].newer = link.newer;
    table->links[link.newer].older = link.older;
}

uint32_t flow_table_add(struct flow_table *table, const struct flow_key *key, uint32_t hash)
{
    uint32_t handle;
    struct flow *flow;

    if (make_room(table) < 0)
        return POOL_NONE;
    handle = pool_take(&table->flows);
    if (handle == POOL_NONE)
        return POOL_NONE;
    flow = flow_table_at(table, handle);
    memset(flow, 0, sizeof(*flow));
    flow->key = *key;
    *find_slot(table, key, hash) = (struct flow_slot){.hash = hash, .flow = handle};
    link_newest(table, handle);
    return handle;
}

/* Frees SLOT and moves up the entries that had to step past it, so that all searches still
 * succeed. */
static void free_slot(struct flow_table *table, struct flow_slot *slot)
{
    uint32_t hole = (uint32_t)(slot - table->slots);

    for (uint32_t i = hole + 1;; i++) {
        struct flow_slot *next = &table->slots[i & table->slot_mask];

        if (next->flow == POOL_NONE)
            break;
        if (((i - next->hash) & table->slot_mask) >= ((i - hole) & table->slot_mask)) {
            table->slots[hole & table->slot_mask] = *next;
            hole = i;
        }
    }
    table->slots[hole & table->slot_mask].flow = POOL_NONE;
}

void flow_table_remove(struct flow_table *table, uint32_t handle)
{
    const struct flow_key *key = &flow_table_at(table, handle)->key;

    free_slot(table, find_slot(table, key, flow_table_hash(table, key)));
    unlink_flow(table, handle);
    pool_return(&table->flows, handle);
}

void flow_table_touch(struct flow_table *table, uint32_t handle)
{
    if (table->links[POOL_NONE].older == handle)
        return;
    unlink_flow(table, handle);
    link_newest(table, handle);
}

uint32_t flow_table_oldest(const struct flow_table *table)
{
    return flow_table_newer(table, POOL_NONE);
}

uint32_t flow_table_newer(const struct flow_table *table, uint32_t handle)
{
    uint32_t newer = table->links[handle].newer;

    return newer == table->mark ? table->links[newer].newer : newer;
}

void flow_table_mark(struct flow_table *table, uint32_t handle)
{
    unlink_flow(table, table->mark);
    link_behind(table, handle, table->mark);
}

uint32_t flow_table_used_since_mark(const struct flow_table *table)
{
    return table->links[table->mark].newer;
}
