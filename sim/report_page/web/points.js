// SPDX-License-Identifier: Apache-2.0
// The page of a sweep or a study: points in a table, with their front and maps of two axes.

// Columns are keys of data.columns; a choice that is empty is none.
function pointsPage(data) {
  const columns = pointColumns(data);
  const find = (key) => columns.find((column) => column.key === key);
  const all = Array.from({length: data.rows}, (_, row) => row);
  const figures = columns.filter((column) => column.role === 'figure' && !column.text);
  const axes = columns.filter((column) => column.role === 'configuration' && isVaried(column, all));
  const reason = find('reason'), limits = find('limits');
  const isGood = (row) => !(reason && reason.value(row)) && !(limits && limits.value(row));
  const name = columns[0];
  const words = axes.filter((column) => !column.key.includes('.') && column.key !== 'clock_mhz' && column.key !== 'memory' &&
      !data.cases_by.includes(column.key));
  return {
    data, columns, figures, axes, find, all, isGood,
    title: (row) => `${name.label} ${name.value(row)}`,
    describe: (row) => words.filter((column) => format.text(column.value(row)) !== format.missing)
        .map((column) => [column.label, shown(column, row)]),
    // Rows of a case that came to an end and have a value in each of `needed`.
    usable: (rows, number, needed) => rows.filter((row) => data.case[row] === number && isGood(row) &&
        needed.every((column) => typeof column.value(row) === 'number')),
  };
}

const options = (columns) => columns.map((column) => ({value: column.key, label: column.label}));

function caseChoice(page, state, draw) {
  if (page.data.cases.length < 2) return null;
  const cases = page.data.cases.map((label, i) => ({value: String(i), label}));
  return choice('Case', cases, String(state.case), (value) => { state.case = Number(value); draw(); });
}

// Rows in a table of some columns, the point's name a link to its row in the table of all.
function pointTable(page, caption, columns, rows) {
  const [first, ...rest] = columns;
  return makeTable({caption, columns: [{...first, href: (row) => `#row-${row}`}, ...rest], rows, filter: false, pageSize: 50}).node;
}

// What the front shows first.
function frontState(page) {
  const {figures, find} = page;
  const pick = (...keys) => keys.map(find).find((column) => column && figures.includes(column)) || figures[0];
  const state = {case: 0, x: pick('top1', 'area_mm2', 'energy_per_inference_uj', 'dram_bytes'), y: pick('latency_ms', 'cycles'), by: null};
  if (state.x === state.y) state.x = figures.find((column) => column !== state.y) || state.y;
  return state;
}

// As frontOption takes it, with a line on what is drawn.
function frontView(page, state, rows) {
  const {x, y} = state;
  const usable = page.usable(rows, state.case, [x, y]);
  const front = frontOf(usable, x, y);
  const drawn = drawnOf(usable, front, x, y);
  return {
    rows: drawn.rows, front, x, y, by: state.by, title: page.title,
    describe: (row) => [[x.label, shown(x, row)], [y.label, shown(y, row)], ...page.describe(row)],
    text: drawn.text || `${front.length} of ${format.number(usable.length)} points are on the front.`,
  };
}

function addFront(page, rows) {
  const {figures, find} = page;
  const state = frontState(page);
  const note = element('p', {class: 'note'});
  let view;
  const chart = makeChart({
    label: 'Points by two figures, with the front of those that no other one beats in both', height: 480, renderer: 'canvas',
    caption: 'Who stands on the line is beaten by nobody in both figures. Hovering tells what a point is; a click goes to its row.',
    option: (colours) => frontOption(view, colours),
    table: () => pointTable(page, `Front of ${view.x.label} and ${view.y.label}`, [page.columns[0], view.x, view.y, ...page.axes], view.front),
    clicked: ({value}) => { if (value && value.length === 3) location.hash = `#row-${value[2]}`; },
  });
  const draw = () => {
    view = frontView(page, state, rows());
    note.textContent = view.text;
    chart.draw();
  };
  const pickFigure = (label, key) => choice(label, options(figures), state[key].key, (value) => { state[key] = find(value); draw(); });
  addSection('front', 'Front', element('div', {class: 'controls'}, caseChoice(page, state, draw), pickFigure('Across', 'x'), pickFigure('Up', 'y'),
      choice('Colour', [{value: '', label: 'none'}, ...options([...page.axes, ...[find('bound_by')].filter(Boolean)])], '',
          (value) => { state.by = find(value) || null; draw(); })), note, chart.node);
  draw();
  return draw;
}

