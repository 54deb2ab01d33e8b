// SPDX-License-Identifier: Apache-2.0
// One chart as a picture, in Node.js: behind the other scripts of the page, `input` has data, chart, and the page's style.
// Writes chart.svg; status 3 where there is no such chart, with the names of those that there are.

// The palette of light, as the style has it first.
function lightPalette(style) {
  const found = new Map([...style.matchAll(/--([a-z0-9-]+): (#[0-9a-f]+);/g)].reverse().map(([, name, colour]) => [name, colour]));
  const colour = (name) => found.get(name);
  return {
    page: colour('page'), panel: colour('panel'), line: colour('line'), text: colour('text'), muted: colour('muted'),
    accent: colour('accent'), low: colour('low'), high: colour('high'), font: 'DejaVu Sans, sans-serif',
    series: Array.from({length: 10}, (_, i) => colour('series-' + (i + 1))),
  };
}

// {name: () => [option, height]} of the charts that `data` has.
function slides(data, colours) {
  const bars = (layers, parts, show, unit) => [stackedLayers({layers, parts: () => parts, show, unit}), heightOfBars(layers)];
  const made = {};
  if (data.kind === 'run' && data.result.layers.length > 0) {
    const {result} = data;
    const points = rooflinePoints(result);
    if (points.length > 0) made.roofline = () => [rooflineOption(result, points, colours), 540];
    const cycles = (cause) => (layer) => layer.unit_cycles.mxu[cause] || 0;
    made.causes = () => bars(result.layers, causeParts(colours, cycles), format.cycles, 'cycles');
    if (data.over_time && data.over_time.length > 0)
      made.time = () => [timeOption(data.over_time[0], result.architecture.clock_mhz, colours), heightOfTime(data.over_time[0])];
    made.memory = () => bars(result.layers, byteParts(colours), format.bytes, 'bytes');
    if (result.energy) made.energy = () => bars(result.energy.layers, energyParts(result.energy, colours), format.number, 'µJ');
  } else if (data.kind === 'comparison' && data.layers.length > 0) {
    const rows = comparedLayers(data);
    made.cycles = () => [sideBySideOption(data, rows, colours), heightOfSideBySide(data, rows)];
    const both = rows.filter((row) => row.layers[0] && row.layers[1]);
    made.causes = () => bars(both, causeParts(colours, causeChange('mxu', 1)), format.signed, 'cycles');
  } else if (data.kind === 'layers') {
    made.layers = () => [likenessOption(data.result.layers, colours), heightOfLikeness(data.result.layers)];
  } else if (data.kind === 'points') {
    const page = pointsPage(data);
    const map = heatState(page);
    if (page.figures.length > 1) made.front = () => [frontOption(frontView(page, frontState(page), page.all), colours), 540];
    if (map !== null) {
      const view = heatView(page, map, page.all);
      made.map = () => [heatOption(view, colours), heightOfHeat(view)];
    }
    if (data.break_even && data.break_even.rows.length > 0)
      made['break-even'] = () => [breakEvenOption(page, data.break_even, colours), heightOfBreakEven(data.break_even)];
  }
  return made;
}

const slideColours = lightPalette(input.style);
const slidesThere = slides(input.data, slideColours);
if (!Object.hasOwn(slidesThere, input.chart)) {
  console.log(Object.keys(slidesThere).join(', '));
  process.exit(3);
} else {
  const [option, height] = slidesThere[input.chart]();
  const drawn = echarts.init(null, null, {renderer: 'svg', ssr: true, width: 960, height});
  // On a slide nobody moves what does not fit.
  drawn.setOption({...withPalette({...option, dataZoom: undefined}, slideColours), backgroundColor: slideColours.page});
  // Many programs that show SVG do not know where a text's middle is.
  const svg = drawn.renderToSVGString().replace(/dominant-baseline="central"/g, 'dy="0.35em"');
  require('fs').writeFileSync('chart.svg', svg);
  process.exit(0);  // the library's clock would go on
}
