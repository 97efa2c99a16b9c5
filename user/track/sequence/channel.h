/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A channel: the positions of one flow. One of them is believed. The others are hypotheses, which
 * were founded by a frame that fitted no position, or earlier positions, which were believed
 * before.
 *
 *   place.c     finds the position for a frame that does not fit the believed one
 *   go_on.c     a frame that fits the believed position, and what it means for the others
 *   feed.c      a frame that goes to another position
 *   belief.c    a hypothesis becomes the believed position
 *   jump.c      it is ahead in the same SA
 *   reused.c    it takes numbers back from an old SA of the same association
 *   settle.c    such a change is made final
 *   refused.c   what a receiver at a hypothesis ahead would have refused
 *   undo.c      such a change is undone
 *   reach.c     the believed position reaches a hypothesis ahead of it
 *   channel.c   the set of positions, and the frames of forgotten hypotheses
 *   strays.c, strays_grow.c
 *               hypotheses of one number, while there is no other position
 *   fits.c      whether a frame belongs to a position
 *   earlier.c   positions that were believed before
 *   front.c     the highest number but for one or two, which may be forged
 *   distance.c  how far behind the highest number frames came
 *   sa.c        the SAs that positions belong to
 *
 * A flow whose frames all fit one position has neither channel nor stance, as most flows; nor has
 * one whose strays were forgotten.
 */
#ifndef GAPWATCH_TRACK_SEQUENCE_CHANNEL_H
#define GAPWATCH_TRACK_SEQUENCE_CHANNEL_H

#include "base/units.h"
#include "track/sequence/strays.h"

#define COPIES_MAX     2  /* hypotheses of copies of one association: of numbers that came before */
#define EARLIER_MAX    3  /* positions believed before that are kept, because they may go on */
#define CONFIRM        3  /* distinct numbers in a row after which a hypothesis is believed */
#define CONFIRM_RISING 5  /* the same where they are in no common window */
#define CONFIRM_COPIES 64 /* the same for a hypothesis of copies, or of a sender that restarted */
#define SETTLE_NUMBERS 64 /* new numbers after which a change is final */
#define SETTLE_NS      (10 * NS_PER_SECOND) /* time after which it is final, too */
#define CLOSE_NUMBERS  1024 /* new numbers after which earlier positions are closed */
/* A hypothesis is forgotten after this many new numbers of the believed position, or after as many
 * as it has itself if that is more. */
#define STALE     64
#define STALE_FEW 16 /* the same for a hypothesis of one or two numbers */
/* Numbers ahead that did not come again are genuine where fewer than one of so many forged ones
 * would be among the missing numbers. */
#define HARDLY_LOSSY  1024
#define RAN_AHEAD_MAX 4 /* at most so many hypotheses that did not come again are counted */
#define FEW           8 /* a hypothesis of fewer numbers was forged if one of them comes again */
#define JUMP_MAX      65536 /* maximum step of a rising hypothesis, and maximum first PN of a new SA */
/* A hypothesis of few numbers rises by at most this many times the distance that it has covered. */
#define STEP_GROWTH  16
#define SIDE_BY_SIDE 64 /* new numbers at each of two positions that show two senders */
#define AMONG_MIN    64 /* numbers among those of the position before that show a mirror's copies */
#define OVERDUE_NS   (6 * NS_PER_SECOND) /* MKA Life Time, IEEE 802.1X-2020 9.4: after it ... */
#define OVERDUE      3 /* ... so many new numbers of an old SA show that a rollover failed */
/* Undone changes that are believed again; this many show two senders, too. */
#define RETURNS_MAX 8

/* Why a position is believed. */
enum change {
    CHANGE_NONE, /* the first position of the flow */
    CHANGE_JUMP,
    CHANGE_RESTART,
    CHANGE_REKEY,
};

/* The state of a position in its channel. Neither this nor a channel has padding, as they are
 * compared as a whole (channel_close_unused()). */
