/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A session captures on one interface, or on several as if they were one: a source, workers that
 * read and track its frames, and a sink for the results.
 *
 *     session_open(&session, &options, &error);    // frames are buffered from now on
 *     privileges_drop(session_kept_privileges(&session), ...);
 *     session_start(&session, &error);             // the workers run
 *     while (!session_is_over(&session))
 *         ... session_progress(&session) ...
 *     session_end(&session);                       // the figures are final
 *     ... session_trackers(), session_statistics() ...
 *     session_settle(&session);                    // the sink has everything
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

/* Sizes of the rings between kernel and program when the user gives none: the largest ring, and all
 * rings together. */
#define RING_BYTES          ((size_t)32 << 20)
#define SESSIONS_RING_BYTES ((size_t)256 << 20)

struct session_options {
    const char *const *interfaces; /* one, or several that are captured as one */
    size_t interface_count;        /* 1 to TARGETS_MAX */
    enum method method;            /* METHOD_NONE: the best one that works */
    const char *filter;            /* pcap-filter expression, or NULL */
    uint32_t protocols;            /* tracked protocols, a set of PROTOCOL_BITs */
    uint32_t tunnels;              /* tunnels that are opened, a set of TUNNEL_BITs */
    struct esp_ports esp_ports;
    int keeps_sas;       /* ended SAs are kept for the report */
    uint64_t max_frames; /* the session ends after this many frames; 0: never */
    enum direction direction;
    enum timestamp_choice timestamp;
    const char *user;    /* the program becomes this user after opening; NULL: no change */
    unsigned workers;    /* 1 to WORKERS_MAX */
    size_t buffer_bytes; /* size of each ring; 0: an equal share of SESSIONS_RING_BYTES */
    size_t siblings;     /* number of sessions in this process, including this one */
    uint32_t window;
    uint64_t max_flows; /* of all workers together */
    uint64_t idle_ns;   /* a flow without frames for this time leaves the table */
    struct sink sink;   /* not open; it is copied */
    int is_quiet;       /* prints problems only */
};

enum session_stage {
    SESSION_CLOSED,
    SESSION_OPEN, /* frames are buffered, but not read yet */
    SESSION_RUNS,
    SESSION_ENDED,
};

struct session {
    struct session_options options; /* its strings must outlive the session */
    char *name;                     /* names of the interfaces, joined with commas */
    enum session_stage stage;
    enum exit_code code; /* EXIT_FAILED: there was a problem since it started */
    enum method method;
    const struct source_ops *source;
    void *state; /* of the source */
    struct sink sink;
    struct frame_limit limit;
    struct worker *workers; /* array of options.workers */
    uint64_t started_ns;    /* on the monotonic clock */
    uint64_t ended_ns;
    uint64_t end_utc_ns; /* end of the capture, by the frames' clock */
};

/* Figures of all workers so far. */
struct session_progress {
    uint64_t frames;
    uint64_t drops;
    uint64_t gaps;
    uint64_t flows;
};

/*
 * Opens the source of the given method and makes the workers, or those of the first method for
 * which both can be done. SESSION must not be moved afterwards. Remarks, for example that another
 * gapwatch watches the interface, are printed on standard error. Returns EXIT_DONE; else the exit
 * status of the program, with ERROR set and nothing open.
 */
enum exit_code session_open(struct session *session, const struct session_options *options,
                            struct error *error);

/* The privileges (enum privilege) that the open SESSION needs while it runs. */
unsigned session_kept_privileges(const struct session *session);

/* Opens the sink and starts the workers. Returns 0, or -1 with ERROR set; then SESSION
 * can only be closed. */
int session_start(struct session *session, struct error *error);

/* Whether no more frames will come to SESSION: a worker has ended on its own, or max_frames were
 * read. */
int session_is_over(const struct session *session);

/* The figures of SESSION so far. May be called while the workers run. */
struct session_progress session_progress(const struct session *session);

/* Whether each worker of the running SESSION has asked its source for frames since the last call,
 * even if there were none. */
int session_moved(struct session *session);

/* The oldest event of any interface that was not returned yet; sets INTERFACE to its name.
 * INTERFACE_SAME: none. */
enum interface_event session_event(struct session *session, const char **interface);

/* Ends the workers of SESSION, counts frames that are on their way, and finishes the trackers.
 * Prints problems on standard error. */
void session_end(struct session *session);

/* Called after session_end(): sets TRACKERS to those of the workers. Returns their number. */
size_t session_trackers(struct session *session, struct tracker *trackers[WORKERS_MAX]);

/* Called after session_end(): the statistics of all workers of SESSION together. */
struct source_statistics session_statistics(const struct session *session);

/* Called after session_end(): seconds that SESSION ran. */
double session_seconds(const struct session *session);

/* Called after session_end(): waits until the sink has kept everything. Prints problems on standard
 * error. Returns EXIT_DONE, or EXIT_FAILED when there was a problem since the start. */
enum exit_code session_settle(struct session *session);

/* Frees what SESSION holds. It may be closed already. */
void session_close(struct session *session);

#endif
