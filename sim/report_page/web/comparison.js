// SPDX-License-Identifier: Apache-2.0
// The page of several runs, layer by layer; the first is what the others are held against.

// Rows {name, layers}: the layer of each run, or null.
function comparedLayers(data) {
  return data.layers.map((row) => ({
    name: row.name, layers: row.at.map((at, run) => at === null ? null : data.runs[run].result.layers[at]),
  }));
}

const cyclesOf = (layer) => layer ? layer.cycles : null;

function addComparedTotals(data) {
  const rows = [
    ['what bounds it', (run) => run.limit, format.text], ['cycles', (run) => run.result.totals.cycles, format.cycles],
    ['latency, ms', (run) => run.result.totals.latency_ms, format.number],
    ['inferences per second', (run) => run.result.totals.inferences_per_s, format.number],
    ['TOPS', (run) => run.result.totals.tops, format.number],
    ['MAC utilisation', (run) => run.result.totals.mac_utilisation, format.percent],
    ['DRAM bytes', (run) => run.result.totals.dram_bytes.total, format.bytes],
    ['share of the peak bandwidth', (run) => run.result.totals.memory.share_of_peak, format.percent],
    ['matrix unit waits for DMA', (run) => run.result.totals.memory.matrix_unit_wait, format.percent],
    ['lower bound, cycles', (run) => run.result.totals.lower_bound_cycles[run.result.totals.lower_bound_cycles.largest], format.cycles],
    ['energy of an inference, µJ', (run) => run.result.energy ? run.result.energy.per_inference_pj / 1e6 : null, format.number],
  ];
  const columns = [nameColumn('figure'), ...data.runs.map((run, i) => ({
    key: `run${i}`, label: run.name, value: (row) => row.of(run), show: (value, row) => row.show(value)}))];
  const used = rows.filter(([, of]) => data.runs.some((run) => of(run) !== null)).map(([name, of, show]) => ({name, of, show}));
  addSection('totals', 'Totals', makeTable({caption: 'Figures of the runs', columns, rows: used, filter: false}).node);
}

function addConfiguration(data) {
  if (data.configuration.length === 0) return;
  const columns = [nameColumn('parameter'), ...data.runs.map((run, i) => ({
    key: `run${i}`, label: run.name, text: true, wrap: true, value: (row) => row.values[i],
    show: (value) => typeof value === 'number' ? format.number(value) : format.text(value)}))];
  addSection('configuration', 'What differs', makeTable({caption: 'Configuration that is not the same', columns,
    rows: data.configuration.map((one) => ({name: one.key, values: one.values})), filter: false}).node);
}

function addComparedLayers(data, rows) {
  const columns = [nameColumn(), ...data.runs.map((run, i) => ({
    key: `cycles${i}`, label: run.name, unit: 'cycles', value: (row) => cyclesOf(row.layers[i])}))];
  data.runs.slice(1).forEach((run, k) => {
    const change = (row) => row.layers[0] && row.layers[k + 1] ? row.layers[k + 1].cycles - row.layers[0].cycles : null;
    columns.push({key: `change${k + 1}`, label: `change ${data.runs.length > 2 ? run.name : ''}`.trim(), unit: 'cycles', value: change, show: format.signed});
    columns.push({key: `times${k + 1}`, label: 'ratio', title: `cycles of ${run.name} over those of ${data.runs[0].name}`,
      value: (row) => row.layers[0] && row.layers[0].cycles > 0 && row.layers[k + 1] ? row.layers[k + 1].cycles / row.layers[0].cycles : null, show: format.times});
  });
  data.runs.forEach((run, i) => columns.push({key: `bytes${i}`, label: run.name, unit: 'DRAM', value: (row) => row.layers[i] ? row.layers[i].dram_bytes.total : null, show: format.bytes}));
  data.runs.forEach((run, i) => columns.push({key: `stall${i}`, label: run.name, unit: 'largest stall', text: true, value: (row) => row.layers[i] ? row.layers[i].largest_stall : null}));
  addSection('layers', 'Layers', makeTable({caption: 'Layers by name; those of one name in their order', columns, rows}).node);
}