struct stance {
    /* What the frames of a channel read or change comes first, so that it takes few cache lines. */
    uint64_t founder;       /* the number that founded it */
    uint64_t withheld_from; /* the believed position's missing numbers from here on are undecided */
    uint64_t given_up;      /* up to here, missing numbers were reported as lost, and come late */
    uint64_t refused_to;    /* the highest number that it would have refused; 0: none */
    /* All numbers from here to refused_to; 0: those in `refused` of its memory. An orderly stream
     * takes no memory so. */
    uint64_t refused_from;
    uint64_t copies_end; /* of copies: the highest number of the position where they came before */
    uint32_t next;       /* next of the other positions in the channel, or POOL_NONE */
    uint32_t before;     /* the position that it took over from, or POOL_NONE */
    uint32_t receiver;   /* struct receiver of the SA; POOL_NONE: the position has seen the same */
    uint32_t row;    /* new numbers in a row, with no new one at the believed position in between */
    uint32_t idle;   /* new numbers of the believed position since the last frame here */
    uint32_t beside; /* numbers received as a hypothesis */
    uint32_t main_since; /* new numbers of the believed position since it was founded */
    uint16_t to_settle;  /* new numbers until its change is final; 0: it is */
    uint16_t to_close;   /* new numbers until earlier positions are closed; 0: they are */
    uint8_t overdue;     /* new numbers of an old SA long after it was left by a rekey */
    uint8_t change;      /* enum change: why it was believed */
    uint8_t left_by;     /* enum change: why the next one was believed */
    uint8_t is_earlier;
    uint8_t is_closed;      /* an earlier position that is over: it can no longer undo a change */
    uint8_t believed_as;    /* enum change: why a hypothesis was believed before, if it was */
    uint8_t of_copies;      /* its numbers came before */
    uint8_t is_ahead;       /* founded ahead of the believed position, in the same SA */
    uint8_t is_near;        /* it may be a faster path: see channel_is_near() */
    uint8_t is_followed;    /* of an earlier one: its receiver goes on, with record `reorder` */
    uint8_t has_past;       /* it took the record of distances of the position before */
    uint8_t is_sender_jump; /* the numbers between it and the position before were never sent */
    uint8_t rose_after; /* how many numbers it had when the next was beyond its window; 0: never */
    uint8_t since_rise; /* new numbers since it last rose, at most CONFIRM */
    uint8_t strays;     /* numbers that it had, and that turned out not to belong here */
    uint8_t has_late : 2; /* of copies: an older SA had missed some of its numbers */
    /* Of copies: those that came above all numbers before, at most CONFIRM; in all and in the row.
     */
    uint8_t risen : 3;
    uint8_t risen_in_row : 3;

    /* From here on few frames do. */
    uint64_t known_from; /* from this number on it is known which numbers came */
    uint64_t sa_start;   /* where its SA starts, if the position before is gone; else 0 */
    uint64_t first_ns;   /* arrival of the founder */
    uint64_t quiet_ns;   /* arrival of the believed position's last number before the founder */
    uint64_t lowest_ns;  /* arrival of the lowest number so far */
    uint64_t believed_ns;
    uint64_t as_late; /* frames that count as late if it is forgotten */
    /* Frames that count as duplicates, or as outliers, if it is forgotten. */
    uint64_t as_duplicates;
    uint64_t as_outliers;
    uint64_t waiting[CONFIRM - 1]; /* of earlier positions: undecided numbers in a row */
    uint64_t waiting_ns[CONFIRM - 1];
    uint64_t founded_at; /* number of frames of the channel when it was founded */
    uint64_t gap_index;  /* number of logged gaps when it was founded */
    uint64_t rival; /* of copies: the highest number of the SA's receiver when it was founded */
    struct flow *flow;
    uint32_t self;     /* the handle of its position */
    uint32_t reorder;  /* of copies: the SA's record of distances when it was founded; of an earlier
                          one: the record for the case that it goes on (is_followed) */
    uint32_t far_late; /* frames that count as late and far behind if it is forgotten */
    uint32_t older;    /* stances of hypotheses of all flows, in the order of use */
    uint32_t newer;
    uint32_t among;    /* its numbers that came among new ones of the position before it */
    uint32_t own;      /* of copies: those of its numbers that the position before surely misses */
    uint32_t upper;    /* the upper half of its SA's first number, as MKA told it (upper.h) */
    uint32_t noted;    /* of a closed one: numbers in `refused` of its memory (reused.c) */
    uint32_t noted_at; /* new numbers of the believed position when the last of them came */
    uint32_t in_order; /* of copies: numbers that came above all but STRAYS of those before */
    uint32_t rise;     /* if it rose after one number: how far the next was ahead of that */
};

