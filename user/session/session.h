/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A session captures on one interface, or on several as if they were one: a source, workers that
 * read and track its frames, and a sink for what they find.
 *
 *     session_open(&session, &options, &error);    // frames count from now on
 *     privileges_drop(session_kept_privileges(&session), ...);
 *     session_start(&session, &error);             // the threads run
 *     while (!session_is_over(&session))
 *         ... session_progress(&session) ...
 *     session_end(&session);                       // the figures are final
 *     ... session_trackers(), session_statistics() ...
 *     session_settle(&session);                    // all is in the sink
 *     session_close(&session);
 */
#ifndef GAPWATCH_SESSION_SESSION_H
#define GAPWATCH_SESSION_SESSION_H

#include <sys/types.h>

#include "base/exit_code.h"
#include "interface/method.h"
#include "session/worker.h"
#include "sink/sink.h"
#include "source/source.h"

/* Rings between kernel and program where their size is not given: each at most, and all together.
 */
#define RING_BYTES          ((size_t)32 << 20)
#define SESSIONS_RING_BYTES ((size_t)256 << 20)

struct session_options {
    const char *const *interfaces; /* one, or several that are captured as one */
    size_t interface_count;        /* 1 to TARGETS_MAX */
    enum method method;            /* METHOD_NONE: the best one that works is taken */
    const char *filter;            /* pcap-filter expression, or NULL */
    uint32_t protocols;            /* that are tracked, a set of PROTOCOL_BITs */
    uint64_t max_frames;           /* the session ends after so many; 0: never */
    enum direction direction;
    enum timestamp_choice timestamp;
    const char *user;    /* who the program goes on as once all is open; NULL: the same */
    unsigned workers;    /* 1 to WORKERS_MAX */
    size_t buffer_bytes; /* of each ring; 0: their part of SESSIONS_RING_BYTES */
    size_t siblings;     /* sessions in this process, this one included */
    uint32_t window;
    uint64_t max_flows; /* of all workers together */
    uint64_t idle_ns;   /* a flow without frames for so long leaves */
    struct sink sink;   /* not open; it is copied */
    int is_quiet;       /* what is as expected is not said on standard error */
};

enum session_stage {
    SESSION_CLOSED,
    SESSION_OPEN, /* frames count, but nobody reads them */
    SESSION_RUNS,
    SESSION_ENDED,
};

struct session {
    struct session_options options; /* its strings must outlive the session */
    char *name;                     /* of the interfaces, with commas between */
    enum session_stage stage;
    enum exit_code code; /* EXIT_FAILED: something went wrong since it started */
    enum method method;
    const struct source_ops *source;
    void *state; /* of the source */
    struct sink sink;
    struct frame_limit limit;
    struct worker *workers; /* options.workers of them; NULL before they start */
    uint64_t started_ns;    /* on the monotonic clock */
    uint64_t ended_ns;
    uint64_t end_utc_ns; /* when it ended, on the clock of the frames */
};

/* What the workers have seen so far. */
struct session_progress {
    uint64_t frames;
    uint64_t drops;
    uint64_t gaps;
    uint64_t flows;
};

/*
 * Opens the source of the method that is asked for, or of the first that works. SESSION must stay
 * where it is. What others should know, as that another gapwatch watches the interface, is said on
 * standard error. Returns EXIT_DONE; or what the program ends with, ERROR being set and nothing
 * open.
 */
enum exit_code session_open(struct session *session, const struct session_options *options,
                            struct error *error);

/* The privileges (enum privilege) that SESSION, which is open, takes while it runs. */
unsigned session_kept_privileges(const struct session *session);

/* Opens the sink, makes the workers and starts them. Returns 0, or -1 with ERROR set: then SESSION
 * can only be closed. */
int session_start(struct session *session, struct error *error);

/* Whether a worker has ended on its own, or as many frames came as are wanted: nothing more will
 * come. */
int session_is_over(const struct session *session);

struct session_progress session_progress(const struct session *session);

/* What happened to the interfaces, of each the oldest event that was not told yet first: sets
 * INTERFACE to its name. INTERFACE_SAME: there is none. */
enum interface_event session_event(struct session *session, const char **interface);

/* Ends the workers, counts what is still on its way, and finishes the trackers. Says on standard
 * error what went wrong. */
void session_end(struct session *session);

/* Behind session_end(): sets TRACKERS to those of the workers. Returns how many there are. */
size_t session_trackers(struct session *session, struct tracker *trackers[WORKERS_MAX]);

/* Behind session_end(): what all workers together have seen. */
struct source_statistics session_statistics(const struct session *session);

/* Behind session_end(): seconds that SESSION ran. */
double session_seconds(const struct session *session);

/* Behind session_end(): waits until the sink has kept everything. Says on standard error what went
 * wrong. Returns EXIT_DONE, or EXIT_FAILED: something went wrong since the session started. */
enum exit_code session_settle(struct session *session);

/* Frees what SESSION holds. Takes one that is closed, too. */
void session_close(struct session *session);

#endif
