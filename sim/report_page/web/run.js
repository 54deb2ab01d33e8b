// SPDX-License-Identifier: Apache-2.0
// The page of one run (docs/result.schema.json).

const units = ['mxu', 'vpu', 'lda', 'ldw', 'sto', 'fetch'];
const unitWords = {
  mxu: 'matrix unit (mxu)', vpu: 'vector unit (vpu)', lda: 'activation loads (lda)', ldw: 'weight loads (ldw)', sto: 'stores (sto)',
  fetch: 'fetch',
};
// Causes in the order of the bars, each with its colour: no unit has two of one.
const causeColours = {
  busy: (c) => c.series[2], weight_load: (c) => c.series[8], weights: (c) => c.series[3], memory: (c) => c.series[1],
  sem_lda: (c) => c.series[0], sem_ldw: (c) => c.series[9], sem_mxu: (c) => c.series[9], sem_vpu: (c) => c.series[4],
  sem_sto: (c) => c.series[5], bank: (c) => c.series[6], setup: (c) => c.series[7], drain: (c) => c.muted,
  queue: (c) => c.series[7], fetch: (c) => c.text, idle: (c) => c.line,
};
const byteClasses = ['weights', 'parameters', 'activations_read', 'activations_written', 'instructions'];
const words = (key) => key.replace(/_/g, ' ');

const nameColumn = (label = 'layer') => ({key: 'name', label, text: true, value: (row) => row.name});

// Rows {name, value, meaning?}: of two or three columns.
function factTable(caption, rows) {
  const columns = [nameColumn('figure'), {key: 'value', label: 'value', value: (row) => row.value, show: (value, row) => row.shown}];
  const table = makeTable({caption, columns, rows, filter: false, pageSize: 1000}).node;
  table.classList.add('facts');
  return table;
}

function layerColumns(result) {
  const peak = result.totals.peak_bytes_per_cycle;
  const clock = result.architecture.clock_mhz;
  return [
    nameColumn(),
    {key: 'operator', label: 'operator', text: true, value: (row) => row.operator},
    {key: 'cycles', label: 'cycles', value: (row) => row.cycles},
    {key: 'share', label: 'share', title: 'of the cycles of the run', value: (row) => row.cycles / result.totals.cycles,
      show: format.percent},
    {key: 'useful_macs', label: 'MACs', value: (row) => row.useful_macs},
    {key: 'mac_bits', label: 'width', unit: 'bits', value: (row) => row.mac_bits},
    {key: 'mac_utilisation', label: 'utilisation', title: 'products made of those that the cycles could make',
      value: (row) => row.mac_utilisation, show: format.percent},
    {key: 'dram_bytes', label: 'DRAM', title: 'bytes that the layer moves', value: (row) => row.dram_bytes.total, show: format.bytes},
    {key: 'bandwidth', label: 'bandwidth', unit: 'GB/s', title: 'absent where most of the bytes moved in cycles of other layers',
      value: (row) => row.bytes_per_cycle > peak ? null : row.bytes_per_cycle * clock / 1e3},
    {key: 'bound', label: 'bound by', text: true, value: (row) => row.lower_bound_cycles.largest},
    {key: 'cycles_per_bound', label: '/bound', title: 'cycles over the lower bound', value: (row) => row.cycles_per_bound, show: format.times},
    {key: 'largest_stall', label: 'largest stall', text: true, value: (row) => row.largest_stall},
  ];
}

function addTotals(result) {
  const totals = result.totals;
  const rows = [
    ['cycles', totals.cycles, format.cycles], ['latency, ms', totals.latency_ms, format.number],
    ['inferences per second', totals.inferences_per_s, format.number], ['batch', result.batch, format.number],
    ['repetitions', result.repeat, format.number], ['first latency, ms', totals.first_latency_ms, format.number],
    ['steady latency, ms', totals.steady_latency_ms, format.number], ['useful MACs', totals.useful_macs, format.cycles],
    ['TOPS', totals.tops, format.number], ['TOPS with the MACs before pruning', totals.effective_tops, format.number],
    ['peak TOPS', totals.peak_tops, format.number], ['MAC utilisation', totals.mac_utilisation, format.percent],
    ['matrix unit streams', totals.mxu_busy, format.percent], ['DRAM bytes', totals.dram_bytes.total, format.bytes],
    ['bytes per cycle', totals.bytes_per_cycle, format.number], ['peak bytes per cycle', totals.peak_bytes_per_cycle, format.number],
    ['lower bound, cycles', totals.lower_bound_cycles[totals.lower_bound_cycles.largest], format.cycles],
    ['layer-by-layer reference, cycles', totals.layer_reference_cycles, format.cycles],
  ].filter(([, value]) => value !== undefined);
  addSection('totals', 'Totals', factTable('Figures of the whole run', rows.map(([name, value, show]) => ({name, value, shown: show(value)}))));
}