struct channel {
    struct strays_limits limits; /* all 0 where strays have become positions */
    uint64_t frames;             /* since the flow has a channel */
    uint64_t mixed_ns;           /* time of the frame that showed two senders on one SA, if any */
    uint32_t former_distances;   /* of positions that are gone: their record, or POOL_NONE */
    uint32_t others; /* the first of the other positions, in the order in which they were added */
    uint32_t next_generation;
    uint32_t ended; /* SAs that ended and were not reported yet (sa.c) */
    uint8_t hypotheses;
    uint8_t copies;
    uint8_t earlier;
    uint8_t has_row;  /* an earlier position got numbers since the believed one last did */
    uint8_t returns;  /* undone changes that were believed again */
    uint8_t is_open;  /* a change may be provisional */
    uint8_t followed; /* earlier positions with is_followed */
    uint8_t reserved[1];
    struct sequence_figures former; /* of positions that are gone, and of forgotten frames */
    struct strays strays;           /* until they become positions, `others` is empty */
};

/* The stance with HANDLE. */
static inline struct stance *stance_at(const struct sequencer *sequencer, uint32_t handle)
{
    return pool_at(&sequencer->stances, handle);
}

/* The channel with HANDLE. */
static inline struct channel *channel_at(const struct sequencer *sequencer, uint32_t handle)
{
    return pool_at(&sequencer->channels, handle);
}

/* The stance of POSITION, which has one. */
static inline struct stance *stance_of(const struct sequencer *sequencer, uint32_t position)
{
    return stance_at(sequencer, position_at(sequencer, position)->stance);
}

/* The channel of the flow of ARRIVAL, which has one. */
static inline struct channel *channel_of(const struct arrival *arrival)
{
    return channel_at(arrival->sequencer, arrival->flow->channel);
}

/* The believed position of the flow of ARRIVAL. */
static inline struct position *believed(const struct arrival *arrival)
{
    return position_at(arrival->sequencer, arrival->flow->position);
}

/* Iterates over the other positions of CHANNEL; HANDLE is a position. The body may remove
 * HANDLE. */
#define FOR_OTHERS(sequencer, channel, handle, following)                                          \
    for (uint32_t handle = (channel)->others, following;                                           \
         handle != POOL_NONE && (following = stance_of(sequencer, handle)->next, 1);               \
         handle = following)

/* --- channel.c --- */

/* Gives the flow of ARRIVAL a channel, its believed position a stance, and its strays positions.
 * Returns 0, or -1: no memory. */
int channel_open(const struct arrival *arrival);

/* Frees the channel of ARRIVAL's flow, and the stance of its believed position, if they would be
 * the same when they were opened now: strays were forgotten, and left nothing behind. */
void channel_close_unused(const struct arrival *arrival);

/* Whether position HANDLE may hold copies only: all of its numbers came before at another position,
 * and it does not begin near the first number of an SA. */
int channel_has_only_copies(const struct sequencer *sequencer, uint32_t handle);

/* Whether POSITION remembers that NUMBER did not come. */
int channel_misses(const struct sequencer *sequencer, const struct position *position,
                   uint64_t number);

/* Whether position HANDLE may be a mirror's copies of the position before. A mirror repeats nothing
 * that this one missed. */
int channel_may_be_mirror(const struct sequencer *sequencer, uint32_t handle);

/* Founds a hypothesis with NUMBER of ASSOCIATION. Returns its handle, or POOL_NONE without memory;
 * the frame is an outlier then. */
uint32_t channel_found(const struct arrival *arrival, unsigned association, uint64_t number,
                       int of_copies);
/* The same where there is room for it, and channel_class() of its frame is known. */
uint32_t channel_begin(const struct arrival *arrival, unsigned association, uint64_t number,
                       int of_copies);

/* Founds a hypothesis of copies with NUMBER, which came before at position KNOWING, believed now or
 * before. */
void channel_found_copies(const struct arrival *arrival, uint32_t knowing, uint64_t number);

/* Whether NUMBER, which came before at the believed position, may be that of a sender that begins
 * anew: it is one of the first of an SA, and many came since. */
static inline int channel_begins_anew(const struct arrival *arrival, uint64_t number)
{
    const struct position *main = believed(arrival);

    return position_on_wire(main, number) <= SETTLE_NUMBERS &&
           number + CONFIRM_COPIES <= main->highest &&
           number + CONFIRM_COPIES <= position_front(arrival->sequencer, main);
}

/* Adds position HANDLE behind the other positions, or removes it from them. */
void channel_add(const struct arrival *arrival, uint32_t handle);
void channel_remove(const struct arrival *arrival, uint32_t handle);

