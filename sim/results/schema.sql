-- SPDX-License-Identifier: Apache-2.0
-- Results of sweeps (docs/results.md). Who changes a table raises user_version here and kSchemaVersion in schema.h.
PRAGMA application_id = 1400468340;
PRAGMA user_version = 7;

CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO meta VALUES ('schema', 'systole.results'), ('schema_version', '7');

-- What a configuration is made of. `identity`: the first 32 hexadecimal digits of the SHA-256 of its content.
CREATE TABLE versions (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE networks (
  id INTEGER PRIMARY KEY,
  identity TEXT NOT NULL UNIQUE,
  file TEXT NOT NULL,
  path TEXT NOT NULL               -- where a sweep last found it
);
CREATE TABLE energy_tables (id INTEGER PRIMARY KEY, identity TEXT NOT NULL UNIQUE, name TEXT NOT NULL);
CREATE TABLE memories (id INTEGER PRIMARY KEY, identity TEXT NOT NULL UNIQUE, name TEXT NOT NULL, parameters TEXT NOT NULL);
CREATE TABLE machines (
  id INTEGER PRIMARY KEY,
  identity TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,              -- architecture and changes, as first asked for
  memory INTEGER REFERENCES memories,
  clock_mhz REAL,
  clock_node_nm INTEGER,           -- of a derived clock; 0: it was given
  array_rows INTEGER,
  array_cols INTEGER,
  ub_kib INTEGER,
  parameters TEXT NOT NULL         -- JSON of all, defaults and overrides included
);
CREATE TABLE names (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);  -- of layers and operators

CREATE TABLE points (
  id INTEGER PRIMARY KEY,
  configuration TEXT NOT NULL,     -- identity of all of it but the version
  version INTEGER NOT NULL REFERENCES versions,
  network INTEGER NOT NULL REFERENCES networks,
  machine INTEGER NOT NULL REFERENCES machines,
  energy_table INTEGER NOT NULL REFERENCES energy_tables,
  weights INTEGER NOT NULL,
  activations INTEGER NOT NULL,
  precision TEXT NOT NULL,         -- name and hash of a policy in place of these widths; empty: none
  prune TEXT NOT NULL,
  batch INTEGER NOT NULL,
  repeat INTEGER NOT NULL,         -- batches, one behind the other
  shape TEXT NOT NULL,             -- of the inputs, as --shape; empty: the network's own
  calib_method TEXT NOT NULL,
  host_fallback INTEGER NOT NULL,
  choices TEXT NOT NULL,           -- of the compiler, that are off: "compile.fuse=false", blanks between; empty: none
  data TEXT NOT NULL,              -- dataset.yaml that it classifies; empty: none
  calib TEXT NOT NULL,             -- dataset.yaml that its ranges are taken from there; empty: none
  evaluation TEXT NOT NULL,        -- identity of all that accuracy depends on; equal for points that share it
  detail TEXT NOT NULL CHECK (detail IN ('totals', 'layers', 'all')),
  status TEXT NOT NULL CHECK (status IN ('finished', 'failed')),
  reason TEXT,                     -- of a failure
  warnings TEXT,                   -- JSON list
  cycles INTEGER,
  latency_ms REAL,
  inferences_per_s REAL,
  first_latency_ms REAL,           -- of points with more than one repetition, as the next two
  steady_latency_ms REAL,
  steady_inferences_per_s REAL,
  tops REAL,
  effective_tops REAL,
  peak_tops REAL,
  mac_utilisation REAL,
  mxu_busy REAL,
  dram_bytes INTEGER,
  bytes_per_cycle REAL,
  peak_bytes_per_cycle REAL,
  lower_bound_cycles INTEGER,
  bound_by TEXT,
  largest_stall TEXT,              -- what the matrix unit did longest but work; "none"
  not_gained TEXT,                 -- what of the weights the hardware makes no use of; empty: nothing
  weight_bytes INTEGER,            -- of the weights as they are stored
  weight_formats TEXT,             -- how many layers are stored in which format: "dense:3 masked:6"
  narrowest TEXT,                  -- operands that are multiplied: "w4a8"
  layer_reference_cycles INTEGER,
  energy_per_inference_uj REAL,
  average_power_mw REAL,
  area_mm2 REAL,
  derived_clock_mhz REAL,          -- what is derived at the node of the table of energies, if it is known
  top1 REAL,                       -- percent of the images that are classified as their labels say
  top1_error REAL,                 -- its standard error, in points
  metric REAL,                     -- what `metric` or `metric_command` tells in place of top-1
  metric_error REAL,               -- its standard error; null: not known
  images INTEGER,
  -- Cycles of each unit by cause (docs/counters.md).
  fetch_busy_cycles INTEGER, fetch_memory_cycles INTEGER, fetch_queue_cycles INTEGER, fetch_idle_cycles INTEGER,
  lda_busy_cycles INTEGER, lda_setup_cycles INTEGER, lda_drain_cycles INTEGER, lda_sem_mxu_cycles INTEGER,
  lda_sem_vpu_cycles INTEGER, lda_sem_sto_cycles INTEGER, lda_bank_cycles INTEGER, lda_memory_cycles INTEGER,
  lda_fetch_cycles INTEGER, lda_idle_cycles INTEGER,
  ldw_busy_cycles INTEGER, ldw_setup_cycles INTEGER, ldw_drain_cycles INTEGER, ldw_sem_lda_cycles INTEGER,
  ldw_sem_mxu_cycles INTEGER,
  ldw_memory_cycles INTEGER, ldw_weights_cycles INTEGER, ldw_fetch_cycles INTEGER, ldw_idle_cycles INTEGER,
  mxu_busy_cycles INTEGER, mxu_setup_cycles INTEGER, mxu_drain_cycles INTEGER, mxu_sem_lda_cycles INTEGER,
  mxu_sem_ldw_cycles INTEGER, mxu_sem_vpu_cycles INTEGER, mxu_bank_cycles INTEGER, mxu_weights_cycles INTEGER,
  mxu_weight_load_cycles INTEGER, mxu_fetch_cycles INTEGER, mxu_idle_cycles INTEGER,
  vpu_busy_cycles INTEGER, vpu_setup_cycles INTEGER, vpu_drain_cycles INTEGER, vpu_sem_lda_cycles INTEGER,
  vpu_sem_mxu_cycles INTEGER, vpu_sem_sto_cycles INTEGER, vpu_bank_cycles INTEGER, vpu_fetch_cycles INTEGER,
  vpu_idle_cycles INTEGER,
  sto_busy_cycles INTEGER, sto_setup_cycles INTEGER, sto_drain_cycles INTEGER, sto_sem_vpu_cycles INTEGER,
  sto_bank_cycles INTEGER, sto_memory_cycles INTEGER, sto_fetch_cycles INTEGER, sto_idle_cycles INTEGER,
  other_cycles TEXT,               -- JSON of causes that have no column, "UNIT_CAUSE": cycles
  UNIQUE (configuration, version)
);

CREATE INDEX points_by_evaluation ON points (evaluation) WHERE evaluation <> '';

CREATE TABLE layers (
  point INTEGER NOT NULL REFERENCES points ON DELETE CASCADE,
  number INTEGER NOT NULL,         -- in the order in which they run, from 0
  name INTEGER NOT NULL REFERENCES names,
  operator INTEGER NOT NULL REFERENCES names,
  cycles INTEGER NOT NULL,
  useful_macs INTEGER NOT NULL,
  dense_macs INTEGER NOT NULL,
  mac_bits INTEGER NOT NULL,
  dram_weights INTEGER NOT NULL,   -- bytes
  dram_parameters INTEGER NOT NULL,
  dram_activations_read INTEGER NOT NULL,
  dram_activations_written INTEGER NOT NULL,
  dram_instructions INTEGER NOT NULL,
  bound_mxu INTEGER NOT NULL,      -- cycles
  bound_vpu INTEGER NOT NULL,
  bound_memory INTEGER NOT NULL,
  fetch_busy_cycles INTEGER, fetch_memory_cycles INTEGER, fetch_queue_cycles INTEGER, fetch_idle_cycles INTEGER,
  lda_busy_cycles INTEGER, lda_setup_cycles INTEGER, lda_drain_cycles INTEGER, lda_sem_mxu_cycles INTEGER,
  lda_sem_vpu_cycles INTEGER, lda_sem_sto_cycles INTEGER, lda_bank_cycles INTEGER, lda_memory_cycles INTEGER,
  lda_fetch_cycles INTEGER, lda_idle_cycles INTEGER,
  ldw_busy_cycles INTEGER, ldw_setup_cycles INTEGER, ldw_drain_cycles INTEGER, ldw_sem_lda_cycles INTEGER,
  ldw_sem_mxu_cycles INTEGER,
  ldw_memory_cycles INTEGER, ldw_weights_cycles INTEGER, ldw_fetch_cycles INTEGER, ldw_idle_cycles INTEGER,
  mxu_busy_cycles INTEGER, mxu_setup_cycles INTEGER, mxu_drain_cycles INTEGER, mxu_sem_lda_cycles INTEGER,
  mxu_sem_ldw_cycles INTEGER, mxu_sem_vpu_cycles INTEGER, mxu_bank_cycles INTEGER, mxu_weights_cycles INTEGER,
  mxu_weight_load_cycles INTEGER, mxu_fetch_cycles INTEGER, mxu_idle_cycles INTEGER,
  vpu_busy_cycles INTEGER, vpu_setup_cycles INTEGER, vpu_drain_cycles INTEGER, vpu_sem_lda_cycles INTEGER,
  vpu_sem_mxu_cycles INTEGER, vpu_sem_sto_cycles INTEGER, vpu_bank_cycles INTEGER, vpu_fetch_cycles INTEGER,
  vpu_idle_cycles INTEGER,
  sto_busy_cycles INTEGER, sto_setup_cycles INTEGER, sto_drain_cycles INTEGER, sto_sem_vpu_cycles INTEGER,
  sto_bank_cycles INTEGER, sto_memory_cycles INTEGER, sto_fetch_cycles INTEGER, sto_idle_cycles INTEGER,
  other_cycles TEXT,
  PRIMARY KEY (point, number)
) WITHOUT ROWID;

-- How often a point, and with detail 'all' each of its layers, did what costs energy (docs/energy.md). The row
-- activations of DRAM are the point's alone.
CREATE TABLE events (
  point INTEGER PRIMARY KEY REFERENCES points ON DELETE CASCADE,
  macs_8 INTEGER NOT NULL, macs_4 INTEGER NOT NULL, macs_2 INTEGER NOT NULL, macs_1 INTEGER NOT NULL,
  gated_macs INTEGER NOT NULL, array_register_bits INTEGER NOT NULL, selections INTEGER NOT NULL,
  expanded_activations INTEGER NOT NULL, ub_reads INTEGER NOT NULL, ub_writes INTEGER NOT NULL,
  wb_reads INTEGER NOT NULL, wb_writes INTEGER NOT NULL, expanded_weights INTEGER NOT NULL,
  codebook_weights INTEGER NOT NULL, masked_weights INTEGER NOT NULL, structured_weights INTEGER NOT NULL,
  acc_reads INTEGER NOT NULL, acc_writes INTEGER NOT NULL, pb_reads INTEGER NOT NULL, pb_writes INTEGER NOT NULL,
  table_lookups INTEGER NOT NULL, dma_buffer_bytes INTEGER NOT NULL, line_bytes INTEGER NOT NULL,
  vpu_int_adds INTEGER NOT NULL, vpu_fp_adds INTEGER NOT NULL, vpu_fp_multiplies INTEGER NOT NULL,
  instructions INTEGER NOT NULL, dram_read_bytes INTEGER NOT NULL, dram_write_bytes INTEGER NOT NULL,
  dram_activations INTEGER NOT NULL, register_cycles INTEGER NOT NULL, cycles INTEGER NOT NULL
);
CREATE TABLE layer_events (
  point INTEGER NOT NULL REFERENCES points ON DELETE CASCADE,
  number INTEGER NOT NULL,         -- of the layer
  macs_8 INTEGER NOT NULL, macs_4 INTEGER NOT NULL, macs_2 INTEGER NOT NULL, macs_1 INTEGER NOT NULL,
  gated_macs INTEGER NOT NULL, array_register_bits INTEGER NOT NULL, selections INTEGER NOT NULL,
  expanded_activations INTEGER NOT NULL, ub_reads INTEGER NOT NULL, ub_writes INTEGER NOT NULL,
  wb_reads INTEGER NOT NULL, wb_writes INTEGER NOT NULL, expanded_weights INTEGER NOT NULL,
  codebook_weights INTEGER NOT NULL, masked_weights INTEGER NOT NULL, structured_weights INTEGER NOT NULL,
  acc_reads INTEGER NOT NULL, acc_writes INTEGER NOT NULL, pb_reads INTEGER NOT NULL, pb_writes INTEGER NOT NULL,
  table_lookups INTEGER NOT NULL, dma_buffer_bytes INTEGER NOT NULL, line_bytes INTEGER NOT NULL,
  vpu_int_adds INTEGER NOT NULL, vpu_fp_adds INTEGER NOT NULL, vpu_fp_multiplies INTEGER NOT NULL,
  instructions INTEGER NOT NULL, dram_read_bytes INTEGER NOT NULL, dram_write_bytes INTEGER NOT NULL,
  dram_activations INTEGER NOT NULL, register_cycles INTEGER NOT NULL, cycles INTEGER NOT NULL,
  PRIMARY KEY (point, number)
) WITHOUT ROWID;

-- What points fail of the limits (`require`) of the last sweep that came upon them.
CREATE TABLE failed_limits (
  point INTEGER NOT NULL REFERENCES points ON DELETE CASCADE,
  text TEXT NOT NULL,              -- as the sweep has it
  over REAL,                       -- by which share of the limit: 0.25 for 10 where <= 8 is wanted
  PRIMARY KEY (point, text)
) WITHOUT ROWID;

-- Workloads: for each machine the points of all networks, and what they take together.
CREATE TABLE groups (
  id INTEGER PRIMARY KEY,
  identity TEXT NOT NULL,          -- of the members, their weights and the baseline
  version INTEGER NOT NULL REFERENCES versions,
  baseline INTEGER NOT NULL,       -- 1: what the others are compared with
  status TEXT NOT NULL CHECK (status IN ('finished', 'failed')),
  reason TEXT,
  worst TEXT,                      -- the network least faster than on the baseline, or the largest share of the sum
  latency_ms REAL,                 -- weighted sum
  energy_per_inference_uj REAL,    -- weighted sum
  area_mm2 REAL,
  speedup REAL,                    -- weighted geometric mean over the baseline
  worst_speedup REAL,
  UNIQUE (identity, version)
);
CREATE TABLE group_members (
  "group" INTEGER NOT NULL REFERENCES groups ON DELETE CASCADE,
  member INTEGER NOT NULL,         -- in the order of the workload, from 0
  point INTEGER NOT NULL REFERENCES points ON DELETE CASCADE,
  weight REAL NOT NULL,
  PRIMARY KEY ("group", member)
) WITHOUT ROWID;

-- Points that `systole verify` ran again. One that is put there anew has lost its check.
CREATE TABLE checks (
  point INTEGER PRIMARY KEY REFERENCES points ON DELETE CASCADE,
  engine TEXT NOT NULL CHECK (engine IN ('rtl', 'model')),
  equal INTEGER NOT NULL,          -- 1: figures, causes and layers that are stored, all to the cycle
  cycles INTEGER,                  -- of that run; NULL: it came to no end
  difference TEXT,                 -- JSON of what differs, or the reason of the end
  seconds REAL NOT NULL
);

-- Who ran what, and when: the only tables that two runs of one sweep fill differently.
CREATE TABLE claimants (
  id INTEGER PRIMARY KEY,
  host TEXT NOT NULL,
  boot TEXT NOT NULL,              -- of the kernel: a number a start of the machine
  process INTEGER NOT NULL,
  started INTEGER NOT NULL,        -- in ticks since the machine's start
  renewed REAL NOT NULL,           -- seconds since 1970: for those on other machines
  inserting REAL                   -- seconds spent with putting points in, of one that came to its end
);
CREATE TABLE execution (
  configuration TEXT NOT NULL,
  version INTEGER NOT NULL REFERENCES versions,
  claimant INTEGER NOT NULL REFERENCES claimants,  -- the last one
  claimed INTEGER NOT NULL,        -- 1: the claimant is at work
  attempts INTEGER NOT NULL,
  seconds REAL,                    -- of the last attempt that ended
  peak_kib INTEGER,                -- the most that a process of it had in memory
  PRIMARY KEY (configuration, version)
) WITHOUT ROWID;

-- A row a point with its names.
CREATE VIEW results AS
SELECT p.id AS point, n.file AS network, p.weights, p.activations, p.precision, p.prune, p.batch, p.repeat, m.name AS machine,
  d.name AS memory, p.status, p.reason, p.cycles, p.latency_ms, p.inferences_per_s,
  p.first_latency_ms, p.steady_latency_ms, p.steady_inferences_per_s, p.tops, p.effective_tops,
  p.peak_tops, p.mac_utilisation, p.mxu_busy, p.dram_bytes, p.bytes_per_cycle, p.peak_bytes_per_cycle,
  p.lower_bound_cycles, p.bound_by, p.largest_stall, p.not_gained, p.weight_bytes, p.weight_formats, p.narrowest,
  p.layer_reference_cycles, e.name AS energy_table, p.energy_per_inference_uj, p.average_power_mw, p.area_mm2,
  m.clock_mhz AS core_clock_mhz,
  CASE m.clock_node_nm WHEN 0 THEN 'given' ELSE 'derived at ' || m.clock_node_nm || ' nm' END AS clock,
  p.derived_clock_mhz, p.top1, p.top1_error, p.metric, p.metric_error, p.images, p.shape, p.calib_method, p.host_fallback,
  p.data, p.calib, p.evaluation, p.choices, p.warnings, v.name AS version, p.configuration,
  p.network AS network_id, p.machine AS machine_id,
  (SELECT CASE WHEN c.equal THEN c.engine ELSE 'differs' END FROM checks c WHERE c.point = p.id) AS checked
FROM points p JOIN networks n ON n.id = p.network JOIN machines m ON m.id = p.machine
  JOIN energy_tables e ON e.id = p.energy_table JOIN versions v ON v.id = p.version
  LEFT JOIN memories d ON d.id = m.memory;

-- The points of each network, batch, precision, pruning and set of choices that no other one beats in both latency and area,
-- of those that fail no limit.
CREATE VIEW pareto AS
SELECT network, batch, repeat, weights, activations, prune, choices, machine, latency_ms, area_mm2,
  energy_per_inference_uj, version, point
FROM results r
WHERE status = 'finished' AND r.point NOT IN (SELECT point FROM failed_limits) AND NOT EXISTS (
  SELECT 1 FROM points o JOIN versions v ON v.id = o.version
  WHERE o.network = r.network_id AND o.batch = r.batch AND o.repeat = r.repeat AND o.weights = r.weights
    AND o.activations = r.activations AND o.precision = r.precision AND o.prune = r.prune AND o.shape = r.shape AND o.calib_method = r.calib_method
    AND o.host_fallback = r.host_fallback AND o.choices = r.choices AND o.status = 'finished' AND v.name = r.version
    AND o.id NOT IN (SELECT point FROM failed_limits)
    AND o.latency_ms <= r.latency_ms AND o.area_mm2 <= r.area_mm2
    AND (o.latency_ms < r.latency_ms OR o.area_mm2 < r.area_mm2))
ORDER BY network, batch, weights, activations, prune, latency_ms;

-- A row a machine: what it took for all points that ran on it.
CREATE VIEW hardware AS
SELECT machine, min(area_mm2) AS area_mm2, min(peak_tops) AS peak_tops,
  sum(status = 'finished') AS finished, sum(status = 'failed') AS failed, count(DISTINCT network_id) AS networks,
  sum(latency_ms) AS latency_ms, sum(energy_per_inference_uj) AS energy_per_inference_uj,
  min(mac_utilisation) AS worst_utilisation, version
FROM results GROUP BY machine_id, version ORDER BY latency_ms;

-- A row a machine of a workload, the fastest first, with the limits that its members fail.
CREATE VIEW workloads AS
SELECT g.id AS "group", m.name AS machine, g.status, g.latency_ms, g.energy_per_inference_uj, g.area_mm2, g.speedup,
  g.worst, g.worst_speedup, g.baseline, g.reason,
  (SELECT group_concat(n.file || ': ' || f.text, '; ') FROM group_members x JOIN failed_limits f ON f.point = x.point
    JOIN points p ON p.id = x.point JOIN networks n ON n.id = p.network WHERE x."group" = g.id) AS failed_limits,
  v.name AS version
FROM groups g JOIN group_members a ON a."group" = g.id AND a.member = 0 JOIN points p ON p.id = a.point
  JOIN machines m ON m.id = p.machine JOIN versions v ON v.id = g.version
ORDER BY g.status DESC, g.latency_ms;

-- The fastest point of each network, batch and number of repetitions.
CREATE VIEW best_by_network AS
SELECT network, batch, repeat, weights, activations, prune, choices, machine, min(latency_ms) AS latency_ms,
  inferences_per_s, energy_per_inference_uj, area_mm2, version, point
FROM results WHERE status = 'finished' GROUP BY network_id, batch, repeat, version ORDER BY network, batch;

-- What `systole verify` found, what differs first.
CREATE VIEW verified AS
SELECT r.network, r.batch, r.machine, c.engine, c.equal, r.cycles, c.cycles AS cycles_again, c.difference, c.seconds,
  r.version, r.point
FROM checks c JOIN results r ON r.point = c.point ORDER BY c.equal, r.point;

-- Where the cycles of a point go, layer by layer.
CREATE VIEW layer_questions AS
SELECT l.point, r.network, r.batch, r.machine, l.number, a.text AS layer, b.text AS operator, l.cycles,
  1.0 * l.cycles / r.cycles AS share,
  max(l.bound_mxu, l.bound_vpu, l.bound_memory) AS bound,
  l.cycles - max(l.bound_mxu, l.bound_vpu, l.bound_memory) AS above_bound,
  CASE max(l.bound_mxu, l.bound_vpu, l.bound_memory)
    WHEN l.bound_mxu THEN 'mxu' WHEN l.bound_memory THEN 'memory' ELSE 'vpu' END AS bound_by,
  l.mxu_busy_cycles AS mxu_busy,
  l.mxu_sem_lda_cycles + l.mxu_sem_ldw_cycles + l.mxu_weights_cycles AS mxu_waits_for_loads,
  l.mxu_sem_vpu_cycles AS mxu_waits_for_vpu, l.mxu_weight_load_cycles AS mxu_loads_weights,
  l.lda_memory_cycles + l.ldw_memory_cycles + l.sto_memory_cycles AS dma_waits_for_memory,
  l.dram_weights + l.dram_parameters + l.dram_activations_read + l.dram_activations_written + l.dram_instructions
    AS dram_bytes
FROM layers l JOIN results r ON r.point = l.point JOIN names a ON a.id = l.name JOIN names b ON b.id = l.operator
ORDER BY l.point, l.number;
