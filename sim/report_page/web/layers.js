// SPDX-License-Identifier: Apache-2.0
// The page of the layers of a network against float32, the most damaging first (docs/precision.md).

// Signal to noise of each layer: [key, label].
const likenesses = [['output_alone', 'output, alone'], ['alone', 'result, alone'], ['cumulative', 'result, all']];
const exactWord = 'exact';
const mostDecibels = 60;  // what is beyond loses nothing that counts, and stands at the edge

const decibels = (layer, key) => layer[key].sqnr_db;
const decibelWords = (value) => value === null ? exactWord : value.toFixed(1);

// Dots on a line for each layer; what is exact has none.
function likenessOption(layers, colours) {
  const colour = [colours.series[1], colours.series[0], colours.series[2]];
  return {
    legend: {data: likenesses.map(([, label]) => label), itemGap: 32},
    grid: {left: 8, right: 24, top: 56, bottom: 32, containLabel: true},
    tooltip: {
      trigger: 'axis', axisPointer: {type: 'shadow'},
      formatter: (list) => {
        const layer = layers[list[0].dataIndex];
        return tooltipText(layer.layer, likenesses.map(([key, label]) => [label, `${decibelWords(decibels(layer, key))} dB`]));
      },
    },
    xAxis: {type: 'value', scale: true, name: 'signal to noise, dB', nameLocation: 'middle', nameGap: 28},
    yAxis: {
      type: 'category', inverse: true, data: layers.map((layer) => layer.layer), splitLine: {show: true},
      axisLabel: {width: 220, overflow: 'truncate', interval: 0},
    },
    dataZoom: sliderOf(layers),
    series: likenesses.map(([key, label], i) => ({
      name: label, type: 'scatter', symbol: ['diamond', 'circle', 'rect'][i], symbolSize: [12, 8, 8][i], itemStyle: {color: colour[i]},
      data: layers.map((layer, k) => decibels(layer, key) === null ? null : [Math.min(decibels(layer, key), mostDecibels), k]),
    })),
  };
}

function heightOfLikeness(layers) {
  return Math.min(layers.length, mostBars) * barHeight + 110;
}

// An exact layer stands behind all others, not among those without a value.
function likenessColumns(result) {
  const column = (key, label, what) => ({
    key: key + '_db', label, unit: 'dB', title: what, value: (layer) => decibels(layer, key) === null ? Infinity : decibels(layer, key),
    show: (value) => value === Infinity ? exactWord : value.toFixed(1),
  });
  const cosine = (key) => ({key: key + '_cosine', label: 'cosine', value: (layer) => layer[key].cosine, show: (value) => value.toFixed(4)});
  const columns = [
    {key: 'layer', label: 'layer', text: true, value: (layer) => layer.layer},
    {key: 'operator', label: 'operator', text: true, value: (layer) => layer.operator},
    {key: 'weight_bits', label: 'weights', unit: 'bits', value: (layer) => layer.weight_bits},
    {key: 'bits', label: 'result', unit: 'bits', value: (layer) => layer.bits},
    column('output_alone', 'output', 'of the output of the network, this layer alone quantised'), cosine('output_alone'),
  ];
  if (result.layers.some((layer) => layer.top1_change !== undefined))
    columns.push({key: 'top1_change', label: 'top-1', unit: 'points', title: 'what it changes alone', value: (layer) => 100 * layer.top1_change,
      show: format.signed});
  return [...columns,
    column('alone', 'alone', 'of its result, this layer alone quantised'), cosine('alone'),
    column('cumulative', 'all', 'of its result, all layers quantised'), cosine('cumulative'),
    {key: 'saturated', label: 'saturated', title: 'values of float32 beyond its codes', value: (layer) => layer.saturated, show: format.percent},
    {key: 'range_used', label: 'range used', title: 'of its codes', value: (layer) => layer.range_used, show: format.percent},
    {key: 'worst_channel', label: 'worst channel', value: (layer) => layer.worst_channel ? layer.worst_channel.channel : null},
    {key: 'worst_db', label: 'its signal to noise', unit: 'dB', value: (layer) => layer.worst_channel ? layer.worst_channel.sqnr_db : null},
  ];
}

function drawLayers(data) {
  const {result} = data;
  const {layers} = result;
  document.getElementById('subtitle').textContent = [result.architecture, `data ${result.data}`,
    ...result.forms.map((form) => `${form.form}: ${result.metric} ${format.number(form.value)}`)].join(', ');
  const short = [{key: 'layer', label: 'layer', text: true, value: (layer) => layer.layer},
    ...likenesses.map(([key, label]) => ({key, label, unit: 'dB', value: (layer) => decibels(layer, key)}))];
  const chart = makeChart({
    label: 'Signal to noise of each layer against float32: of the output with this layer alone quantised, of its result alone, and of its result with all quantised',
    caption: 'The most damaging layer stands first: that with which alone quantised the output is furthest from float32. ' +
        `The output with that layer alone quantised, its own result then, and its result with all quantised; what has more than ${mostDecibels} dB stands at the edge, what is exact has no mark.`,
    height: heightOfLikeness(layers), option: (colours) => likenessOption(layers, colours),
    table: () => makeTable({caption: 'Signal to noise of each layer', columns: short, rows: layers, filter: false}).node,
  });
  addSection('likeness', 'Signal to noise', chart.node);
  addSection('layers', 'Layers', makeTable({caption: 'Layers, the most damaging first', columns: likenessColumns(result), rows: layers}).node);
}
