-- SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
--
-- Schema version 2 (PRAGMA user_version). The column names are those of the JSON report and of the
-- API. Times are RFC 3339 in UTC with nine decimals: they sort as text, and SQLite's date and time
-- functions read them. Counters only grow while a capture runs.
-- The application id, "gapw", tells these databases from those of other programs.

-- One row: what tells this database from all others.
CREATE TABLE store (
    uuid TEXT NOT NULL                               -- version 4, RFC 9562
) STRICT;

INSERT INTO store SELECT printf('%s-%s-4%s-%s%s-%s', substr(r, 1, 8), substr(r, 9, 4), substr(r, 13, 3),
    substr('89ab', 1 + (random() & 3), 1), substr(r, 16, 3), substr(r, 19, 12))
FROM (SELECT lower(hex(randomblob(16))) AS r);

-- One row a run of the program. The totals are what the API's summary needs, so that it never has
-- to add up a million flows.
CREATE TABLE captures (
    id                       INTEGER PRIMARY KEY,
    source                   TEXT NOT NULL,             -- interface, or the files joined with ", "
    method                   TEXT NOT NULL,             -- xdp, tc, af_packet, pcap, file
    link_type                TEXT NOT NULL DEFAULT '',
    version                  TEXT NOT NULL,             -- of gapwatch
    window                   INTEGER NOT NULL CHECK (window > 0),
    started                  TEXT NOT NULL,
    updated                  TEXT NOT NULL,             -- the last flush
    ended                    TEXT,                      -- NULL while it runs, or when it was killed
    packets                  INTEGER NOT NULL DEFAULT 0 CHECK (packets >= 0), -- frames seen
    bytes                    INTEGER NOT NULL DEFAULT 0 CHECK (bytes >= 0),
    drops                    INTEGER NOT NULL DEFAULT 0 CHECK (drops >= 0),   -- lost by the sensor
    flows_evicted            INTEGER NOT NULL DEFAULT 0, -- that left the full table, or idle
    flows_omitted            INTEGER NOT NULL DEFAULT 0, -- of these, too many to store at a time
    gaps_omitted             INTEGER NOT NULL DEFAULT 0, -- counted in flows, too many to store
    total_flows              INTEGER NOT NULL DEFAULT 0, -- rows in flows
    total_packets_received   INTEGER NOT NULL DEFAULT 0,
    total_bytes              INTEGER NOT NULL DEFAULT 0,
    total_gaps_detected      INTEGER NOT NULL DEFAULT 0,
    total_lost_packets       INTEGER NOT NULL DEFAULT 0, -- the sum of the next two
    lost_network             INTEGER NOT NULL DEFAULT 0,
    lost_undetermined        INTEGER NOT NULL DEFAULT 0,
    total_unobserved_packets INTEGER NOT NULL DEFAULT 0,
    max_gap_size             INTEGER,
    first_timestamp          TEXT,
    last_timestamp           TEXT,
    ring_bytes               INTEGER NOT NULL DEFAULT 0, -- size of the ring buffer, 0: none
    ring_used_bytes          INTEGER NOT NULL DEFAULT 0, -- at the last flush
    flushes                  INTEGER NOT NULL DEFAULT 0,
    flush_seconds            REAL NOT NULL DEFAULT 0,    -- all flushes together
    last_flush_seconds       REAL NOT NULL DEFAULT 0,
    events_omitted           INTEGER NOT NULL DEFAULT 0  -- too many to store
) STRICT;

-- What the frames of a capture turned out to be: one row an outcome of classifying.
CREATE TABLE capture_counters (
    capture_id  INTEGER NOT NULL REFERENCES captures (id) ON DELETE CASCADE,
    counter     TEXT NOT NULL,                       -- macsec, esp, tcp, udp, not_ip, ...
    packets     INTEGER NOT NULL CHECK (packets >= 0),
    flows       INTEGER NOT NULL DEFAULT 0,          -- rows in flows, for a protocol
    PRIMARY KEY (capture_id, counter)
) STRICT, WITHOUT ROWID;

