// SPDX-License-Identifier: Apache-2.0
// What was chosen of many points: against the baseline, its rivals, and every parameter halved and doubled around it.

// A cell is the figure and, in brackets, its change against the chosen point.
function changed(column, chosen, row) {
  const before = column.value(chosen), after = column.value(row);
  if (typeof after !== 'number' || typeof before !== 'number' || row === chosen || before === 0) return shown(column, row);
  return `${shown(column, row)} (${format.signed(Number((100 * (after / before - 1)).toFixed(1)))} %)`;
}

// One choice: tables of points against the chosen one.
function choiceTables(page, choice) {
  const {chosen, baseline} = choice;
  const keys = ['cycles', 'latency_ms', 'energy_per_inference_uj', 'area_mm2', 'top1'];
  const figures = keys.map(page.find).filter(Boolean);
  const figureColumns = figures.map((column) => ({key: column.key, label: column.label,
    value: (one) => one.row === null ? null : column.value(one.row), show: (_, one) => one.row === null ? format.missing : changed(column, chosen, one.row)}));
  const point = {key: 'point', label: page.columns[0].label, value: (one) => one.row === null ? null : page.columns[0].value(one.row),
    href: (one) => one.row === null ? undefined : `#row-${one.row}`};
  const what = {key: 'what', label: 'is', text: true, wrap: true, value: (one) => one.what};
  const named = (row) => page.describe(row).map(([name, value]) => `${name} ${value}`).join(', ');
  const held = [{row: chosen, what: `chosen: ${named(chosen)}`}];
  if (baseline !== null) held.push({row: baseline, what: `baseline: ${named(baseline)}`});
  const rivals = choice.rivals.map(({row, text}) => ({row, what: named(row), text}));
  const neighbours = choice.neighbours.map(({key, value, row}) => ({row, what: `${key} ${format.number(value)}`}));
  const table = (caption, columns, rows) => makeTable({caption, columns, rows, filter: false}).node;
  return [
    table('The chosen point' + (baseline === null ? '' : ' and the baseline, with its changes against the chosen one'), [point, what, ...figureColumns], held),
    table('The nearest rivals, and why they lose', [point, what, ...figureColumns, {key: 'why', label: 'why not', text: true, wrap: true, value: (one) => one.text}], rivals),
    neighbours.length === 0 ? null :
      table('Every parameter of which there are several values, halved and doubled; a dash: no such point was run', [what, point, ...figureColumns], neighbours),
    ...assumptionsOf(page, chosen, choice.assumptions),
    choice.commands.length === 0 ? null : table('The commands that give these figures again', [point,
      {key: 'command', label: 'command', text: true, wrap: true, value: (one) => one.command}],
    choice.commands.flatMap(({row, commands}) => commands.map((command) => ({row, command})))),
  ];
}

// What the figures of the chosen point rest on: all of its configuration, where its clock is from, versions, hashes and prices.
function assumptionsOf(page, chosen, assumptions) {
  const clocks = ['clock', 'core_clock_mhz', 'derived_clock_mhz'];
  const own = page.columns.filter((column) => column.role === 'configuration' || clocks.includes(column.key))
      .map((column) => [column.label, shown(column, chosen)]);
  const constants = Object.entries(page.data.constants).map(([name, value]) => [name, format.text(value)]);
  const identities = assumptions ? assumptions.identities.map(({name, value}) => [name, value]) : [];
  const all = [...own, ...constants, ...identities].filter(([, value]) => value !== format.missing);
  return [factTable('What the chosen point rests on', all.map(([name, value]) => ({name, value, shown: value}))),
    ...(assumptions ? pricesOf(assumptions.prices) : [])];
}

// Energies and areas, each with whether its source gives it.
function pricesOf(prices) {
  const heading = `The prices: table ${prices.table}`;
  if (prices.absent) return [element('p', {class: 'note'}, `${heading}; its figures are not shown: ${prices.absent}.`)];
  const columns = [nameColumn('figure'), {key: 'value', label: 'value', value: (row) => row.value}, {key: 'unit', label: 'unit', text: true, value: (row) => row.unit},
    {key: 'source', label: 'rests on', text: true, value: (row) => row.extrapolated ? 'extrapolated' : 'its source'}];
  const rows = prices.figures.map((figure) => ({...figure, name: figure.key}));
  return [makeTable({caption: `${heading}, ${prices.node_nm} nm (docs/energy.md)`, columns, rows, filter: false, pageSize: 1000}).node];
}

// What is known of the distance to silicon: the table of docs/quality.md.
function siliconParts(silicon) {
  if (!silicon) return [];
  const columns = silicon.columns.map((label, i) => ({key: `c${i}`, label, text: i < 2, value: (row) => i < 2 ? row[i] : Number(row[i]), show: i < 2 ? undefined : (_, row) => row[i]}));
  return [
    element('h3', {}, 'How far from silicon'),
    element('p', {class: 'note'}, 'Cycles are those of the RTL of this machine, which nobody has built. Its nearest published relatives are seven sizes of ' +
        `NVDLA: with as many multipliers, the same bandwidth and no more memory it gives ${silicon.least} to ${silicon.most} times their frames per second on ` +
        'ResNet-50 (docs/quality.md). Energy, area and derived clocks are estimates from published tables (docs/energy.md).'),
    makeTable({caption: 'Published points of NVDLA, and this machine', columns, rows: silicon.rows, filter: false}).node,
  ];
}

function addChoice(page) {
  if (!page.data.choice) return;
  const parts = page.data.choice.flatMap((choice) => [
    page.data.cases.length > 1 ? element('h3', {}, page.data.cases[choice.case]) : null, ...choiceTables(page, choice)]);
  addSection('choice', 'The choice', ...parts, ...siliconParts(page.data.silicon));
}
