/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A channel: the positions of one flow. One is believed. The others are hypotheses, founded by a
 * frame that fitted nowhere, or earlier positions, which were believed before.
 *
 *   place.c     which position a frame goes to that does not fit the believed one
 *   go_on.c     a frame that does, and what it says of the others
 *   feed.c      a frame that goes to another position
 *   belief.c    a hypothesis becomes the believed position
 *   undo.c      that is taken back
 *   reach.c     the believed position comes to where a hypothesis ran ahead
 *   channel.c   which positions there are, and what becomes of the frames of those that go
 *   sa.c        the SAs that the positions make up
 *
 * A flow whose frames all fit one position has neither channel nor stance: most have not.
 */
#ifndef GAPWATCH_TRACK_CHANNEL_H
#define GAPWATCH_TRACK_CHANNEL_H

#include "base/units.h"
#include "track/position.h"

#define HYPOTHESES_MAX 8  /* of a channel */
#define COPIES_MAX     2  /* of these, ones whose numbers had come before */
#define EARLIER_MAX    3  /* earlier positions that may turn out to be right after all */
#define CONFIRM        3  /* distinct numbers in a row that make a position believed, */
#define CONFIRM_COPIES 64 /* where they had come before: copies, or a sender that began anew */
#define SETTLE_NUMBERS 64 /* new numbers after which a change of belief is final, */
#define SETTLE_NS      (10 * NS_PER_SECOND) /* or the time */
#define CLOSE_NUMBERS                                                                              \
    1024               /* new numbers after which what was before is closed: nothing goes back */
#define STALE_FEW 16   /* new believed numbers after which a hypothesis of one or two frames goes, \
                        */
#define STALE 64       /* new believed numbers after which a hypothesis without any goes; */
                       /* one that had more of its own lasts as long as these */
#define FEW          8 /* a hypothesis of fewer was forged when one of them comes again */
#define JUMP_MAX     65536 /* the steps of a hypothesis that rises; the first PN of a new SA */
#define STEP_GROWTH  16    /* and how much longer than the way so far the third may be */
#define SIDE_BY_SIDE 64    /* numbers at two positions that make two senders */
#define RETURNS_MAX  8     /* changes taken back and believed again that do so */

/* What made a position believed. */
enum change {
    CHANGE_NONE, /* it was the first */
    CHANGE_JUMP,
    CHANGE_RESTART,
    CHANGE_REKEY,
};

/* How a position stands in its channel. */
struct stance {
    struct flow *flow;
    uint64_t founder;    /* the number that founded it */
    uint64_t known_from; /* the number from which on it is known what came */
    uint64_t sa_start; /* where its SA starts, when the position before is gone; 0: where it does */
    uint64_t first_ns; /* its arrival */
    uint64_t quiet_ns; /* that of the believed position's last number before it */
    uint64_t lowest_ns; /* that of the lowest number so far */
    uint64_t believed_ns;
    uint64_t
        withheld_from; /* what is missing at the believed position from here on may yet change */
    uint64_t given_up; /* what is missing up to here was told as lost: a receiver waits no longer */
    uint64_t refused_to; /* the highest bit of `refused` that was set; 0: none */
    uint64_t as_late;    /* as what its frames count when it is forgotten */
    uint64_t as_duplicates;
    uint64_t as_outliers;
    uint64_t waiting[CONFIRM - 1]; /* numbers in a row, left undecided; only of earlier positions */
    uint64_t waiting_ns[CONFIRM - 1];
    uint64_t gap_index; /* gaps that were logged when it was founded */
    uint32_t next;      /* among the others of its channel: positions, or POOL_NONE */
    uint32_t before;    /* the position that it took over from, or POOL_NONE */
    uint32_t self;      /* its position */
    uint32_t older;     /* hypotheses of all flows by the last use: stances */
    uint32_t newer;
    uint32_t row;    /* new numbers in a row, with no new one at the believed position in between */
    uint32_t idle;   /* new numbers of the believed position since its last */
    uint32_t beside; /* numbers that came to it as a hypothesis */
    uint32_t main_since; /* new numbers of the believed position since it was founded */
    uint16_t to_settle;  /* new numbers until its change is final; 0: it is */
    uint16_t to_close;   /* ... until the position before it waits for none any more; 0: so it is */
    uint8_t change;      /* enum change: how it came to be believed */
    uint8_t left_by;     /* enum change: how the one after it did */
    uint8_t is_earlier;
    uint8_t is_closed;    /* an earlier one that so much came after that nothing goes back to it */
    uint8_t was_believed; /* a hypothesis that had been believed before */
    uint8_t of_copies;    /* its numbers had come before */
    uint8_t
        is_ahead; /* it was ahead of the believed position, in the same SA, when it was founded */
    uint8_t is_near;        /* founded ahead by no more than the memory: it may be a faster path */
    uint8_t is_sender_jump; /* the numbers in front of it were never sent */
};

