-- SPDX-License-Identifier: Apache-2.0
-- Puts the points of the attached database `source` into the main one; merge.cpp runs the parts, each of which begins with
-- its name on a line. $points$, $layers$, $events$: the columns of these tables that number no rows, with "s." before the
-- word each with that; $points=s$: "column = s.column" of each.

-- part parts
-- What points share, and its rows there and here.
INSERT OR IGNORE INTO main.versions (name)
  SELECT name FROM source.versions WHERE id IN (SELECT version FROM source.points) ORDER BY id;
INSERT OR IGNORE INTO main.networks (identity, file, path) SELECT identity, file, path FROM source.networks ORDER BY id;
INSERT OR IGNORE INTO main.energy_tables (identity, name) SELECT identity, name FROM source.energy_tables ORDER BY id;
INSERT OR IGNORE INTO main.memories (identity, name, parameters)
  SELECT identity, name, parameters FROM source.memories ORDER BY id;
INSERT OR IGNORE INTO main.machines (identity, name, memory, clock_mhz, clock_node_nm, array_rows, array_cols, ub_kib, parameters)
  SELECT m.identity, m.name, h.id, m.clock_mhz, m.clock_node_nm, m.array_rows, m.array_cols, m.ub_kib, m.parameters
  FROM source.machines m LEFT JOIN source.memories t ON t.id = m.memory LEFT JOIN main.memories h ON h.identity = t.identity
  ORDER BY m.id;
INSERT OR IGNORE INTO main.names (text) SELECT text FROM source.names ORDER BY id;

CREATE TEMP TABLE version_of (there INTEGER PRIMARY KEY, here INTEGER NOT NULL);
INSERT INTO version_of SELECT t.id, h.id FROM source.versions t JOIN main.versions h ON h.name = t.name;
CREATE TEMP TABLE network_of (there INTEGER PRIMARY KEY, here INTEGER NOT NULL);
INSERT INTO network_of SELECT t.id, h.id FROM source.networks t JOIN main.networks h ON h.identity = t.identity;
CREATE TEMP TABLE table_of (there INTEGER PRIMARY KEY, here INTEGER NOT NULL);
INSERT INTO table_of SELECT t.id, h.id FROM source.energy_tables t JOIN main.energy_tables h ON h.identity = t.identity;
CREATE TEMP TABLE machine_of (there INTEGER PRIMARY KEY, here INTEGER NOT NULL);
INSERT INTO machine_of SELECT t.id, h.id FROM source.machines t JOIN main.machines h ON h.identity = t.identity;
CREATE TEMP TABLE name_of (there INTEGER PRIMARY KEY, here INTEGER NOT NULL);
INSERT INTO name_of SELECT t.id, h.id FROM source.names t JOIN main.names h ON h.text = t.text;

-- part pairs
-- Each point there with that of its configuration here, if there is one. `better`: it takes its place, as it finished or
-- has more detail; `finished`: both did, and must be equal.
CREATE TEMP TABLE pairs (
  there INTEGER PRIMARY KEY, here INTEGER, better INTEGER NOT NULL, finished INTEGER NOT NULL, taken INTEGER NOT NULL);
INSERT INTO pairs
  SELECT s.id, m.id,
    coalesce(s.status = 'finished' AND (m.status = 'failed' OR
      instr('totals layers all', s.detail) > instr('totals layers all', m.detail)), 0),
    coalesce(s.status = 'finished' AND m.status = 'finished', 0), 0
  FROM source.points s JOIN version_of v ON v.there = s.version
    LEFT JOIN main.points m ON m.configuration = s.configuration AND m.version = v.here;

-- part different
-- Points of both that are not equal in what both have.
SELECT p.there, p.here FROM pairs p JOIN source.points s ON s.id = p.there JOIN main.points m ON m.id = p.here
  WHERE p.finished AND (s.$points$) IS NOT (m.$points$)
UNION SELECT p.there, p.here FROM pairs p CROSS JOIN source.events s ON s.point = p.there JOIN main.events m ON m.point = p.here
  WHERE p.finished AND (s.$events$) IS NOT (m.$events$)
UNION SELECT p.there, p.here FROM pairs p JOIN source.layers s ON s.point = p.there JOIN name_of n ON n.there = s.name
  JOIN name_of o ON o.there = s.operator JOIN main.layers m ON m.point = p.here AND m.number = s.number
  WHERE p.finished AND (n.here, o.here, s.$layers$) IS NOT (m.name, m.operator, m.$layers$)
UNION SELECT p.there, p.here FROM pairs p JOIN source.layer_events s ON s.point = p.there
  JOIN main.layer_events m ON m.point = p.here AND m.number = s.number
  WHERE p.finished AND (s.$events$) IS NOT (m.$events$)
ORDER BY 1;

-- part points
-- A point keeps its number here, and so its place in groups.
UPDATE main.points AS m SET status = s.status, detail = s.detail, reason = s.reason, $points=s$
  FROM source.points s JOIN pairs p ON p.there = s.id WHERE p.better AND m.id = p.here;