// A cell a pair of values, as a table.
function heatTable(page, view) {
  const {heat, x, y, figure} = view;
  const byPlace = new Map(heat.cells.map((cell) => [`${cell.x} ${cell.y}`, cell]));
  const columns = [{key: 'y', label: `${y.label} \\ ${x.label}`, text: true, value: (j) => heat.ys[j]},
    ...heat.xs.map((value, i) => ({key: `x${i}`, label: String(value), show: figure.show,
      value: (j) => (byPlace.get(`${i} ${j}`) || {value: null}).value}))];
  return makeTable({caption: `${view.how} ${figure.label} by ${y.label} and ${x.label}`, columns, rows: heat.ys.map((_, j) => j), filter: false}).node;
}

// What the map shows first, and the axes to choose from; null where there are no two.
function heatState(page) {
  const {axes, figures, find} = page;
  // Of a machine's name and its parameters, parameters say more; those of the array come first.
  const useful = axes.filter((column) => !page.data.cases_by.includes(column.key));
  const weight = (column) => column.key.startsWith('array.') ? 0 : column.key.includes('.') ? 1 : 2;
  const preferred = useful.slice().sort((a, b) => weight(a) - weight(b));
  if (preferred.length < 2) return null;
  return {case: 0, x: preferred[0], y: preferred[1], figure: find('latency_ms') || figures[0], how: 'best', useful};
}

function heatView(page, state, rows) {
  const {x, y, figure, how} = state;
  const usable = page.usable(rows, state.case, [figure]);
  const heat = heatCells(usable, x, y, figure, how);
  return {heat, x, y, figure, how, title: page.title, text: `${format.number(usable.length)} points in ${heat.cells.length} cells.`};
}

function heightOfHeat(view) {
  return Math.max(240, Math.min(900, view.heat.ys.length * 36 + 110));
}

function addHeat(page, rows) {
  const state = heatState(page);
  if (state === null) return () => {};
  const note = element('p', {class: 'note'});
  let view;
  const chart = makeChart({
    label: 'Map of a figure over two axes of the configuration', height: 420, caption: 'A cell has all points of the case with these two values.',
    option: (colours) => heatOption(view, colours), table: () => heatTable(page, view),
    clicked: ({data}) => { if (view.how === 'best' && data) location.hash = `#row-${data.row}`; },
  });
  const draw = () => {
    view = heatView(page, state, rows());
    note.textContent = view.text;
    chart.height = heightOfHeat(view);
    chart.draw();
  };
  const pick = (label, list, key) => choice(label, options(list), state[key].key, (value) => { state[key] = page.find(value); draw(); });
  addSection('map', 'Map', element('div', {class: 'controls'}, caseChoice(page, state, draw), pick('Across', state.useful, 'x'),
      pick('Up', state.useful, 'y'), pick('Figure', page.figures, 'figure'),
      choice('Of a cell', ['best', 'mean'], state.how, (value) => { state.how = value; draw(); })), note, chart.node);
  draw();
  return draw;
}

function drawPoints(data) {
  const page = pointsPage(data);
  document.getElementById('subtitle').textContent = `${format.number(data.rows)} points in ${data.cases.length} ${data.cases.length === 1 ? 'case' : 'cases'}`;
  let filtered = page.all;
  let frame = 0;
  const drawings = [];
  const table = makeTable({
    caption: 'Points; the filter holds for the charts too', columns: page.columns, rows: page.all, pageSize: 25, rowId: (row) => `row-${row}`,
    changed: (rows) => {
      filtered = rows;
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => drawings.forEach((draw) => draw()));
    },
  });
  addChoice(page);
  if (page.figures.length > 1) drawings.push(addFront(page, () => filtered));
  drawings.push(addHeat(page, () => filtered));
  addBreakEven(page);
  addSection('points', 'Points', table.node);
  if (Object.keys(data.constants).length > 0)
    addSection('constants', 'The same for all points', factTable('Configuration that all points share',
        Object.entries(data.constants).map(([name, value]) => ({name, value, shown: format.text(value)}))));
  const follow = () => {
    const found = /^#row-(\d+)$/.exec(location.hash);
    if (found && Number(found[1]) < data.rows) table.reveal(Number(found[1]));
  };
  window.addEventListener('hashchange', follow);
  follow();
}
