/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/writer/lives.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 64

void lives_release(struct lives *lives)
{
    free(lives->lives);
    *lives = (struct lives){0};
}

int lives_add(struct lives *lives, const struct flow_change *change, uint32_t earlier_sas)
{
    if (lives->count == lives->capacity) {
        size_t capacity = lives->capacity ? lives->capacity * 2 : FIRST_CAPACITY;
        struct life *more = realloc(lives->lives, capacity * sizeof(*more));

        if (!more)
            return -1;
        lives->lives = more;
        lives->capacity = capacity;
    }
    lives->lives[lives->count++] = (struct life){
        .key = change->flow.key,
        .departure = change->departure,
        .earlier_sas = earlier_sas,
    };
    if (!lives->has_new)
        lives->first_new = change->departure;
    lives->has_new = 1;
    lives->is_sorted = 0;
    return 0;
}

/* Whether departure A, counted modulo 2^32 like B, came before B. */
static int is_before(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

static void remove_new(struct lives *lives)
{
    size_t kept = 0;

    for (size_t i = 0; i < lives->count; i++)
        if (is_before(lives->lives[i].departure, lives->first_new))
            lives->lives[kept++] = lives->lives[i];
    lives->count = kept;
}

void lives_settle(struct lives *lives, int is_committed, int wrote_gaps)
{
    if (!is_committed && lives->has_new)
        remove_new(lives);
    lives->has_new = 0;
    if (is_committed && wrote_gaps)
        lives->count = 0;
}

static int compare(const void *left, const void *right)
{
    const struct life *a = left;
    const struct life *b = right;
    int keys = memcmp(&a->key, &b->key, sizeof(a->key));

    if (keys)
        return keys;
    return is_before(b->departure, a->departure) - is_before(a->departure, b->departure);
}

static void sort(struct lives *lives)
{
    if (!lives->is_sorted)
        qsort(lives->lives, lives->count, sizeof(*lives->lives), compare);
    lives->is_sorted = 1;
}

const struct life *lives_find(struct lives *lives, const struct gap *gap)
{
    const struct life sought = {.key = gap->key, .departure = gap->departures};
    size_t first = 0, count = lives->count;

    if (!count)
        return NULL;
    sort(lives);
    while (count) {
        size_t half = count / 2;

        if (compare(&lives->lives[first + half], &sought) < 0) {
            first += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    if (first == lives->count || memcmp(&lives->lives[first].key, &gap->key, sizeof(gap->key)) != 0)
        return NULL;
    return &lives->lives[first];
}