DELETE FROM main.events WHERE point IN (SELECT here FROM pairs WHERE better);
DELETE FROM main.layers WHERE point IN (SELECT here FROM pairs WHERE better);
DELETE FROM main.layer_events WHERE point IN (SELECT here FROM pairs WHERE better);
DELETE FROM main.checks WHERE point IN (SELECT here FROM pairs WHERE better);
DELETE FROM main.failed_limits WHERE point IN (SELECT here FROM pairs WHERE better);
UPDATE pairs SET taken = 1 WHERE better OR here IS NULL;
INSERT INTO main.points (configuration, version, network, machine, energy_table, status, detail, reason, $points$)
  SELECT s.configuration, v.here, n.here, c.here, e.here, s.status, s.detail, s.reason, s.$points$
  FROM pairs p JOIN source.points s ON s.id = p.there JOIN version_of v ON v.there = s.version
    JOIN network_of n ON n.there = s.network JOIN machine_of c ON c.there = s.machine
    JOIN table_of e ON e.there = s.energy_table
  WHERE p.here IS NULL ORDER BY s.id;
UPDATE pairs SET here = m.id
  FROM source.points s JOIN version_of v ON v.there = s.version
    JOIN main.points m ON m.configuration = s.configuration AND m.version = v.here
  WHERE pairs.here IS NULL AND s.id = pairs.there;

-- part rest
INSERT INTO main.events (point, $events$)
  SELECT p.here, s.$events$ FROM pairs p JOIN source.events s ON s.point = p.there WHERE p.taken;
INSERT INTO main.layers (point, number, name, operator, $layers$)
  SELECT p.here, s.number, n.here, o.here, s.$layers$ FROM pairs p CROSS JOIN source.layers s ON s.point = p.there
    JOIN name_of n ON n.there = s.name JOIN name_of o ON o.there = s.operator
  WHERE p.taken;
INSERT INTO main.layer_events (point, number, $events$)
  SELECT p.here, s.number, s.$events$ FROM pairs p CROSS JOIN source.layer_events s ON s.point = p.there
  WHERE p.taken;
INSERT INTO main.failed_limits (point, text, over)
  SELECT p.here, s.text, s.over FROM pairs p JOIN source.failed_limits s ON s.point = p.there WHERE p.taken;
-- A check is also that of an equal point of the same detail.
INSERT OR IGNORE INTO main.checks (point, engine, equal, cycles, difference, seconds)
  SELECT p.here, s.engine, s.equal, s.cycles, s.difference, s.seconds FROM pairs p
    JOIN source.checks s ON s.point = p.there JOIN source.points t ON t.id = p.there JOIN main.points m ON m.id = p.here
  WHERE t.detail = m.detail;

CREATE TEMP TABLE claimant_of (there INTEGER PRIMARY KEY, here INTEGER NOT NULL);
INSERT INTO claimant_of
  SELECT id, id + (SELECT coalesce(max(id), 0) FROM main.claimants) FROM source.claimants
  WHERE id IN (SELECT claimant FROM source.execution);
INSERT INTO main.claimants (id, host, boot, process, started, renewed, inserting)
  SELECT c.here, s.host, s.boot, s.process, s.started, s.renewed, s.inserting
  FROM claimant_of c JOIN source.claimants s ON s.id = c.there ORDER BY c.here;
INSERT OR REPLACE INTO main.execution (configuration, version, claimant, claimed, attempts, seconds, peak_kib)
  SELECT s.configuration, v.here, c.here, 0, e.attempts, e.seconds, e.peak_kib
  FROM pairs p JOIN source.points s ON s.id = p.there JOIN version_of v ON v.there = s.version
    JOIN source.execution e ON e.configuration = s.configuration AND e.version = s.version
    JOIN claimant_of c ON c.there = e.claimant
  WHERE p.taken;

-- A group that failed here gives way to one that finished.
DELETE FROM main.groups WHERE status = 'failed' AND EXISTS (
  SELECT 1 FROM source.groups s JOIN version_of v ON v.there = s.version
  WHERE s.identity = main.groups.identity AND v.here = main.groups.version AND s.status = 'finished');
INSERT OR IGNORE INTO main.groups (identity, version, baseline, status, reason, worst, latency_ms, energy_per_inference_uj,
    area_mm2, speedup, worst_speedup)
  SELECT s.identity, v.here, s.baseline, s.status, s.reason, s.worst, s.latency_ms, s.energy_per_inference_uj,
    s.area_mm2, s.speedup, s.worst_speedup
  FROM source.groups s JOIN version_of v ON v.there = s.version ORDER BY s.id;
INSERT OR IGNORE INTO main.group_members ("group", member, point, weight)
  SELECT g.id, m.member, p.here, m.weight
  FROM source.group_members m JOIN source.groups s ON s.id = m."group" JOIN version_of v ON v.there = s.version
    JOIN main.groups g ON g.identity = s.identity AND g.version = v.here JOIN pairs p ON p.there = m.point;

-- part end
DROP TABLE version_of;
DROP TABLE network_of;
DROP TABLE table_of;
DROP TABLE machine_of;
DROP TABLE name_of;
DROP TABLE claimant_of;
DROP TABLE pairs;
