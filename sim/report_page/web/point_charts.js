// SPDX-License-Identifier: Apache-2.0
// The charts of many points: two figures against each other with their front, and a map of two axes.

const mostColours = 9;

// Wide ranges are shown by their logarithm.
function axisOf(column, rows) {
  let low = Infinity, high = -Infinity;
  for (const row of rows) {
    low = Math.min(low, column.value(row));
    high = Math.max(high, column.value(row));
  }
  const isWide = low > 0 && high / low > 50;
  return {
    type: isWide ? 'log' : 'value', scale: true, name: column.unit ? `${column.label}, ${column.unit}` : column.label,
    axisLabel: {formatter: (value) => column.show ? column.show(value) : format.number(value)},
  };
}

// `view`: rows, front, x, y, by (a column, or null), describe(row) -> [[name, value]], title(row).
function frontOption(view, colours) {
  const {x, y, front, by} = view;
  const onFront = new Set(front);
  const point = (row) => [x.value(row), y.value(row), row];
  const groups = new Map();
  for (const row of view.rows) {
    const key = by ? format.text(by.text ? by.value(row) : format.number(by.value(row))) : 'points';
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(row);
  }
  const names = [...groups.keys()].sort((a, b) => inOrder(a, b));
  // Beyond the colours that can be told apart all others share one.
  const merged = new Map();
  names.forEach((name, i) => {
    const key = i < mostColours ? name : 'others';
    merged.set(key, (merged.get(key) || []).concat(groups.get(name)));
  });
  const scatter = [...merged].map(([name, rows], i) => ({
    name, type: 'scatter', symbolSize: 7, itemStyle: {color: colours.series[i], opacity: 0.7},
    data: rows.filter((row) => !onFront.has(row)).map(point), large: true, largeThreshold: 1000,
  }));
  const colourOf = new Map();
  [...merged].forEach(([, rows], i) => rows.forEach((row) => { if (onFront.has(row)) colourOf.set(row, colours.series[i]); }));
  return {
    grid: {left: 16, right: 32, top: 56, bottom: 44, containLabel: true},
    legend: {data: ['front', ...(by ? scatter.map((one) => one.name) : [])]},
    tooltip: {trigger: 'item', formatter: ({value}) => tooltipText(view.title(value[2]), view.describe(value[2]))},
    xAxis: {...axisOf(x, view.rows), nameLocation: 'middle', nameGap: 28},
    yAxis: axisOf(y, view.rows),
    dataZoom: [{type: 'inside', zoomOnMouseWheel: 'ctrl'}],
    series: [...scatter, {
      name: 'front', type: 'line', symbol: 'circle', symbolSize: 10, showAllSymbol: true, lineStyle: {color: colours.text, width: 1.5},
      itemStyle: {color: colours.text},
      data: front.map((row) => ({value: point(row), itemStyle: {color: colourOf.get(row), borderColor: colours.text, borderWidth: 2}})),
    }],
  };
}

// The different values of a column in `rows`, in order.
function distinct(column, rows) {
  const found = [...new Set(rows.map((row) => column.value(row)))].filter((value) => value !== null && value !== undefined);
  return found.sort((a, b) => typeof a === 'number' && typeof b === 'number' ? a - b : inOrder(String(a), String(b)));
}

// For each pair of values of two columns the best, or the mean, of a figure: {xs, ys, cells: [{x, y, value, count, row}]}.
function heatCells(rows, x, y, figure, how) {
  const xs = distinct(x, rows), ys = distinct(y, rows);
  const place = (values) => new Map(values.map((value, i) => [value, i]));
  const px = place(xs), py = place(ys);
  const cells = new Map();
  for (const row of rows) {
    const i = px.get(x.value(row)), j = py.get(y.value(row)), value = figure.value(row);
    if (i === undefined || j === undefined || typeof value !== 'number') continue;
    const key = i * ys.length + j;
    const cell = cells.get(key);
    if (!cell) {
      cells.set(key, {x: i, y: j, value, sum: value, count: 1, row});
      continue;
    }
    cell.sum += value;
    ++cell.count;
    if (figure.wanted === 'high' ? value > cell.value : value < cell.value) {
      cell.value = value;
      cell.row = row;
    }
  }
  const list = [...cells.values()];
  if (how === 'mean') for (const cell of list) cell.value = cell.sum / cell.count;
  return {xs, ys, cells: list};
}

function heatOption(view, colours) {
  const {heat, x, y, figure, how} = view;
  const values = heat.cells.map((cell) => cell.value);
  const worded = (value) => figure.show ? figure.show(value) : format.number(value);
  const axis = (column, list) => ({type: 'category', data: list.map((value) => typeof value === 'number' ? format.number(value) : value),
    name: column.label, splitArea: {show: false}, splitLine: {show: false}});
  const better = figure.wanted === 'high';
  return {
    grid: {left: 16, right: 140, top: 36, bottom: 44, containLabel: true},
    tooltip: {trigger: 'item', formatter: ({data}) => tooltipText(`${x.label} ${heat.xs[data.value[0]]}, ${y.label} ${heat.ys[data.value[1]]}`, [
      [`${how} ${figure.label}`, worded(data.value[2])], ['points', String(data.count)],
      ...(how === 'best' ? [['point', view.title(data.row)]] : [])])},
    xAxis: {...axis(x, heat.xs), nameLocation: 'middle', nameGap: 28},
    yAxis: axis(y, heat.ys),
    visualMap: {
      min: Math.min(...values), max: Math.max(...values), calculable: true, right: 0, top: 'middle', itemHeight: 200,
      inRange: {color: better ? [colours.low, colours.high] : [colours.high, colours.low]}, textStyle: {color: colours.text},
      formatter: worded,
    },
    series: [{
      type: 'heatmap', itemStyle: {borderColor: colours.page, borderWidth: 2},
      label: {show: heat.cells.length <= 120, formatter: ({data}) => worded(data.value[2]), color: colours.text,
        backgroundColor: colours.page, padding: [1, 4], borderRadius: 3},
      data: heat.cells.map((cell) => ({value: [cell.x, cell.y, cell.value], count: cell.count, row: cell.row})),
    }],
  };
}