/* Forgets hypothesis HANDLE. Its frames count as late, duplicate or outlier. */
void channel_forget(const struct arrival *arrival, uint32_t handle);

/* Counts the frames of hypothesis HANDLE as late, duplicate or outlier. */
void channel_count_forgotten(const struct arrival *arrival, uint32_t handle);

/* Returns after how many new numbers of the believed position hypothesis HANDLE is forgotten. */
uint32_t channel_patience(const struct arrival *arrival, uint32_t handle);

/* Whether the numbers of HANDLE, a hypothesis of copies, may be late ones of an older SA, but for
 * one or two copies of forged frames. Until more are copies, late ones do not speak for it. */
int channel_is_late(const struct sequencer *sequencer, uint32_t handle);

/* The count of numbers that speak for hypothesis HANDLE. */
uint32_t channel_strength(const struct sequencer *sequencer, uint32_t handle);

/* Whether hypothesis HANDLE may be a faster path: it is ahead, in the memory, and got a number in
 * the last 10 s. When the believed position reaches it, its numbers turn out to be genuine, or
 * forged. */
int channel_awaits_reaching(const struct arrival *arrival, uint32_t handle);

/* Makes NUMBER, which came at TIME_NS, the only one of hypothesis HANDLE. */
void channel_begin_with(const struct arrival *arrival, uint32_t handle, uint64_t number,
                        uint64_t time_ns);

/* Whether at most two new numbers of the believed position came since hypothesis HANDLE was
 * founded. */
int channel_came_alone(const struct sequencer *sequencer, uint32_t handle);

/* How many numbers of hypothesis HANDLE came in a row. Of copies, one or two new numbers of the
 * believed position don't interrupt it. */
uint32_t channel_row(const struct sequencer *sequencer, uint32_t handle);

/* Makes hypothesis HANDLE the newest in the order of use. */
void channel_touch(const struct arrival *arrival, uint32_t handle);

/* Notes how the frame with NUMBER at hypothesis HANDLE is to be counted if the hypothesis is
 * forgotten. */
void channel_class(const struct arrival *arrival, uint32_t handle, uint64_t number);

/* The newest position with ASSOCIATION, believed now or before, or NULL: none is kept. */
struct position *channel_newest(const struct arrival *arrival, unsigned association);

/* The number from which on POSITION knows which numbers came. A restarted sender may use numbers
 * below it that this position lost. */
uint64_t channel_known_from(const struct sequencer *sequencer, const struct position *position);

/* Whether POSITION knows if NUMBER came. What comes from before the first number of a flow is late,
 * unless a sender that restarts begins there, or POSITION is over. */
int channel_knows_about(const struct sequencer *sequencer, const struct position *position,
                        uint64_t number);

/* The believed or earlier position that remembers NUMBER of ASSOCIATION, or POOL_NONE.
 * Sets EXTENDED to the number there. */
uint32_t channel_recall(const struct arrival *arrival, unsigned association, uint64_t number,
                        uint64_t *extended);

/* Makes room for one more hypothesis of ASSOCIATION, in the channel of ARRIVAL and among those of
 * all flows. OF_COPIES: it will be a hypothesis of copies. */
void channel_make_room(const struct arrival *arrival, unsigned association, int of_copies);
/* The same among those of all flows alone. */
void channel_make_room_in_all(const struct arrival *arrival);

/* Whether HANDLE is a hypothesis ahead of the believed position in its SA. */
int channel_runs_ahead(const struct arrival *arrival, uint32_t handle);

/* Whether position HANDLE remembers that NUMBER arrived, or NUMBER waits there. */
int channel_knows(const struct arrival *arrival, uint32_t handle, uint64_t number);

/* Counts NUMBER at position HANDLE, which no longer accepts it, as late or duplicate. */
void channel_recall_at(const struct arrival *arrival, uint32_t handle, uint64_t number);

/* Whether NUMBER, which fits earlier position HANDLE, belongs to a newer one. A closed position has
 * no next number if the association is in use again, or if that is one with which an SA starts, and
 * would follow a wraparound. */
int channel_is_of_newer(const struct arrival *arrival, uint32_t handle, uint64_t number);

/* Whether a hypothesis founded by NUMBER of ASSOCIATION may be a faster path of MAIN's SA: it is
 * ahead by at most MEMORY_NUMBERS, or another SA is believed, so that this is not known. */
int channel_is_near(const struct position *main, unsigned association, uint64_t number);

