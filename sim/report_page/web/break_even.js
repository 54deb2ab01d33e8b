// SPDX-License-Identifier: Apache-2.0
// Where each row of a study gains over the first one, as lines along the axis that was looked through.

const axisWords = {bandwidth: ['bandwidth', 'GB/s'], batch: ['batch', 'inputs'], area: ['area', 'mm²']};

// "int8, unstructured:0.8" of a row.
function rowWords(page, row) {
  const words = page.describe(row).map(([, value]) => value);
  return `${page.columns[0].value(row)} ${words.join(', ')}`;
}

function gainWords(one, data) {
  if (one.failure) return one.failure;
  if (one.from === undefined) return 'gains nowhere';
  if (one.from === data.low && one.to === data.high) return 'gains everywhere';
  return one.from === data.low ? `gains up to ${format.number(one.to)}` : `gains from ${format.number(one.from)}`;
}

function breakEvenOption(page, data, colours) {
  const [what, unit] = axisWords[data.axis];
  const names = data.rows.map((one) => rowWords(page, one.row));
  return {
    grid: {left: 8, right: 32, top: 16, bottom: 40, containLabel: true},
    tooltip: {trigger: 'item', formatter: ({seriesIndex}) => tooltipText(names[seriesIndex], [[what, gainWords(data.rows[seriesIndex], data)]])},
    xAxis: {type: 'log', min: data.low, max: data.high, name: `${what}, ${unit}`, nameLocation: 'middle', nameGap: 28},
    yAxis: {type: 'category', inverse: true, data: names, axisLabel: {width: 260, overflow: 'truncate', interval: 0}},
    series: data.rows.map((one, i) => ({
      type: 'line', lineStyle: {width: 10, color: colours.series[0], cap: 'butt'}, itemStyle: {color: colours.series[0]}, symbolSize: 10, symbol: 'rect',
      data: one.from === undefined ? [] : [[one.from, i], [one.to, i]],
    })),
  };
}

function heightOfBreakEven(data) {
  return Math.max(140, data.rows.length * 26 + 70);
}

function addBreakEven(page) {
  const data = page.data.break_even;
  if (!data || data.rows.length === 0) return;
  const [what, unit] = axisWords[data.axis];
  const number = (key) => ({key, label: `${key}, ${unit}`, value: (one) => one[key] === undefined ? null : one[key]});
  const columns = [
    {key: 'row', label: 'row', value: (one) => page.columns[0].value(one.row), href: (one) => `#row-${one.row}`},
    {key: 'is', label: 'is', text: true, value: (one) => rowWords(page, one.row)},
    {key: 'gains', label: 'gains', text: true, wrap: true, value: (one) => gainWords(one, data)}, number('from'), number('to'),
  ];
  const chart = makeChart({
    label: `Where each row gains over the first one, along the ${what}`, height: heightOfBreakEven(data),
    caption: `A line is where the row has at least 1 % more inferences a second than the first one of its batch, of ${format.number(data.low)} to ` +
        `${format.number(data.high)} ${unit}; its end is the break-even.`,
    option: (colours) => breakEvenOption(page, data, colours),
    table: () => makeTable({caption: 'Break-even of each row', columns, rows: data.rows, filter: false}).node,
  });
  addSection('break-even', 'Break-even', chart.node);
}
