// SPDX-License-Identifier: Apache-2.0
// What units and memory did over the time of a run, or of one layer: a strip for each unit, and the traffic below.

const stripHeight = 34, stripGap = 10, plotHeight = 96, plotsTop = 60, plotsLeft = 190;

const windowName = (window, windows) => window.name !== '' ? window.name :
    windows.filter((one) => one.name === '').length > 1 ? `stage ${window.stage}` : 'the whole run';
const stepsOf = (window) => window.read_bytes.length;
const stepFrom = (window, i) => window.from + i * window.step;
const stepTo = (window, i) => Math.min(window.to, stepFrom(window, i) + window.step);
const perSecond = (window, bytes, i, clock) => bytes[i] / (stepTo(window, i) - stepFrom(window, i)) * clock / 1e3;
const hitRate = (window, i) => window.accesses[i] > 0 ? window.row_hits[i] / window.accesses[i] : null;

function heightOfTime(window) {
  return plotsTop + units.length * (stripHeight + stripGap) + (window.accesses ? 2 : 1) * (plotHeight + 40) + 24;
}

// The plots, one below the other: [{label, height, series, max}]; a series lacks the numbers of its axes.
function timePlots(window, clock, colours) {
  const steps = Array.from({length: stepsOf(window)}, (_, i) => i);
  const plots = units.map((unit) => ({
    label: unitWords[unit], height: stripHeight, max: 1,
    series: Object.keys(causeColours).filter((cause) => window.units[unit][cause]).map((cause) => ({
      type: 'bar', stack: unit, name: cause, barCategoryGap: '0%', itemStyle: {color: causeColours[cause](colours)},
      data: steps.map((i) => window.units[unit][cause][i] / (stepTo(window, i) - stepFrom(window, i))),
    })),
  }));
  const line = (name, colour, data) => ({type: 'line', step: 'middle', name, symbol: 'none', lineStyle: {color: colour, width: 1.5}, itemStyle: {color: colour}, data});
  plots.push({label: 'bandwidth, GB/s', height: plotHeight, series: [
    line('read', colours.series[0], steps.map((i) => perSecond(window, window.read_bytes, i, clock))),
    line('written', colours.series[1], steps.map((i) => perSecond(window, window.write_bytes, i, clock)))]});
  if (window.accesses)
    plots.push({label: 'row hits', height: plotHeight, max: 1, series: [line('row hits', colours.series[2], steps.map((i) => hitRate(window, i)))]});
  return plots;
}

function timeOption(window, clock, colours) {
  const plots = timePlots(window, clock, colours);
  const labels = Array.from({length: stepsOf(window)}, (_, i) => format.cycles(stepFrom(window, i)));
  let top = plotsTop;
  const grid = plots.map((plot) => {
    const place = {left: plotsLeft, right: 24, top, height: plot.height, outerBoundsMode: 'none'};
    top += plot.height + (plot.height === stripHeight ? stripGap : 40);
    return place;
  });
  const used = [...new Set(plots.flatMap((plot) => plot.series.map((one) => one.name)))];
  return {
    legend: {data: used}, grid,
    axisPointer: {link: [{xAxisIndex: 'all'}]},
    tooltip: {
      trigger: 'axis', axisPointer: {type: 'shadow'},
      formatter: (list) => {
        const i = list[0].dataIndex, plot = plots[list[0].axisIndex];
        const show = plot.max === 1 ? format.percent : (value) => `${format.number(value)} GB/s`;
        return tooltipText(`${plot.label}, cycles ${format.cycles(stepFrom(window, i))} to ${format.cycles(stepTo(window, i) - 1)}`,
            list.filter((one) => one.value).map((one) => [one.seriesName, show(one.value)]));
      },
    },
    xAxis: plots.map((plot, i) => ({
      type: 'category', gridIndex: i, data: labels, axisTick: {show: false}, splitLine: {show: false},
      axisLabel: {show: plot.height !== stripHeight}, name: i === plots.length - 1 ? 'cycle' : '', nameLocation: 'middle', nameGap: 26,
    })),
    yAxis: plots.map((plot, i) => ({
      type: 'value', gridIndex: i, max: plot.max, name: plot.label, nameLocation: 'middle', nameRotate: 0, nameGap: 44, splitNumber: 2,
      nameTextStyle: {width: 160, overflow: 'break'}, axisLabel: {show: plot.height !== stripHeight}, splitLine: {show: plot.height !== stripHeight, lineStyle: {color: colours.line}},
    })),
    series: plots.flatMap((plot, i) => plot.series.map((one) => ({...one, xAxisIndex: i, yAxisIndex: i}))),
  };
}

// A row for each step: its cycles, what each unit did longest, and the traffic.
function timeTable(window, clock) {
  const longest = (unit) => (i) => {
    const own = Object.entries(window.units[unit]).map(([cause, cycles]) => [cause, cycles[i]]).sort((a, b) => b[1] - a[1])[0];
    return `${own[0]} ${format.percent(own[1] / (stepTo(window, i) - stepFrom(window, i)))}`;
  };
  const columns = [
    {key: 'from', label: 'from cycle', value: (i) => stepFrom(window, i), show: format.cycles},
    {key: 'to', label: 'to before', value: (i) => stepTo(window, i), show: format.cycles},
    ...units.map((unit) => ({key: unit, label: unit, text: true, title: `what the ${unitWords[unit]} did longest`, value: longest(unit)})),
    {key: 'read', label: 'read', value: (i) => window.read_bytes[i], show: format.bytes},
    {key: 'written', label: 'written', value: (i) => window.write_bytes[i], show: format.bytes},
  ];
  if (window.accesses) columns.push({key: 'row_hits', label: 'row hits', value: (i) => hitRate(window, i), show: format.percent});
  return makeTable({caption: 'Steps of time', pageSize: 1000, columns, rows: Array.from({length: stepsOf(window)}, (_, i) => i), filter: false}).node;
}

function addOverTime(windows, clock) {
  let window = windows[0];
  const note = element('p', {class: 'note'});
  const chart = makeChart({
    label: 'What each unit did over time, by cause, and the bytes that crossed the DRAM bus', height: heightOfTime(window),
    caption: 'Shares of the cycles of each step of time. A layer is shown from the first cycle that belongs to it to the last, with whatever else went on.',
    option: (colours) => timeOption(window, clock, colours), table: () => timeTable(window, clock),
  });
  const show = () => {
    note.textContent = `Cycles ${format.cycles(window.from)} to ${format.cycles(window.to - 1)}, in steps of ${format.cycles(window.step)}.`;
    chart.height = heightOfTime(window);
    chart.draw();
  };
  addSection('time', 'Over time', element('div', {class: 'controls'},
      choice('Of', windows.map((one, i) => ({value: String(i), label: windowName(one, windows)})), '0', (value) => { window = windows[Number(value)]; show(); })),
  note, chart.node);
  show();
}
