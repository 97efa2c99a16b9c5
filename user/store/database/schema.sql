-- SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
--
-- Schema version 2 (PRAGMA user_version). Columns have the names of the JSON report and the API. Times are
-- RFC 3339 in UTC with nine decimals, which sort as text, and which SQLite's date and time functions read.
-- Counters only grow while a capture runs. Lines with @ are replaced by columns from the tables of figures
-- (user/figures/), or by another file. Rows that may be updated have in `changed` the number of the change
-- (store.change) that wrote them last, for programs that copy them elsewhere. The application id, "gapw", distinguishes these databases from others.

-- One row for each run of the program. It has the totals of the API's summary, which would otherwise have to
-- add up a million flows.
CREATE TABLE captures (
    id INTEGER PRIMARY KEY,
    @columns capture ,
    changed INTEGER NOT NULL DEFAULT 0
) STRICT;

-- One row for each outcome of classifying the frames of a capture.
CREATE TABLE capture_counters (
    capture_id  INTEGER NOT NULL REFERENCES captures (id) ON DELETE CASCADE,
    counter     TEXT NOT NULL,                       -- macsec, esp, tcp, udp, not_ip, ...
    packets     INTEGER NOT NULL CHECK (packets >= 0),
    flows       INTEGER NOT NULL DEFAULT 0,          -- rows in flows, for a protocol
    PRIMARY KEY (capture_id, counter)
) STRICT, WITHOUT ROWID;

-- One row for each flow of a capture.
CREATE TABLE flows (
    id INTEGER PRIMARY KEY,
    capture_id INTEGER NOT NULL REFERENCES captures (id) ON DELETE CASCADE,
    @columns flow ,
    earlier_sas INTEGER NOT NULL DEFAULT 0, -- SAs that it had before it was evicted and came back
    changed INTEGER NOT NULL DEFAULT 0,
    UNIQUE (capture_id, flow_id)
) STRICT;

-- One row for each gap.
CREATE TABLE sequence_gaps (
    id INTEGER PRIMARY KEY,
    capture_id INTEGER NOT NULL,
    @columns gap ,
    changed INTEGER NOT NULL DEFAULT 0,
    FOREIGN KEY (capture_id, flow_id) REFERENCES flows (capture_id, flow_id) ON DELETE CASCADE
) STRICT;

CREATE INDEX gaps_by_flow ON sequence_gaps (capture_id, flow_id, timestamp);

-- Sums over all flows of a capture in one interval: a flush, later a minute, then an hour (retention). A loss
-- belongs to the interval in which it happened, whenever it was found.
CREATE TABLE capture_intervals (
    id INTEGER PRIMARY KEY,
    capture_id INTEGER NOT NULL REFERENCES captures (id) ON DELETE CASCADE,
    @columns interval ,
    changed INTEGER DEFAULT 0, -- NULL: shorter intervals were joined to this one
    UNIQUE (capture_id, timestamp)
) STRICT;

-- Each flow's part of an interval. The key starts with the interval, so that a flush appends its rows in one
-- place; a key that starts with the flow would touch a page for each of them. There is no foreign key to the
-- flows, because deleting a flow would have to search the whole table; these rows are deleted first.
CREATE TABLE interval_flows (
    interval INTEGER NOT NULL REFERENCES capture_intervals (id) ON DELETE CASCADE,
    flow INTEGER NOT NULL, -- id of its row in flows
    @part interval ,
    changed INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (interval, flow)
) STRICT, WITHOUT ROWID;

@include since_2.sql

PRAGMA application_id = 1734439031;
PRAGMA user_version = 2;
