-- SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
--
-- From schema version 1 to 2. Rows stay as they were: what was not counted then is NULL.

CREATE TABLE store (
    uuid TEXT NOT NULL                               -- version 4, RFC 9562
) STRICT;

INSERT INTO store SELECT printf('%s-%s-4%s-%s%s-%s', substr(r, 1, 8), substr(r, 9, 4), substr(r, 13, 3),
    substr('89ab', 1 + (random() & 3), 1), substr(r, 16, 3), substr(r, 19, 12))
FROM (SELECT lower(hex(randomblob(16))) AS r);

ALTER TABLE captures ADD COLUMN events_omitted INTEGER NOT NULL DEFAULT 0;

ALTER TABLE flows ADD COLUMN lost_network INTEGER CHECK (lost_network >= 0);
ALTER TABLE flows ADD COLUMN lost_undetermined INTEGER CHECK (lost_undetermined >= 0);
ALTER TABLE flows ADD COLUMN skipped_numbers INTEGER;
ALTER TABLE flows ADD COLUMN silent_since TEXT;
ALTER TABLE flows ADD COLUMN mixed_senders INTEGER CHECK (mixed_senders IN (0, 1));
ALTER TABLE flows ADD COLUMN partial_view TEXT CHECK (partial_view = 'possible');
ALTER TABLE flows ADD COLUMN loss_run_ratio REAL;
ALTER TABLE flows ADD COLUMN earlier_sas INTEGER NOT NULL DEFAULT 0;

CREATE INDEX flows_by_network_loss
    ON flows (capture_id, lost_network DESC, total_lost_packets DESC, total_bytes DESC, protocol);

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

ALTER TABLE sequence_gaps ADD COLUMN sa_id INTEGER;
ALTER TABLE sequence_gaps ADD COLUMN first_number INTEGER;
ALTER TABLE sequence_gaps ADD COLUMN last_number INTEGER;
ALTER TABLE sequence_gaps ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0
    CHECK (withdrawn IN (0, 1));

-- What is no longer counted as lost: few rows, ever.
CREATE INDEX gaps_withdrawn ON sequence_gaps (capture_id, flow_id) WHERE withdrawn;

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

ALTER TABLE capture_intervals ADD COLUMN lost_undetermined INTEGER CHECK (lost_undetermined >= 0);
ALTER TABLE interval_flows ADD COLUMN lost_undetermined INTEGER CHECK (lost_undetermined >= 0);

DROP VIEW flow_intervals;
CREATE VIEW flow_intervals AS
SELECT flows.id AS flow, capture_intervals.timestamp, capture_intervals.duration_seconds,
       interval_flows.packets, interval_flows.bytes, interval_flows.lost,
       interval_flows.lost_undetermined
FROM flows
CROSS JOIN capture_intervals ON capture_intervals.capture_id = flows.capture_id
CROSS JOIN interval_flows
    ON interval_flows.interval = capture_intervals.id AND interval_flows.flow = flows.id;

PRAGMA user_version = 2;
