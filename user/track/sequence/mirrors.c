/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/sequence/mirrors.h"

#include <stdlib.h>
#include <string.h>

#include "base/units.h"

#define REMEMBERED 64

/* A number further ahead than this, or older than the remembered ones, is unexpected. After
 * STRANGE_MAX of them in a row, the mirror counts as restarted. */
#define STEP_MAX    65536
#define STRANGE_MAX 3

void mirrors_release(struct mirrors *mirrors)
{
    free(mirrors->mirrors);
    mirrors->mirrors = NULL;
}

/* The mirror of KEY or, when it is not there, the place for it, with another key. */
static struct mirror *find(const struct mirrors *mirrors, const struct flow_key *key)
{
    struct mirror *oldest = mirrors->mirrors;

    for (struct mirror *at = oldest; at < mirrors->mirrors + MIRRORS_MAX; at++) {
        if (memcmp(&at->key, key, sizeof(*key)) == 0)
            return at;
        if (at->last_ns < oldest->last_ns)
            oldest = at;
    }
    return oldest;
}

/* Numbers start at RECORD's; none of those before is missing. */
static void begin(struct mirror *mirror, const struct frame_record *record)
{
    mirror->key = record->key;
    mirror->came = UINT64_MAX;
    mirror->highest = (uint32_t)record->sequence;
    mirror->strange = 0;
}

static void receive_strange(struct mirror *mirror, const struct frame_record *record)
{
    if (++mirror->strange == STRANGE_MAX)
        begin(mirror, record);
}

/* A number above the highest. Returns how many between the two did not come. */
static uint32_t go_ahead(struct mirror *mirror, uint32_t steps)
{
    mirror->came = steps < REMEMBERED ? mirror->came << steps | 1 : 1;
    mirror->highest += steps;
    return steps - 1;
}

/* A number BACK from the highest. Returns whether it was missing until now. */
static int fill_in(struct mirror *mirror, uint32_t back)
{
    uint64_t bit = UINT64_C(1) << back;
    int was_missing = !(mirror->came & bit);

    mirror->came |= bit;
    return was_missing;
}

/* Takes the next number of a known mirror. Returns whether frames were lost before it, or may have
 * been: a strange number may be the first of a mirror that was away and counts anew. */
static int go_on(struct mirrors *mirrors, struct mirror *mirror, const struct frame_record *record)
{
    uint32_t ahead = (uint32_t)record->sequence - mirror->highest;
    uint32_t back = mirror->highest - (uint32_t)record->sequence;
    uint32_t lost;

    if (back >= REMEMBERED && ahead > STEP_MAX) {
        receive_strange(mirror, record);
        return 1;
    }
    mirror->strange = 0;
    if (back < REMEMBERED) {
        mirrors->lost -= (uint64_t)fill_in(mirror, back);
        return 0;
    }
    lost = go_ahead(mirror, ahead);
    mirrors->lost += lost;
    return lost > 0;
}

void mirrors_receive(struct mirrors *mirrors, const struct frame_record *record,
                     struct drop_periods *drops)
{
    struct mirror *mirror;

    if (!mirrors->mirrors)
        mirrors->mirrors = calloc(MIRRORS_MAX, sizeof(*mirrors->mirrors));
    if (!mirrors->mirrors)
        return;
    mirror = find(mirrors, &record->key);
    if (memcmp(&mirror->key, &record->key, sizeof(record->key)) != 0)
        begin(mirror, record);
    else if (go_on(mirrors, mirror, record))
        drop_periods_add(drops, mirror->last_ns, record->timestamp_ns);
    if (!mirror->strange && record->timestamp_ns > mirror->last_ns)
        mirror->last_ns = record->timestamp_ns;
}

void mirrors_shift_time(struct mirrors *mirrors, int64_t step_ns)
{
    if (!mirrors->mirrors)
        return;
    for (size_t i = 0; i < MIRRORS_MAX; i++)
        mirrors->mirrors[i].last_ns = shift_time(mirrors->mirrors[i].last_ns, step_ns);
}
