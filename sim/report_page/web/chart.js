// SPDX-License-Identifier: Apache-2.0
// Charts by ECharts in the colours of the page; drawn anew when those change, when there is another width, and for print.

const charts = [];

function palette() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue('--' + name).trim();
  return {
    page: colour('page'), panel: colour('panel'), line: colour('line'), text: colour('text'), muted: colour('muted'),
    accent: colour('accent'), font: getComputedStyle(document.body).fontFamily, low: colour('low'), high: colour('high'),
    series: Array.from({length: 10}, (_, i) => colour('series-' + (i + 1))),
  };
}

// What all charts have in common, below the options of each.
function withPalette(option, colours) {
  const axis = (one) => ({
    axisLine: {lineStyle: {color: colours.muted}}, nameTextStyle: {color: colours.muted},
    splitLine: {lineStyle: {color: colours.line}}, ...one, axisLabel: {color: colours.text, ...one.axisLabel},
    minorSplitLine: {lineStyle: {color: colours.line, opacity: 0.4}, ...one.minorSplitLine},
  });
  const axes = (list) => list === undefined ? undefined : Array.isArray(list) ? list.map(axis) : axis(list);
  return {
    color: colours.series, backgroundColor: 'transparent', animation: false, textStyle: {color: colours.text, fontFamily: colours.font},
    ...option,
    legend: option.legend && {textStyle: {color: colours.text}, type: 'scroll', top: 0, pageTextStyle: {color: colours.text},
      inactiveColor: colours.line, ...option.legend},
    tooltip: option.tooltip && {backgroundColor: colours.panel, borderColor: colours.line, textStyle: {color: colours.text},
      confine: true, ...option.tooltip},
    xAxis: axes(option.xAxis), yAxis: axes(option.yAxis),
  };
}

// A figure: `options` has label (what a screen reader says), caption, height in pixels, option(colours) of ECharts, renderer,
// clicked(event), and table(), which makes an element with the same figures once somebody wants it.
function makeChart(options) {
  const place = element('div', {class: 'chart', role: 'img', 'aria-label': options.label, style: `height:${options.height}px`});
  const table = element('div');
  const details = element('details', {toggle: () => chart.fill()}, element('summary', {}, 'The figures as a table'), table);
  const chart = {
    node: element('figure', {}, element('figcaption', {}, options.caption), place, details),
    height: options.height, place, details, drawn: null,
    fill() {
      if (details.open) table.replaceChildren(options.table());
    },
    draw() {
      if (!place.isConnected) return;
      if (!chart.drawn) {
        chart.drawn = echarts.init(place, null, {renderer: options.renderer || 'svg'});
        if (options.clicked) chart.drawn.on('click', options.clicked);
      }
      const height = chart.height + 'px';
      if (place.style.height !== height) {
        place.style.height = height;
        chart.drawn.resize();
      }
      chart.drawn.setOption(withPalette(options.option(palette()), palette()), true);
      chart.fill();
    },
  };
  charts.push(chart);
  return chart;
}

// Of charts that have left the page.
function forgetCharts() {
  for (const chart of charts.splice(0)) {
    if (chart.place.isConnected || !chart.drawn) charts.push(chart);
    else chart.drawn.dispose();
  }
}

function drawCharts() {
  for (const chart of charts) chart.draw();
}

function followWidthAndColours() {
  let width = window.innerWidth;
  window.addEventListener('resize', () => {
    if (window.innerWidth === width) return;
    width = window.innerWidth;
    for (const chart of charts) if (chart.drawn) chart.drawn.resize();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawCharts);
  const root = document.documentElement;
  const button = document.getElementById('scheme');
  const isDark = () => root.dataset.scheme ? root.dataset.scheme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  const show = () => button.setAttribute('aria-pressed', String(isDark()));
  button.addEventListener('click', () => {
    root.dataset.scheme = isDark() ? 'light' : 'dark';
    show();
    drawCharts();
  });
  show();
  // Paper is white, and shows every table.
  let before;
  window.addEventListener('beforeprint', () => {
    before = root.dataset.scheme;
    root.dataset.scheme = 'light';
    for (const chart of charts) chart.details.open = true;
    drawCharts();
    for (const chart of charts) if (chart.drawn) chart.drawn.resize({width: 680});
  });
  window.addEventListener('afterprint', () => {
    if (before) root.dataset.scheme = before;
    else delete root.dataset.scheme;
    drawCharts();
    for (const chart of charts) if (chart.drawn) chart.drawn.resize({width: 'auto'});
  });
}