-- One row a flow and capture.
CREATE TABLE flows (
    id                      INTEGER PRIMARY KEY,
    capture_id              INTEGER NOT NULL REFERENCES captures (id) ON DELETE CASCADE,
    flow_id                 TEXT NOT NULL,
    protocol                TEXT NOT NULL,
    implicit_sci            INTEGER NOT NULL DEFAULT 0 CHECK (implicit_sci IN (0, 1)),
    packets_received        INTEGER NOT NULL CHECK (packets_received >= 0),
    total_bytes             INTEGER NOT NULL CHECK (total_bytes >= 0),
    gaps_detected           INTEGER NOT NULL CHECK (gaps_detected >= 0),
    total_lost_packets      INTEGER NOT NULL CHECK (total_lost_packets >= 0),
    loss_ratio              REAL CHECK (loss_ratio BETWEEN 0 AND 1),
    unobserved_packets      INTEGER NOT NULL,
    duplicate_packets       INTEGER NOT NULL,
    reordered_packets       INTEGER NOT NULL,
    late_packets            INTEGER NOT NULL,
    outlier_packets         INTEGER NOT NULL,
    max_reorder_distance    INTEGER NOT NULL,
    wraparounds             INTEGER NOT NULL,
    restarts                INTEGER NOT NULL,
    rekeys                  INTEGER NOT NULL,
    first_sequence          INTEGER,                 -- NULL for TCP and UDP
    last_sequence           INTEGER,
    min_gap                 INTEGER,                 -- NULL: no gap
    max_gap                 INTEGER,
    first_timestamp         TEXT NOT NULL,
    last_timestamp          TEXT NOT NULL,
    duration_seconds        REAL NOT NULL,
    bandwidth_mbps          REAL,                    -- NULL: no time passed
    min_inter_arrival_ms    REAL,                    -- NULL: fewer than two packets
    max_inter_arrival_ms    REAL,
    avg_inter_arrival_ms    REAL,
    stddev_inter_arrival_ms REAL,
    lost_network            INTEGER CHECK (lost_network >= 0),      -- NULL, like what follows, in
    lost_undetermined       INTEGER CHECK (lost_undetermined >= 0), -- rows of schema version 1
    skipped_numbers         INTEGER,
    silent_since            TEXT,                    -- NULL: it still sends
    mixed_senders           INTEGER CHECK (mixed_senders IN (0, 1)),
    partial_view            TEXT CHECK (partial_view = 'possible'),
    loss_run_ratio          REAL,                    -- NULL: no gap
    earlier_sas             INTEGER NOT NULL DEFAULT 0, -- it had before it was forgotten and came back
    UNIQUE (capture_id, flow_id)
) STRICT;

-- The orders in which flows are asked for; the protocol is in them so that flows of the others are
-- passed over without being read. A flush that changes most flows drops and remakes the indexes, so
-- the program depends on no index of flows but by what this file says.
CREATE INDEX flows_by_network_loss
    ON flows (capture_id, lost_network DESC, total_lost_packets DESC, total_bytes DESC, protocol);
CREATE INDEX flows_by_loss ON flows (capture_id, total_lost_packets DESC, total_bytes DESC, protocol);
CREATE INDEX flows_by_bytes ON flows (capture_id, total_bytes, protocol);
CREATE INDEX flows_by_bandwidth ON flows (capture_id, bandwidth_mbps, protocol);
CREATE INDEX flows_by_protocol ON flows (capture_id, protocol);

-- Flows whose 32-bit number passed 0xC0000000, where a MACsec rekey is due: few rows, ever.
CREATE INDEX flows_near_exhaustion ON flows (capture_id, protocol) WHERE last_sequence >= 3221225472;

-- One row an SA: the numbers of one key. Numbers are extended to 64 bits, and start with the one on
-- the wire. Frames that belong to no SA are in the flow alone.
CREATE TABLE sas (
    id                   INTEGER PRIMARY KEY,
    capture_id           INTEGER NOT NULL,
    flow                 INTEGER NOT NULL REFERENCES flows (id) ON DELETE CASCADE,
    flow_id              TEXT NOT NULL,
    association          INTEGER NOT NULL,           -- the AN of MACsec, else 0
    generation           INTEGER NOT NULL,           -- SAs that the flow had before it
    first_sequence       INTEGER NOT NULL,
    last_sequence        INTEGER NOT NULL,
    first_timestamp      TEXT NOT NULL,
    last_timestamp       TEXT NOT NULL,
    ended                INTEGER NOT NULL CHECK (ended IN (0, 1)),
    packets_received     INTEGER NOT NULL,
    gaps_detected        INTEGER NOT NULL,
    total_lost_packets   INTEGER NOT NULL,
    lost_network         INTEGER NOT NULL CHECK (lost_network >= 0),
    lost_undetermined    INTEGER NOT NULL CHECK (lost_undetermined >= 0),
    loss_ratio           REAL CHECK (loss_ratio BETWEEN 0 AND 1),
    duplicate_packets    INTEGER NOT NULL,
    reordered_packets    INTEGER NOT NULL,
    late_packets         INTEGER NOT NULL,
    skipped_numbers      INTEGER NOT NULL,
    max_reorder_distance INTEGER NOT NULL,
    wraparounds          INTEGER NOT NULL,
    min_gap              INTEGER,                    -- NULL: no gap
    max_gap              INTEGER,
    UNIQUE (flow, generation)
) STRICT;

