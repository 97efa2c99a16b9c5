-- SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
--
-- Migrates schema version 1 to 2. Rows are unchanged; figures that were not counted then are NULL.

@added capture captures 2
@added flow flows 2
ALTER TABLE flows ADD COLUMN earlier_sas INTEGER NOT NULL DEFAULT 0;
@added gap sequence_gaps 2
@added interval capture_intervals 2
@added interval interval_flows 2
ALTER TABLE captures ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE flows ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sequence_gaps ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE capture_intervals ADD COLUMN changed INTEGER DEFAULT 0;
ALTER TABLE interval_flows ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;

DROP VIEW flow_intervals;
DROP INDEX flows_by_loss;
DROP INDEX flows_by_bytes;
DROP INDEX flows_by_bandwidth;
DROP INDEX flows_by_protocol;
DROP INDEX flows_near_exhaustion;
DROP INDEX gaps_by_time;
@include since_2.sql

PRAGMA user_version = 2;
