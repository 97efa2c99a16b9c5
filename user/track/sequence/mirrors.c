/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/sequence/mirrors.h"

#include <stdlib.h>
#include <string.h>

#include "base/units.h"

#define REMEMBERED 64

/* A number further from the highest than the remembered ones is strange: one or two may be forged.
 * So many that are near each other, in a row, are believed. */
#define AGREEING 3
#define STEP_MAX 65536 /* further ahead, the mirror counts anew, and lost nothing */
#define SETTLED  64    /* frames after which it does not go back to where it was before */

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

static int is_near(const struct mirror_numbers *numbers, uint32_t number)
{
    return numbers->came &&
           (number - numbers->highest < REMEMBERED || numbers->highest - number < REMEMBERED);
}

/* Takes NUMBER, which is near. Returns how many more numbers are missing, which may be -1. */
static int64_t take(struct mirror_numbers *numbers, uint32_t number)
{
    uint32_t steps = number - numbers->highest;
    int64_t missing = 0;

    numbers->frames += numbers->frames < SETTLED;
    if (steps < REMEMBERED) {
        missing = steps ? (int64_t)steps - 1 : 0;
        numbers->came = numbers->came << steps | 1;
        numbers->highest = number;
    } else {
        uint64_t bit = UINT64_C(1) << (numbers->highest - number);

        missing = numbers->came & bit ? 0 : -1;
        numbers->came |= bit;
    }
    numbers->lost += (uint64_t)missing;
    return missing;
}

/* The other place of MIRROR begins with NUMBER. What is missing in between is lost if the mirror
 * went on there. */
static void begin_other(struct mirror *mirror, uint32_t number)
{
    uint32_t ahead = number - mirror->believed.highest;
    uint64_t lost = ahead <= STEP_MAX ? ahead - 1 : 0;

    mirror->other = (struct mirror_numbers){
        .came = lost ? 1 : UINT64_MAX, .lost = lost, .highest = number, .frames = 1};
    mirror->is_other_newer = 1;
}

/* MIRROR goes on at its other place. If it was there before, what was counted since is not true. */
static void change(struct mirrors *mirrors, struct mirror *mirror)
{
    struct mirror_numbers before = mirror->believed;

    if (mirror->is_other_newer)
        mirrors->lost += mirror->other.lost;
    else
        mirrors->lost -= before.lost;
    mirror->believed = mirror->other;
    mirror->other = before;
    mirror->is_other_newer = !mirror->is_other_newer;
    mirror->row = 0;
    mirror->strange_ns = 0;
}

/* Takes a strange number. Returns whether frames were lost before it, or may have been. */
static int receive_strange(struct mirrors *mirrors, struct mirror *mirror,
                           const struct frame_record *record)
{
    uint32_t number = (uint32_t)record->sequence;
    uint32_t frames = is_near(&mirror->other, number) ? mirror->other.frames : 0;

    mirrors->strange_ns = record->timestamp_ns;
    mirror->strange_ns = record->timestamp_ns;
    if (!is_near(&mirror->other, number))
        mirror->row = 0;
    if (frames && (mirror->row || !mirror->is_other_newer)) {
        take(&mirror->other, number);
    } else {
        begin_other(mirror, number); /* the believed place may have gone on since */
        mirror->other.frames += frames;
    }
    frames = mirror->other.frames;
    if (++mirror->row == AGREEING)
        change(mirrors, mirror);
    return frames >= AGREEING; /* also where two mirrors take turns */
}

/* Takes the next number of a known mirror. Returns whether frames were lost before it, or may have
 * been. */
static int go_on(struct mirrors *mirrors, struct mirror *mirror, const struct frame_record *record)
{
    int64_t missing;

    if (!is_near(&mirror->believed, (uint32_t)record->sequence))
        return receive_strange(mirrors, mirror, record);
    missing = take(&mirror->believed, (uint32_t)record->sequence);
    mirrors->lost += (uint64_t)missing;
    mirror->row = 0;
    mirror->strange_ns = 0;
    if (mirror->believed.frames >= SETTLED && !mirror->is_other_newer)
        mirror->other.came = 0;
    return missing > 0;
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
        *mirror = (struct mirror){
            .key = record->key,
            .believed = {.came = UINT64_MAX, .highest = (uint32_t)record->sequence, .frames = 1}};
    else if (go_on(mirrors, mirror, record))
        drop_periods_add(drops, mirror->last_ns, record->timestamp_ns);
    if (!mirror->strange_ns && record->timestamp_ns > mirror->last_ns)
        mirror->last_ns = record->timestamp_ns;
}

int mirrors_doubt(const struct mirrors *mirrors, uint64_t from_ns, uint64_t until_ns)
{
    if (!mirrors || mirrors->strange_ns < from_ns)
        return 0;
    for (size_t i = 0; mirrors->mirrors && i < MIRRORS_MAX; i++) {
        const struct mirror *mirror = &mirrors->mirrors[i];

        if (mirror->strange_ns >= from_ns && mirror->last_ns <= until_ns && mirror->strange_ns &&
            mirror->believed.frames >= AGREEING)
            return 1;
    }
    return 0;
}

void mirrors_shift_time(struct mirrors *mirrors, int64_t step_ns)
{
    if (!mirrors->mirrors)
        return;
    mirrors->strange_ns = shift_time(mirrors->strange_ns, step_ns);
    for (struct mirror *at = mirrors->mirrors; at < mirrors->mirrors + MIRRORS_MAX; at++) {
        at->last_ns = shift_time(at->last_ns, step_ns);
        if (at->strange_ns)
            at->strange_ns = shift_time(at->strange_ns, step_ns);
    }
}