CREATE INDEX sas_by_capture ON sas (capture_id);
CREATE INDEX sas_ended ON sas (capture_id, last_timestamp) WHERE ended;

-- One row a gap.
CREATE TABLE sequence_gaps (
    id                INTEGER PRIMARY KEY,
    capture_id        INTEGER NOT NULL,
    flow_id           TEXT NOT NULL,
    expected_sequence INTEGER NOT NULL,
    received_sequence INTEGER NOT NULL,
    gap_size          INTEGER NOT NULL CHECK (gap_size > 0),
    timestamp         TEXT NOT NULL,
    duration_ms       REAL NOT NULL,
    cause             TEXT NOT NULL CHECK (cause IN ('network', 'undetermined')),
    sa_id             INTEGER,                       -- NULL, like the next two, in rows of version 1
    first_number      INTEGER,                       -- of those that are missing, extended
    last_number       INTEGER,
    withdrawn         INTEGER NOT NULL DEFAULT 0 CHECK (withdrawn IN (0, 1)), -- 1: it was none
    FOREIGN KEY (capture_id, flow_id) REFERENCES flows (capture_id, flow_id) ON DELETE CASCADE
) STRICT;

CREATE INDEX gaps_by_flow ON sequence_gaps (capture_id, flow_id, timestamp);
CREATE INDEX gaps_by_time ON sequence_gaps (capture_id, timestamp, cause);

-- What is no longer counted as lost: few rows, ever.
CREATE INDEX gaps_withdrawn ON sequence_gaps (capture_id, flow_id) WHERE withdrawn;

-- What happened at one moment, besides gaps.
CREATE TABLE events (
    id          INTEGER PRIMARY KEY,
    capture_id  INTEGER NOT NULL REFERENCES captures (id) ON DELETE CASCADE,
    timestamp   TEXT NOT NULL,
    kind        TEXT NOT NULL,                       -- rekey, restart, sender_jump, silent, ...
    flow_id     TEXT,                                -- NULL: of no flow
    association INTEGER,
    detail      TEXT NOT NULL DEFAULT '{}'           -- JSON
) STRICT;

CREATE INDEX events_by_time ON events (capture_id, timestamp);

-- What all flows of a capture together did in one stretch of time: a flush, and later a minute, then
-- an hour (retention). A loss is in the interval in which it happened, whenever it was found.
CREATE TABLE capture_intervals (
    id               INTEGER PRIMARY KEY,
    capture_id       INTEGER NOT NULL REFERENCES captures (id) ON DELETE CASCADE,
    timestamp        TEXT NOT NULL,                  -- its start
    duration_seconds REAL NOT NULL CHECK (duration_seconds > 0),
    packets          INTEGER NOT NULL CHECK (packets >= 0),
    bytes            INTEGER NOT NULL CHECK (bytes >= 0),
    lost             INTEGER NOT NULL CHECK (lost >= 0), -- by the network
    lost_undetermined INTEGER CHECK (lost_undetermined >= 0), -- NULL in rows of version 1, where it
    UNIQUE (capture_id, timestamp)                            -- is part of the lost ones
) STRICT;

-- The part that each flow had in it. By interval first: a flush appends its rows in one place, where
-- a key by flow would touch a page for each of them. There is no foreign key to the flows, because
-- deleting a flow would have to look for its rows everywhere; what removes flows removes these first.
CREATE TABLE interval_flows (
    interval INTEGER NOT NULL REFERENCES capture_intervals (id) ON DELETE CASCADE,
    flow     INTEGER NOT NULL,                       -- id of its row in flows
    packets  INTEGER NOT NULL CHECK (packets >= 0),
    bytes    INTEGER NOT NULL CHECK (bytes >= 0),
    lost     INTEGER NOT NULL CHECK (lost >= 0),
    lost_undetermined INTEGER CHECK (lost_undetermined >= 0),
    PRIMARY KEY (interval, flow)
) STRICT, WITHOUT ROWID;

-- The two together, to be asked by flow: the intervals of its capture, and in each its own row.
CREATE VIEW flow_intervals AS
SELECT flows.id AS flow, capture_intervals.timestamp, capture_intervals.duration_seconds,
       interval_flows.packets, interval_flows.bytes, interval_flows.lost,
       interval_flows.lost_undetermined
FROM flows
CROSS JOIN capture_intervals ON capture_intervals.capture_id = flows.capture_id
CROSS JOIN interval_flows
    ON interval_flows.interval = capture_intervals.id AND interval_flows.flow = flows.id;

PRAGMA application_id = 1734439031;
PRAGMA user_version = 2;