function sideBySideOption(data, rows, colours) {
  return {
    legend: {data: data.runs.map((run) => run.name)},
    grid: {left: 8, right: 24, top: 56, bottom: 32, containLabel: true},
    tooltip: {trigger: 'axis', axisPointer: {type: 'shadow'}, formatter: (list) => tooltipText(rows[list[0].dataIndex].name,
        list.map((one) => [one.seriesName, format.cycles(one.value)]))},
    xAxis: {type: 'value', name: 'cycles', nameLocation: 'middle', nameGap: 28},
    yAxis: {type: 'category', inverse: true, data: rows.map((row) => row.name), axisLabel: {width: 220, overflow: 'truncate', interval: 0}},
    dataZoom: sliderOf(rows),
    series: data.runs.map((run, i) => ({name: run.name, type: 'bar', data: rows.map((row) => cyclesOf(row.layers[i])),
      itemStyle: {color: colours.series[i % colours.series.length]}})),
  };
}

function addSideBySide(data, rows) {
  const columns = [nameColumn(), ...data.runs.map((run, i) => ({key: `cycles${i}`, label: run.name, value: (row) => cyclesOf(row.layers[i])}))];
  const chart = makeChart({
    label: 'Cycles of each layer in each run', caption: 'Cycles that belong to the layer.',
    height: heightOfSideBySide(data, rows),
    option: (colours) => sideBySideOption(data, rows, colours),
    table: () => makeTable({caption: 'Cycles of each layer in each run', columns, rows, filter: false}).node,
  });
  addSection('cycles', 'Cycles', chart.node);
}

// By how many cycles of a cause of a unit the layer of a row differs from that of the first run.
function causeChange(unit, run) {
  const cycles = (layer, cause) => layer.unit_cycles[unit][cause] || 0;
  return (cause) => (row) => cycles(row.layers[run], cause) - cycles(row.layers[0], cause);
}

function heightOfSideBySide(data, rows) {
  return Math.min(rows.length, mostBars) * (12 + 10 * data.runs.length) + 110;
}

// What a run spends more, or less, than the first one in each layer, by cause.
function addCauseChanges(data, rows) {
  const state = {unit: 'mxu', run: 1};
  const both = rows.filter((row) => row.layers[0]);
  const place = element('div');
  const draw = () => {
    const {unit, run} = state;
    const there = both.filter((row) => row.layers[run]);
    const change = causeChange(unit, run);
    place.replaceChildren(addBars({
      inner: true, title: `Change of the cycles of the ${unitWords[unit]} by cause`, layers: there,
      label: `How many cycles of each cause the ${unitWords[unit]} has in each layer more or less than in the first run`,
      caption: `${data.runs[run].name} less ${data.runs[0].name}: to the right what it has more, to the left what it has less.`,
      parts: (colours) => causeParts(colours, change),
      show: format.signed, unit: 'cycles',
    }));
    forgetCharts();
    drawCharts();
  };
  addSection('causes', 'Changes by cause', element('div', {class: 'controls'},
      choice('Unit', units.map((unit) => ({value: unit, label: unitWords[unit]})), state.unit, (value) => { state.unit = value; draw(); }),
      data.runs.length < 3 ? null : choice('Run', data.runs.slice(1).map((run, i) => ({value: String(i + 1), label: run.name})), '1',
          (value) => { state.run = Number(value); draw(); })), place);
  draw();
}

function drawComparison(data) {
  document.getElementById('subtitle').textContent = data.runs.map((run) => run.name).join(', ');
  const rows = comparedLayers(data);
  addComparedTotals(data);
  addConfiguration(data);
  if (rows.length > 0) {
    addComparedLayers(data, rows);
    addSideBySide(data, rows);
    addCauseChanges(data, rows);
  }
}
