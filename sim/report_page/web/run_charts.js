// SPDX-License-Identifier: Apache-2.0
// The charts of one run: roofline, and bars of layers made of parts.

const barHeight = 20;
const mostBars = 60;  // of more layers a part is shown, and moved

// Where there are more layers than bars.
function sliderOf(layers) {
  if (layers.length <= mostBars) return undefined;
  return [{type: 'slider', yAxisIndex: 0, startValue: 0, endValue: mostBars - 1, right: 0, width: 16, showDetail: false}];
}

// Bars of layers, one below the other, each made of parts: [{label, colour, value(layer)}]; `show` words a value.
function stackedLayers(options) {
  const {layers, parts, show} = options;
  const used = parts().filter((part) => layers.some((layer) => part.value(layer)));
  return {
    legend: {data: used.map((part) => part.label)},
    grid: {left: 8, right: 24, top: 56, bottom: 32, containLabel: true},
    tooltip: {
      trigger: 'axis', axisPointer: {type: 'shadow'},
      formatter: (list) => tooltipText(layers[list[0].dataIndex].name,
          list.filter((one) => one.value).map((one) => [one.seriesName, show(one.value)])),
    },
    xAxis: {type: 'value', name: options.unit, nameLocation: 'middle', nameGap: 28, max: options.max},
    yAxis: {
      type: 'category', inverse: true, data: layers.map((layer) => layer.name),
      axisLabel: {width: 220, overflow: 'truncate', interval: 0},
    },
    dataZoom: sliderOf(layers),
    series: used.map((part) => ({
      name: part.label, type: 'bar', stack: 'all', barWidth: '70%', itemStyle: {color: part.colour},
      data: layers.map((layer) => part.value(layer) || 0),
    })),
  };
}

function heightOfBars(layers) {
  return Math.min(layers.length, mostBars) * barHeight + 110;
}

// {x: operations a byte, y: TOPS} of each layer with products, by the bytes that it moved and the cycles that it took.
function rooflinePoints(result) {
  const clock = result.architecture.clock_mhz * 1e6;
  return result.layers.filter((layer) => layer.useful_macs > 0 && layer.cycles > 0 && layer.dram_bytes.total > 0).map((layer) => ({
    layer,
    x: 2 * layer.useful_macs / layer.dram_bytes.total,
    y: 2 * layer.useful_macs * clock / layer.cycles / 1e12,
    share: layer.cycles / result.totals.cycles,
  }));
}

// The roofs: peak of the bandwidth, and of products for each width that a layer has.
function roofs(result) {
  const tops = result.totals.peak_tops;
  const bits = [...new Set([8, ...result.layers.filter((layer) => layer.useful_macs > 0).map((layer) => layer.mac_bits)])];
  return {
    gbPerS: result.totals.peak_bytes_per_cycle * result.architecture.clock_mhz / 1e3,
    products: bits.sort((a, b) => b - a).map((one) => ({bits: one, tops: tops * 8 / one})),
  };
}

function rooflineOption(result, points, colours) {
  const {gbPerS, products} = roofs(result);
  const decade = (value, up) => Math.pow(10, up ? Math.ceil(Math.log10(value) + 1e-9) : Math.floor(Math.log10(value) - 1e-9));
  const highest = products[products.length - 1].tops;
  const ridge = highest * 1e3 / gbPerS;
  const left = decade(Math.min(ridge, ...points.map((one) => one.x)), false);
  const right = decade(Math.max(ridge, ...points.map((one) => one.x)), true);
  const bottom = decade(Math.min(highest, ...points.map((one) => one.y)), false);
  const slope = (x) => x * gbPerS / 1e3;
  const line = (name, data, colour) => ({
    name, type: 'line', data, symbol: 'none', lineStyle: {color: colour, width: 2}, silent: true,
    endLabel: {show: true, formatter: name, color: colours.text, align: 'right', offset: [0, -18]},
  });
  const start = Math.max(left, bottom * 1e3 / gbPerS);
  return {
    grid: {left: 8, right: 32, top: 36, bottom: 40, containLabel: true},
    tooltip: {
      trigger: 'item',
      formatter: ({data}) => tooltipText(data.name, [
        ['operations per byte', format.number(data.value[0])], ['TOPS', format.number(data.value[1])],
        ['cycles', `${format.cycles(data.cycles)} (${format.percent(data.share)})`], ['moved', format.bytes(data.bytes)],
      ]),
    },
    xAxis: {type: 'log', name: 'operations per byte moved', nameLocation: 'middle', nameGap: 28, min: left, max: right,
      minorSplitLine: {show: true}},
    yAxis: {type: 'log', name: 'TOPS', min: bottom, max: decade(highest, true), minorSplitLine: {show: true}},
    series: [
      line(`${format.number(gbPerS)} GB/s`, [[start, slope(start)], [ridge, highest]], colours.series[1]),
      ...products.map((one) => line(`${format.number(one.tops)} TOPS at ${one.bits} bits`,
          [[one.tops * 1e3 / gbPerS, one.tops], [right, one.tops]], colours.series[3])),
      {
        type: 'scatter', itemStyle: {color: colours.series[0], opacity: 0.75, borderColor: colours.page},
        data: points.map((one) => ({
          name: one.layer.name, value: [one.x, one.y], cycles: one.layer.cycles, share: one.share, bytes: one.layer.dram_bytes.total,
          symbolSize: 8 + 32 * Math.sqrt(one.share),
        })),
      },
    ],
  };
}
