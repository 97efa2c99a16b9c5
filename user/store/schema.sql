-- SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
--
-- Schema version 2 (PRAGMA user_version). The column names are those of the JSON report and of the
-- API. Times are RFC 3339 in UTC with nine decimals: they sort as text, and SQLite's date and time
-- functions read them. Counters only grow while a capture runs.
-- Lines with @ stand for the columns of the tables of figures (user/figures/), and for another file.
-- The application id, "gapw", tells these databases from those of other programs.

-- One row a run of the program. The totals are what the API's summary needs, so that it never has
-- to add up a million flows.
CREATE TABLE captures (
    id INTEGER PRIMARY KEY,
    @columns capture
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
    id INTEGER PRIMARY KEY,
    capture_id INTEGER NOT NULL REFERENCES captures (id) ON DELETE CASCADE,
    @columns flow ,
    earlier_sas INTEGER NOT NULL DEFAULT 0, -- SAs that it had before it was forgotten and came back
    UNIQUE (capture_id, flow_id)
) STRICT;

-- The orders in which flows are asked for; the protocol is in them so that flows of the others are
-- passed over without being read. A flush that changes most flows drops and remakes the indexes, so
-- the program depends on no index of flows but by what this file says.
CREATE INDEX flows_by_loss ON flows (capture_id, total_lost_packets DESC, total_bytes DESC, protocol);
CREATE INDEX flows_by_bytes ON flows (capture_id, total_bytes, protocol);
CREATE INDEX flows_by_bandwidth ON flows (capture_id, bandwidth_mbps, protocol);
CREATE INDEX flows_by_protocol ON flows (capture_id, protocol);

-- Flows whose 32-bit number passed 0xC0000000, where a MACsec rekey is due: few rows, ever.
CREATE INDEX flows_near_exhaustion ON flows (capture_id, protocol) WHERE last_sequence >= 3221225472;

-- One row a gap.
CREATE TABLE sequence_gaps (
    id INTEGER PRIMARY KEY,
    capture_id INTEGER NOT NULL,
    @columns gap ,
    FOREIGN KEY (capture_id, flow_id) REFERENCES flows (capture_id, flow_id) ON DELETE CASCADE
) STRICT;

CREATE INDEX gaps_by_flow ON sequence_gaps (capture_id, flow_id, timestamp);
CREATE INDEX gaps_by_time ON sequence_gaps (capture_id, timestamp, cause);

-- What all flows of a capture together did in one stretch of time: a flush, and later a minute, then
-- an hour (retention). A loss is in the interval in which it happened, whenever it was found.
CREATE TABLE capture_intervals (
    id INTEGER PRIMARY KEY,
    capture_id INTEGER NOT NULL REFERENCES captures (id) ON DELETE CASCADE,
    @columns interval ,
    UNIQUE (capture_id, timestamp)
) STRICT;

-- The part that each flow had in it. By interval first: a flush appends its rows in one place, where
-- a key by flow would touch a page for each of them. There is no foreign key to the flows, because
-- deleting a flow would have to look for its rows everywhere; what removes flows removes these first.
CREATE TABLE interval_flows (
    interval INTEGER NOT NULL REFERENCES capture_intervals (id) ON DELETE CASCADE,
    flow INTEGER NOT NULL, -- id of its row in flows
    @part interval ,
    PRIMARY KEY (interval, flow)
) STRICT, WITHOUT ROWID;

@include since_2.sql

PRAGMA application_id = 1734439031;
PRAGMA user_version = 2;
