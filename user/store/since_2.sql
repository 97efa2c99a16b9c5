-- SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
--
-- What version 2 of the schema has besides what version 1 had: for a new database, and for one that
-- is taken there.

-- One row: what tells this database from all others.
CREATE TABLE store (
    uuid TEXT NOT NULL                               -- version 4, RFC 9562
) STRICT;

INSERT INTO store SELECT printf('%s-%s-4%s-%s%s-%s', substr(r, 1, 8), substr(r, 9, 4), substr(r, 13, 3),
    substr('89ab', 1 + (random() & 3), 1), substr(r, 16, 3), substr(r, 19, 12))
FROM (SELECT lower(hex(randomblob(16))) AS r);

-- Flows by what the network lost of them.
CREATE INDEX flows_by_network_loss
    ON flows (capture_id, lost_network DESC, total_lost_packets DESC, total_bytes DESC, protocol);

-- One row an SA: the numbers of one key. Numbers are extended to 64 bits, and start with the one on
-- the wire. Frames that belong to no SA are in the flow alone.
CREATE TABLE sas (
    id INTEGER PRIMARY KEY,
    capture_id INTEGER NOT NULL,
    flow INTEGER NOT NULL REFERENCES flows (id) ON DELETE CASCADE,
    @columns sa ,
    UNIQUE (flow, generation)
) STRICT;

CREATE INDEX sas_by_capture ON sas (capture_id);
CREATE INDEX sas_ended ON sas (capture_id, last_timestamp) WHERE ended;

-- What is no longer counted as lost: few rows, ever.
CREATE INDEX gaps_withdrawn ON sequence_gaps (capture_id, flow_id) WHERE withdrawn;

-- What happened at one moment, besides gaps.
CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    capture_id INTEGER NOT NULL REFERENCES captures (id) ON DELETE CASCADE,
    @columns event
) STRICT;

CREATE INDEX events_by_time ON events (capture_id, timestamp);

-- The two together, to be asked by flow: the intervals of its capture, and in each its own row.
CREATE VIEW flow_intervals AS
SELECT flows.id AS flow, capture_intervals.timestamp, capture_intervals.duration_seconds,
       @select interval interval_flows
FROM flows
CROSS JOIN capture_intervals ON capture_intervals.capture_id = flows.capture_id
CROSS JOIN interval_flows
    ON interval_flows.interval = capture_intervals.id AND interval_flows.flow = flows.id;
