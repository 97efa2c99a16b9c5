-- SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
--
-- Tables and indexes that version 2 of the schema added: used for new and for migrated databases.

-- One row, which identifies this database.
CREATE TABLE store (
    uuid TEXT NOT NULL,                              -- version 4, RFC 9562
    change INTEGER NOT NULL DEFAULT 0                -- number of the last transaction that wrote results
) STRICT;

INSERT INTO store (uuid) SELECT printf('%s-%s-4%s-%s%s-%s', substr(r, 1, 8), substr(r, 9, 4), substr(r, 13, 3),
    substr('89ab', 1 + (random() & 3), 1), substr(r, 16, 3), substr(r, 19, 12))
FROM (SELECT lower(hex(randomblob(16))) AS r);

-- Captures that have not ended, or were killed.
CREATE INDEX captures_open ON captures (source, method) WHERE ended IS NULL;

-- Indexes for sorted lists of flows. They contain the id, because pages are continued after a row, and the
-- columns that lists are filtered by, so that other flows are skipped without being read. A flush that changes
-- most flows drops the indexes and creates them again from this file's SQL, so no code may rely on others.
CREATE INDEX flows_by_loss
    ON flows (capture_id, total_lost_packets, total_bytes, id, protocol, bandwidth_mbps);
CREATE INDEX flows_by_network_loss
    ON flows (capture_id, lost_network, total_bytes, id, protocol, bandwidth_mbps, total_lost_packets);
CREATE INDEX flows_by_bytes
    ON flows (capture_id, total_bytes, id, protocol, bandwidth_mbps, total_lost_packets);
CREATE INDEX flows_by_bandwidth
    ON flows (capture_id, bandwidth_mbps, id, protocol, total_bytes, total_lost_packets);
CREATE INDEX flows_by_ratio
    ON flows (capture_id, loss_ratio, id, protocol, total_bytes, bandwidth_mbps, total_lost_packets);
CREATE INDEX flows_by_time
    ON flows (capture_id, last_timestamp, id, protocol, total_bytes, bandwidth_mbps, total_lost_packets);
-- Flows with sequence numbers by their peers, with the figures that are added up for these.
CREATE INDEX flows_by_peers
    ON flows (capture_id, source, destination, packets_received, total_bytes, total_lost_packets, lost_network,
              lost_undetermined, first_timestamp, last_timestamp)
    WHERE protocol NOT IN ('tcp', 'udp');
CREATE INDEX flows_by_protocol ON flows (capture_id, protocol);

-- Flows whose 32-bit number passed 0xC0000000, where a MACsec rekey is due: there are never many.
CREATE INDEX flows_near_exhaustion ON flows (capture_id, protocol) WHERE last_sequence >= 3221225472;

-- Flows so fast that their numbers may run out within 30 days.
CREATE INDEX flows_by_exhaustion ON flows (capture_id, exhaustion_at) WHERE exhaustion_at IS NOT NULL;

-- Gaps by time. Where sensors lose little, those of undetermined cause are rare.
CREATE INDEX gaps_by_time ON sequence_gaps (capture_id, timestamp, id, cause, gap_size);
CREATE INDEX gaps_undetermined ON sequence_gaps (capture_id, timestamp) WHERE cause = 'undetermined';

-- The parts of intervals in which flows lost packets: few of all.
CREATE INDEX interval_flows_lost ON interval_flows (interval, lost, lost_undetermined)
    WHERE lost > 0 OR lost_undetermined > 0;

-- One row for each SA. Sequence numbers are extended to 64 bits, starting at the first on the wire, or with the
-- upper half that MKA tells. Frames that belong to no SA are counted in the flow only.
CREATE TABLE sas (
    id INTEGER PRIMARY KEY,
    capture_id INTEGER NOT NULL,
    flow INTEGER NOT NULL REFERENCES flows (id) ON DELETE CASCADE,
    @columns sa ,
    changed INTEGER NOT NULL DEFAULT 0,
    UNIQUE (flow, generation)
) STRICT;

CREATE INDEX sas_by_capture ON sas (capture_id);
CREATE INDEX sas_by_lineage ON sas (capture_id, lineage) WHERE lineage IS NOT NULL;
CREATE INDEX sas_ended ON sas (capture_id, last_timestamp) WHERE ended;

-- When some numbers of an SA arrived, in nanoseconds since 1970; `gapwatch compare` compares these times with those
-- of another sensor. Sensors choose the same numbers, by a hash (user/track/flows/sampler.h).
CREATE TABLE samples (
    sa           INTEGER NOT NULL REFERENCES sas (id) ON DELETE CASCADE,
    timestamp_ns INTEGER NOT NULL,
    number       INTEGER NOT NULL,                   -- extended to 64 bits
    changed      INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (sa, timestamp_ns, number)
) STRICT, WITHOUT ROWID;

-- Results of `gapwatch compare --db`, whose JSON report has the same names.
CREATE TABLE comparisons (
    id INTEGER PRIMARY KEY,
    @columns comparison
) STRICT;

CREATE TABLE compared_sas (
    id INTEGER PRIMARY KEY,
    @columns compared_sa ,
    FOREIGN KEY (comparison) REFERENCES comparisons (id) ON DELETE CASCADE
) STRICT;

CREATE INDEX compared_sas_by_loss ON compared_sas (comparison, lost_between);

-- The delays of compared SAs over time.
CREATE TABLE compared_delays (
    id INTEGER PRIMARY KEY,
    @columns compared_delay ,
    FOREIGN KEY (comparison) REFERENCES comparisons (id) ON DELETE CASCADE
) STRICT;

CREATE INDEX compared_delays_of_comparison ON compared_delays (comparison);
CREATE INDEX compared_delays_of_sa ON compared_delays (compared_sa);

-- Gaps that are no longer counted: there are never many.
CREATE INDEX gaps_withdrawn ON sequence_gaps (capture_id, flow_id) WHERE withdrawn;

-- Events other than gaps.
CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    capture_id INTEGER NOT NULL REFERENCES captures (id) ON DELETE CASCADE,
    @columns event ,
    changed INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX events_by_time ON events (capture_id, timestamp);

-- Finds what is new in tables that mostly grow.
CREATE INDEX gaps_by_change ON sequence_gaps (changed);
CREATE INDEX events_by_change ON events (changed);
CREATE INDEX samples_by_change ON samples (changed, sa, timestamp_ns, number);

-- Joins both tables for queries by flow: the intervals of its capture with its part of each.
CREATE VIEW flow_intervals AS
SELECT flows.id AS flow, capture_intervals.timestamp, capture_intervals.duration_seconds,
       @select interval interval_flows
FROM flows
CROSS JOIN capture_intervals ON capture_intervals.capture_id = flows.capture_id
CROSS JOIN interval_flows
    ON interval_flows.interval = capture_intervals.id AND interval_flows.flow = flows.id;