function addRoofline(result) {
  const points = rooflinePoints(result);
  if (points.length === 0) return;
  const left = result.layers.length - points.length;
  const columns = [
    nameColumn(), {key: 'x', label: 'operations per byte', value: (row) => row.x}, {key: 'y', label: 'TOPS', value: (row) => row.y},
    {key: 'share', label: 'share of cycles', value: (row) => row.share, show: format.percent},
  ];
  const table = () => makeTable({caption: 'Layers in the roofline', columns,
    rows: points.map((one) => ({name: one.layer.name, ...one})), filter: false}).node;
  const chart = makeChart({
    label: 'Roofline: operations per byte that each layer moved against its TOPS, below the peaks of bandwidth and products',
    caption: 'Each layer by the bytes that it really moved and the cycles that it really took; the area of a point goes with its cycles. ' +
        'Bytes that were loaded in cycles of an earlier layer count for the layer that they are for, so a point can lie above the slope.' +
        (left > 0 ? ` ${left} of ${result.layers.length} layers have no products and are not drawn.` : ''),
    height: 460, option: (colours) => rooflineOption(result, points, colours), table,
  });
  addSection('roofline', 'Roofline', chart.node);
}

// What bars of layers are made of: [{label, colour, value(layer)}].
function causeParts(colours, value) {
  return Object.entries(causeColours).map(([cause, colour]) => ({label: cause, colour: colour(colours), value: value(cause)}));
}

function byteParts(colours) {
  return byteClasses.map((one, i) => ({label: words(one), colour: colours.series[i], value: (layer) => layer.dram_bytes[one]}));
}

function energyParts(energy, colours) {
  return Object.keys(energy.parts_pj).map((one, i) => ({label: words(one), colour: colours.series[i],
    value: (layer) => layer.parts_pj[one] / 1e6}));
}

// A section with bars of layers. `parts(layer-independent colours)` as in stackedLayers; the table has a column for each part.
function addBars(options) {
  const {id, title, layers} = options;
  const used = options.parts(palette()).filter((part) => layers.some((layer) => part.value(layer)));
  const columns = [nameColumn(), ...used.map((part) => ({key: part.label, label: part.label, value: part.value, show: options.show}))];
  const chart = makeChart({
    label: options.label, caption: options.caption, height: heightOfBars(layers),
    option: (colours) => stackedLayers({layers, parts: () => options.parts(colours), show: options.show, unit: options.unit, max: options.max}),
    table: () => makeTable({caption: title, columns, rows: layers, filter: false}).node,
  });
  return options.inner ? chart.node : addSection(id, title, chart.node);
}

function addCauses(result) {
  const state = {unit: 'mxu', scale: 'cycles'};
  const place = element('div');
  const draw = () => {
    const share = state.scale === 'share of the layer';
    const value = (cause) => (layer) => (layer.unit_cycles[state.unit][cause] || 0) / (share ? layer.cycles || 1 : 1);
    place.replaceChildren(addBars({
      inner: true, title: `Cycles of the ${unitWords[state.unit]} by cause`, layers: result.layers,
      label: `Cycles of each layer by what the ${unitWords[state.unit]} did in them`,
      caption: 'Every cycle belongs to one layer, and has one cause for each unit.',
      parts: (colours) => causeParts(colours, value),
      show: share ? format.percent : format.cycles, unit: share ? '' : 'cycles', max: share ? 1 : undefined,
    }));
    forgetCharts();
    drawCharts();
  };
  addSection('causes', 'Cycles by cause', element('div', {class: 'controls'},
      choice('Unit', units.map((unit) => ({value: unit, label: unitWords[unit]})), state.unit, (value) => { state.unit = value; draw(); }),
      choice('In', ['cycles', 'share of the layer'], state.scale, (value) => { state.scale = value; draw(); })), place);
  draw();
}

function addMemory(result) {
  const memory = result.totals.memory;
  const rows = [
    ['memory', memory.name, format.text], ['share of the peak', memory.share_of_peak, format.percent],
    ['matrix unit waits for DMA', memory.matrix_unit_wait, format.percent], ['row hits', memory.row_hits, format.cycles],
    ['row misses', memory.row_misses, format.cycles], ['row conflicts', memory.row_conflicts, format.cycles],
    ['row-hit rate', memory.row_hit_rate, format.percent], ['refreshes', memory.refreshes, format.cycles],
    ['turnarounds', memory.turnarounds, format.cycles],
    ...Object.entries(memory.lost || {}).map(([name, share]) => [`data bus lost: ${words(name)}`, share, format.percent]),
    ...byteClasses.map((one) => [words(one), result.totals.dram_bytes[one], format.bytes]),
  ].filter(([, value]) => value !== undefined);
  const section = addBars({
    id: 'memory', title: 'Memory', layers: result.layers, label: 'Bytes that each layer moves through DRAM, by class',
    caption: 'Bytes that the instructions of each layer move.', show: format.bytes, unit: 'bytes',
    parts: byteParts,
  });
  section.append(factTable('Memory figures of the run', rows.map(([name, value, show]) => ({name, value, shown: show(value)}))));
}