/* Calls channel_mix() when hypothesis HANDLE and the believed position belong to two senders. */
void channel_note_mixed(const struct arrival *arrival, uint32_t handle);

/* Notes that two senders use one SA of ARRIVAL's flow: from now on the cause of its missing numbers
 * is undetermined. */
void channel_mix(const struct arrival *arrival);

/* Counts NUMBER as late at earlier position HANDLE. If it is above the highest there, another
 * position of the SA remembers it. */
void channel_mark_late(const struct arrival *arrival, uint32_t handle, uint64_t number);

/* Counts as late what waits at earlier position HANDLE, because its row ended. */
void channel_break_row(const struct arrival *arrival, uint32_t handle);

/* Drops the channel's oldest earlier positions beyond EARLIER_MAX. Their figures stay. */
void channel_fold(const struct arrival *arrival);

/* --- go_on.c, feed.c, place.c: 1 is a new number, 0 another one, -1: no memory --- */

/* Receives NUMBER, which fits the believed position MAIN. For a flow without a channel
 * this is all. */
int channel_take_alone(const struct arrival *arrival, struct position *main, uint64_t number);

/* Receives NUMBER, which fits the believed position of a flow with a channel. */
int channel_go_on(const struct arrival *arrival, uint64_t number);

/* The undisputed hypothesis of copies that HANDLE continues behind a loss, or POOL_NONE. */
uint32_t channel_first_copies(const struct arrival *arrival, uint32_t handle);

/* Receives NUMBER at the other position HANDLE. */
int channel_feed(const struct arrival *arrival, uint32_t handle, uint64_t number);

/* Receives NUMBER of ASSOCIATION, as on the wire, which does not fit the believed position. */
int channel_place(const struct arrival *arrival, unsigned association, uint64_t number);

/* Extends NUMBER of ASSOCIATION, which will found a hypothesis, to 64 bits. */
uint64_t channel_extend_anew(const struct arrival *arrival, unsigned association, uint64_t number);

/* --- sequence.c --- */

/* Receives NUMBER of ASSOCIATION, its lowest bits as on the wire, at the position of ARRIVAL's flow
 * that it fits. Returns 0, or -1: no memory. */
int sequence_receive_alone(struct arrival *arrival, unsigned association, uint64_t number);

/* Decides which positions of FLOW are believed, as at the end of a stream. Numbers that are missing
 * at the believed one may still come. */
void sequence_decide(struct sequencer *sequencer, struct flow *flow);

/* --- reused.c --- */

/* Notes that NUMBER came late to position HANDLE. It may be of a new SA with the association of
 * HANDLE, if that is closed. */
void reused_note(const struct arrival *arrival, uint32_t handle, uint64_t number);

/* Takes such numbers back for hypothesis HANDLE, which begins a new SA. */
void reused_take_back(const struct arrival *arrival, uint32_t handle);

/* --- belief.c, settle.c, undo.c, reach.c --- */

/* Called when the first position of ARRIVAL's flow is confirmed. An SA that came into use while the
 * sensor watched starts at 1 (RFC 4303 3.3.3). */
void believe_first(const struct arrival *arrival);

/* Makes the confirmed hypothesis HANDLE the believed position. */
void believe(const struct arrival *arrival, uint32_t handle);

/* Whether hypothesis HANDLE was believed before, and the believed position has only filled in
 * behind it since, a short while ago. */
int believe_was_right(const struct arrival *arrival, uint32_t handle);

/* Undoes all changes since the earlier position HANDLE, which is believed again. */
void believe_undo(const struct arrival *arrival, uint32_t handle);

/* Makes the change to position HANDLE final, if it was provisional. */
void believe_settle(const struct arrival *arrival, uint32_t handle);

/* Joins hypothesis HANDLE, which the believed position has reached, with the believed position. */
void believe_reached(const struct arrival *arrival, uint32_t handle);

/* Adds an event of KIND for position HANDLE at TIMESTAMP_NS, if events are kept. */
void believe_tell(const struct arrival *arrival, enum track_event_kind kind, uint32_t handle,
                  uint64_t timestamp_ns);

/* Declares numbers lost that are missing at the believed position of ARRIVAL's flow and can no
 * longer come. */
void believe_expire(const struct arrival *arrival);
/* The same at OLDEST, the first of the earlier positions, whose change is final. */
void believe_expire_oldest(const struct arrival *arrival, uint32_t oldest);

#endif