struct channel {
    struct sequence_figures former; /* of positions that are gone, and of forgotten frames */
    uint64_t mixed_ns;              /* the latest frame when two senders were found on one SA */
    uint32_t others;                /* positions in the order in which they were added */
    uint32_t next_generation;
    uint32_t ended; /* SAs that are over, and were not told yet (sa.c) */
    uint8_t hypotheses;
    uint8_t copies;
    uint8_t earlier;
    uint8_t has_row; /* an earlier position has had numbers since the believed one had */
    uint8_t returns; /* times that what had been taken back was believed again */
    uint8_t is_open; /* a change in the chain may be provisional */
    uint8_t reserved[2];
};

static inline struct stance *stance_at(const struct sequencer *sequencer, uint32_t handle)
{
    return pool_at(&sequencer->stances, handle);
}

static inline struct channel *channel_at(const struct sequencer *sequencer, uint32_t handle)
{
    return pool_at(&sequencer->channels, handle);
}

static inline struct stance *stance_of(const struct sequencer *sequencer, uint32_t position)
{
    return stance_at(sequencer, position_at(sequencer, position)->stance);
}

static inline struct channel *channel_of(const struct arrival *arrival)
{
    return channel_at(arrival->sequencer, arrival->flow->channel);
}

static inline uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static inline struct position *believed(const struct arrival *arrival)
{
    return position_at(arrival->sequencer, arrival->flow->position);
}

/* Walks the others of CHANNEL, HANDLE being a position. BODY may remove HANDLE itself. */
#define FOR_OTHERS(sequencer, channel, handle, following)                                          \
    for (uint32_t handle = (channel)->others, following;                                           \
         handle != POOL_NONE && (following = stance_of(sequencer, handle)->next, 1);               \
         handle = following)

/* --- channel.c --- */

/* Gives the flow a channel and its believed position a stance. Returns 0, or -1: no memory. */
int channel_open(const struct arrival *arrival);

/* NUMBER of ASSOCIATION founds a hypothesis. Returns its handle, or POOL_NONE: no memory; the frame
 * is then an outlier. */
uint32_t channel_found(const struct arrival *arrival, unsigned association, uint64_t number,
                       int of_copies);

/* Puts position HANDLE behind the others, or takes it out of them. */
void channel_add(const struct arrival *arrival, uint32_t handle);
void channel_remove(const struct arrival *arrival, uint32_t handle);

/* The hypothesis HANDLE is given up: its frames count as what they would be without it. */
void channel_forget(const struct arrival *arrival, uint32_t handle);

/* The hypothesis HANDLE was used just now. */
void channel_touch(const struct arrival *arrival, uint32_t handle);

/* A frame with NUMBER goes to the hypothesis HANDLE: notes as what it counts if that is forgotten.
 */
void channel_class(const struct arrival *arrival, uint32_t handle, uint64_t number);

/* The number from which on POSITION knows what came: a new SA may begin anew in front of it, with
 * numbers of which its own were lost. */
uint64_t channel_known_from(const struct sequencer *sequencer, const struct position *position);

/* The position that remembers NUMBER of ASSOCIATION (32 bits), believed now or before, or
 * POOL_NONE; EXTENDED gets its number there. */
uint32_t channel_recall(const struct arrival *arrival, unsigned association, uint32_t number,
                        uint64_t *extended);

