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
    int is_settled;         /* the way is certain */
    struct stream *reverse; /* the stream of the other direction, or NULL */
    int64_t votes;          /* as count_votes() sets them */
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

/* --- differences at the same time --- */

/* The smallest difference of a stream at some time. */
struct moment {
    struct stream *pair; /* the first of its stream and the reverse of that */
    uint64_t time_ns;
    int64_t least_ns;
    int is_second; /* it is of the reverse */
};

struct moments {
    struct moment *moments;
    size_t count;
};

static int compare_moments(const void *left, const void *right)
{
    const struct moment *a = left;
    const struct moment *b = right;

    if (a->pair != b->pair)
        return a->pair < b->pair ? -1 : 1;
    if (a->time_ns != b->time_ns)
        return a->time_ns < b->time_ns ? -1 : 1;
    return a->is_second - b->is_second;
}

/* Adds the moments of SA, which is in STREAM. There is room for them. */
static void add_moments(struct moments *moments, const struct compared_sa *sa,
                        struct stream *stream)
{
    const struct delay_times *times = &sa->figures.times;
    struct stream *pair = stream < stream->reverse ? stream : stream->reverse;
    struct moment moment = {.pair = pair, .is_second = stream != pair};

    moment.time_ns = sa->figures.first_ns;
    moment.least_ns = times->whole.min;
    if (!times->slice_count)
        moments->moments[moments->count++] = moment;
    for (size_t i = 0; i < times->slice_count; i++) {
        moment.time_ns = times->slices[i].first_ns;
        moment.least_ns = times->slices[i].delay.min;
        moments->moments[moments->count++] = moment;
    }
}

/* Sets MOMENTS to those of all streams that have a reverse. The caller frees them. */
static int list_moments(struct moments *moments, const struct comparison *comparison,
                        const struct streams *streams)
{
    size_t capacity = 1;

    for (size_t i = 0; i < comparison->count; i++)
        capacity += 1 + comparison->sas[i].figures.times.slice_count;
    *moments = (struct moments){.moments = malloc(capacity * sizeof(*moments->moments))};
    if (!moments->moments)
        return -1;
    for (size_t i = 0; i < comparison->count; i++) {
        const struct compared_sa *sa = &comparison->sas[i];
        struct flow_key key = stream_key(sa);
        struct stream *stream = find(streams, &key);

        if (stream && stream->reverse && has_times(sa))
            add_moments(moments, sa, stream);
    }
    qsort(moments->moments, moments->count, sizeof(*moments->moments), compare_moments);
    return 0;
}

/* At any time, the differences of the one direction are greater than those of the other, by the sum
 * of both delays. Sets the votes of a stream to how often it is the greater one, less how often its
 * reverse is. A clock that was set changes few votes, but the smallest differences of streams. */
static int count_votes(const struct comparison *comparison, const struct streams *streams)
{
    struct moments moments;

    if (list_moments(&moments, comparison, streams) < 0)
        return -1;
    for (size_t i = 1; i < moments.count; i++) {
        const struct moment *before = &moments.moments[i - 1], *now = &moments.moments[i];
        int vote = (before->least_ns > now->least_ns) - (before->least_ns < now->least_ns);

        if (before->pair != now->pair || before->is_second == now->is_second)
            continue;
        vote = before->is_second ? -vote : vote;
        now->pair->votes += vote;
        now->pair->reverse->votes -= vote;
    }
    free(moments.moments);
    return 0;
}

/* --- ways --- */

/* Of two streams of opposite directions, the one with the smaller differences of times goes from B
 * to A. */
static void oppose(struct stream *one, struct stream *other)
{
    int is_one = one->votes ? one->votes < 0 : one->least_ns < other->least_ns;
    struct stream *back = is_one ? one : other;

    one->way = other->way = WAY_A_TO_B;
    back->way = WAY_B_TO_A;
    one->is_settled = other->is_settled = 1;
}

/* The stream whose source is STREAM's destination, or NULL. */
static struct stream *find_reverse(const struct streams *streams, const struct stream *stream)
{
    struct flow_key key = stream->key;
    struct stream *reverse;

    if (!key.family)
        return NULL;
    memcpy(key.source, stream->key.destination, sizeof(key.source));
    memcpy(key.destination, stream->key.source, sizeof(key.destination));
    reverse = find(streams, &key);
    return reverse == stream ? NULL : reverse;
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
    for (size_t i = 0; i < streams.count; i++)
        streams.streams[i].reverse = find_reverse(&streams, &streams.streams[i]);
    if (count_votes(comparison, &streams) < 0) {
        free(streams.streams);
        return -1;
    }
    for (size_t i = 0; i < streams.count; i++)
        if (streams.streams[i].reverse)
            oppose(&streams.streams[i], streams.streams[i].reverse);
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