function addChanges(result) {
  const rows = result.hardware_changes.map((one) => ({name: one.change, ...one}));
  const ratio = (value) => value === undefined ? format.missing : value.toFixed(3);
  const columns = [
    nameColumn('change'), {key: 'cycles', label: 'cycles', value: (row) => row.cycles},
    {key: 'speedup', label: 'times as fast', value: (row) => row.speedup, show: ratio},
    {key: 'energy_uj', label: 'energy', unit: 'µJ', value: (row) => row.energy_uj}, {key: 'energy_ratio', label: 'times the energy', value: (row) => row.energy_ratio, show: ratio},
    {key: 'area_mm2', label: 'area', unit: 'mm²', value: (row) => row.area_mm2}, {key: 'area_ratio', label: 'times the area', value: (row) => row.area_ratio, show: ratio},
    {key: 'failure', label: 'why not', text: true, wrap: true, value: (row) => row.failure},
  ];
  addSection('changes', 'What it would gain from', element('p', {class: 'note'},
      'One change of the hardware at a time; for each the network was compiled anew and simulated.'),
  makeTable({caption: 'Changes of the hardware', columns, rows, filter: false}).node);
}

function addEnergy(result) {
  const energy = result.energy;
  const parts = Object.keys(energy.parts_pj);
  const microjoules = (picojoules) => format.number(picojoules / 1e6);
  const section = addBars({
    id: 'energy', title: 'Energy', layers: energy.layers, label: 'Estimated energy of each layer by part of the machine',
    caption: `An estimate, by ${energy.table}; microjoules.`, show: format.number, unit: 'µJ',
    parts: (colours) => energyParts(energy, colours),
  });
  const rows = [
    ...parts.map((one) => [words(one) + ', µJ', energy.parts_pj[one], microjoules]), ['total, µJ', energy.total_pj, microjoules],
    ['an inference, µJ', energy.per_inference_pj, microjoules], ['on chip, µJ', energy.on_chip_pj, microjoules],
    ['average power, mW', energy.average_power_mw, format.number],
  ];
  section.append(factTable('Energy of the run by part', rows.map(([name, value, show]) => ({name, value, shown: show(value)}))));
}

// Where the clock comes from, and what is derived at the node of the table of energies.
function clockFacts(clock) {
  if (!clock) return {};
  const facts = {'clock is': clock.source};
  if (clock.derived_mhz) facts[`clock derived at ${clock.node_nm} nm, MHz`] = format.number(clock.derived_mhz);
  return facts;
}

function addOrigin(result) {
  const made = result.provenance;
  const hardware = {...result.architecture.parameters};
  for (const [name, value] of Object.entries(result.architecture.memory)) hardware['memory.' + name] = value;
  const facts = {
    network: made.network.file, 'SHA-256 of the network': made.network.sha256, command: `systole ${made.command} ${made.options.join(' ')}`,
    engine: result.engine, version: made.version, date: made.date, ...result.compile,
  };
  const table = (caption, values) => factTable(caption, Object.entries(values).map(([name, value]) => ({name, value, shown: String(value)})));
  addSection('origin', 'What it was', table('What made the result', facts), table('Hardware', {'clock, MHz': result.architecture.clock_mhz, ...clockFacts(result.clock), ...hardware}));
}

function drawRun(data) {
  const result = data.result;
  document.getElementById('subtitle').textContent = [
    `${result.architecture.parameters['array.rows']}x${result.architecture.parameters['array.cols']} array`,
    `${format.number(result.architecture.clock_mhz)} MHz`, `batch ${result.batch}`, result.totals.memory.name,
    result.functional ? 'with data' : 'timing only', `engine ${result.engine}`].join(', ');
  if (result.status === 'finished') {
    addTotals(result);
    if (result.layers.length > 0) {
      addSection('layers', 'Layers', makeTable({caption: 'Layers in the order in which they run', columns: layerColumns(result), rows: result.layers}).node);
      addRoofline(result);
      addCauses(result);
      if (data.over_time && data.over_time.length > 0) addOverTime(data.over_time, result.architecture.clock_mhz);
      addMemory(result);
    }
    if (result.hardware_changes) addChanges(result);
    if (result.energy && result.energy.layers.length > 0) addEnergy(result);
  }
  addOrigin(result);
}