/* Makes room for one hypothesis more, in the channel and among those of all flows. */
void channel_make_room(const struct arrival *arrival, int of_copies);

/* Whether HANDLE is a hypothesis further on in the believed position's own SA. */
int channel_runs_ahead(const struct arrival *arrival, uint32_t handle);

/* Whether NUMBER came to position HANDLE, as far as it remembers, or waits there. */
int channel_knows(const struct arrival *arrival, uint32_t handle, uint64_t number);

/* NUMBER goes to position HANDLE, which is not to take it any more: it is late there, or came
 * before.
 */
void channel_recall_at(const struct arrival *arrival, uint32_t handle, uint64_t number);

/* Notes it when hypothesis HANDLE and the believed position are those of two senders on one SA. */
void channel_note_mixed(const struct arrival *arrival, uint32_t handle);

/* Two senders use one SA: from now on nobody can tell what of it is lost. */
void channel_mix(const struct arrival *arrival);

/* What waits at the earlier position HANDLE is late: it did not go on in a row. */
void channel_break_row(const struct arrival *arrival, uint32_t handle);

/* Drops the oldest earlier positions beyond EARLIER_MAX; their figures stay. */
void channel_fold(const struct arrival *arrival);

/* --- go_on.c, feed.c, place.c: all return 1 for a number that is new where it goes, 0 for another
 * one, -1: no memory --- */

/* NUMBER fits the believed position MAIN. For a flow without a channel that is all there is. */
int channel_take_alone(const struct arrival *arrival, struct position *main, uint64_t number);

/* The same with others beside it. */
int channel_go_on(const struct arrival *arrival, uint64_t number);

/* NUMBER goes to the position HANDLE among the others. */
int channel_feed(const struct arrival *arrival, uint32_t handle, uint64_t number);

/* NUMBER of ASSOCIATION, as on the wire, does not fit the believed position. */
int channel_place(const struct arrival *arrival, unsigned association, uint32_t number);

/* --- sa.c --- */

/* Prepares for at most LIMIT SAs that are over and not told. Returns 0, or -1: no memory. */
int sequence_init_ended(struct sequencer *sequencer, uint32_t limit);

/* The SA of FLOW whose last position is HANDLE is over, and that position about to go. */
void sequence_keep_ended(struct sequencer *sequencer, const struct flow *flow, uint32_t handle);

/* The same, but it was none: nothing of it counts. */
void sequence_keep_undone(struct sequencer *sequencer, const struct flow *flow, uint32_t handle);

/* --- belief.c, undo.c, reach.c --- */

/* The first position of a flow is sure. That of an SA which was born while the sensor watched
 * starts at 1 (RFC 4303 3.3.3). */
void believe_first(const struct arrival *arrival);

/* Hypothesis HANDLE is confirmed: it is the believed position now. */
void believe(const struct arrival *arrival, uint32_t handle);

/* Takes back all changes of belief since the earlier position HANDLE. */
void believe_undo(const struct arrival *arrival, uint32_t handle);

/* The change to the believed position HANDLE, if it was provisional, is final. */
void believe_settle(const struct arrival *arrival, uint32_t handle);

/* The believed position has come to where hypothesis HANDLE ran ahead: both are one. */
void believe_reached(const struct arrival *arrival, uint32_t handle);

/* The believed position accepted NUMBER, which a receiver at the hypothesis HANDLE would refuse. */
void believe_refuse(const struct arrival *arrival, uint32_t handle, uint64_t number);

/* What the hypotheses would refuse is of the position that was believed until now. */
void believe_forget_refused(const struct arrival *arrival);

/* What hypothesis HANDLE would have refused, POSITION did not accept after all. From KEPT_FROM on
 * somebody else keeps the list of what is missing. */
void believe_apply_refused(const struct arrival *arrival, uint32_t handle,
                           struct position *position, uint64_t kept_from);

/* Tells that KIND happened to position HANDLE at TIMESTAMP_NS, if anybody asks. */
void believe_tell(const struct arrival *arrival, enum track_event_kind kind, uint32_t handle,
                  uint64_t timestamp_ns);

/* What is missing at the believed position and cannot come any more is lost. */
void believe_expire(const struct arrival *arrival);

#endif
