/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "compare/way.h"

#include <stdlib.h>
#include <string.h>

/* All SAs of one sender and one receiver. */
struct stream {
    struct flow_key key; /* without what changes with each SA */
    int64_t least_ns;    /* smallest time at B minus time at A, as most of the SAs have it */
    int64_t most_ns;     /* largest 99th percentile of these differences */
    uint64_t samples;    /* number of these differences */
    enum way way;
    int is_settled; /* the way is certain */
};

struct streams {
    struct stream *streams; /* in the order of keys */
    size_t count;
};

static struct flow_key stream_key(const struct compared_sa *sa)
{
    const struct point_sa *at = sa->passage.first ? sa->passage.first : sa->passage.second;
    struct flow_key key = at->sa.key;

    if (key.family)
        key.identifier = key.ports = 0;
    return key;
}

static int compare_streams(const void *left, const void *right)
{
    return memcmp(&((const struct stream *)left)->key, &((const struct stream *)right)->key,
                  sizeof(struct flow_key));
}

static int has_times(const struct compared_sa *sa)
{
    return sa->figures.times.whole.samples > 0;
}

/* Orders streams by key, then by smallest difference. */
static int compare_parts(const void *left, const void *right)
{
    const struct stream *a = left;
    const struct stream *b = right;
    int keys = compare_streams(a, b);

    return keys ? keys : (a->least_ns > b->least_ns) - (a->least_ns < b->least_ns);
}

/* The index behind the PARTS from FROM on that have the same key. */
static size_t end_of_parts(const struct stream *parts, size_t count, size_t from)
{
    size_t end = from + 1;

    while (end < count && compare_streams(&parts[from], &parts[end]) == 0)
        end++;
    return end;
}

/* The stream of the COUNT PARTS, which are in order. Its smallest difference is the median of
 * theirs, by samples: one SA with frames of another one at B, after a restart, turns no stream. */
static struct stream join(const struct stream *parts, size_t count)
{
    struct stream stream = parts[0];
    uint64_t samples = 0;

    for (size_t i = 1; i < count; i++) {
        stream.samples += parts[i].samples;
        if (parts[i].most_ns > stream.most_ns)
            stream.most_ns = parts[i].most_ns;
    }
    for (size_t i = 0; i < count && 2 * samples < stream.samples; i++) {
        samples += parts[i].samples;
        stream.least_ns = parts[i].least_ns;
    }
    return stream;
}

/* Sets STREAMS to those of the SAs that both points saw. */
static int list_streams(struct streams *streams, const struct comparison *comparison)
{
    size_t count = 0;

    *streams = (struct streams){0};
    streams->streams = calloc(comparison->count + 1, sizeof(*streams->streams));
    if (!streams->streams)
        return -1;
    for (size_t i = 0; i < comparison->count; i++) {
        const struct compared_sa *sa = &comparison->sas[i];

        if (has_times(sa))
            streams->streams[count++] = (struct stream){
                .key = stream_key(sa),
                .least_ns = sa->figures.times.whole.min,
                .most_ns = sa->figures.times.whole.p99,
                .samples = sa->figures.times.whole.samples,
            };
    }
    if (count)
        qsort(streams->streams, count, sizeof(*streams->streams), compare_parts);
    for (size_t from = 0, end; from < count; from = end) {
        end = end_of_parts(streams->streams, count, from);
        streams->streams[streams->count++] = join(&streams->streams[from], end - from);
    }
    return 0;
}

static struct stream *find(const struct streams *streams, const struct flow_key *key)
{
    struct stream like = {.key = *key};

    if (!streams->count)
        return NULL;
    return bsearch(&like, streams->streams, streams->count, sizeof(like), compare_streams);
}

/* Of two streams of opposite directions, the one with the smaller differences of times goes from B
 * to A. */
static void oppose(struct stream *one, struct stream *other)
{
    struct stream *back = one->least_ns < other->least_ns ? one : other;

    one->way = other->way = WAY_A_TO_B;
    back->way = WAY_B_TO_A;
    one->is_settled = other->is_settled = 1;
}

/* The stream whose source is STREAM's destination, or NULL. */
static struct stream *find_reverse(const struct streams *streams, const struct stream *stream)
{
    struct flow_key key = stream->key;

    if (!key.family)
        return NULL;
    memcpy(key.source, stream->key.destination, sizeof(key.source));
    memcpy(key.destination, stream->key.source, sizeof(key.destination));
    return find(streams, &key);
}

/* Two flows without addresses (SCIs) alone are the two ends of a link if their times lie apart.
 * Frames carry no more about it, and what was lost does not tell: a capture may miss more than the
 * network loses. */
static void oppose_ends(struct streams *streams)
{
    struct stream *ends[2] = {NULL, NULL};
    struct stream *low, *high;
    size_t count = 0;

    for (size_t i = 0; i < streams->count; i++) {
        if (streams->streams[i].key.family)
            continue;
        if (count < 2)
            ends[count] = &streams->streams[i];
        count++;
    }
    if (count != 2 || ends[0]->key.vlans != ends[1]->key.vlans)
        return;
    low = ends[0]->least_ns < ends[1]->least_ns ? ends[0] : ends[1];
    high = low == ends[0] ? ends[1] : ends[0];
    if (low->most_ns < high->least_ns)
        oppose(low, high);
}

/* The middle between the differences of both ways, which is about the clocks' offset; 0 if only one
 * way is known. Without any knowledge, clocks are taken to agree. */
static int64_t middle(const struct streams *streams)
{
    int64_t least[2] = {INT64_MAX, INT64_MAX};

    for (size_t i = 0; i < streams->count; i++) {
        const struct stream *stream = &streams->streams[i];

        if (stream->is_settled && stream->least_ns < least[stream->way])
            least[stream->way] = stream->least_ns;
    }
    if (least[WAY_A_TO_B] == INT64_MAX || least[WAY_B_TO_A] == INT64_MAX)
        return 0;
    return least[WAY_A_TO_B] / 2 + least[WAY_B_TO_A] / 2;
}

/* The way of streams that have no reverse. */
static void settle_rest(struct streams *streams)
{
    int64_t offset_ns = middle(streams);
    int has_ahead = 0;

    for (size_t i = 0; i < streams->count; i++)
        has_ahead |= streams->streams[i].least_ns > offset_ns;
    for (size_t i = 0; i < streams->count; i++) {
        struct stream *stream = &streams->streams[i];

        if (!stream->is_settled)
            stream->way = has_ahead && stream->least_ns < offset_ns ? WAY_B_TO_A : WAY_A_TO_B;
    }
}

int ways_find(struct comparison *comparison)
{
    struct streams streams;

    if (list_streams(&streams, comparison) < 0)
        return -1;
    for (size_t i = 0; i < streams.count; i++) {
        struct stream *reverse = find_reverse(&streams, &streams.streams[i]);

        if (reverse && reverse != &streams.streams[i])
            oppose(&streams.streams[i], reverse);
    }
    oppose_ends(&streams);
    settle_rest(&streams);
    for (size_t i = 0; i < comparison->count; i++) {
        struct flow_key key = stream_key(&comparison->sas[i]);
        const struct stream *stream = find(&streams, &key);

        if (stream)
            comparison->sas[i].way = stream->way;
    }
    free(streams.streams);
    return 0;
}
