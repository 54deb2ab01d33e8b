// SPDX-License-Identifier: Apache-2.0
// Synthesises units of the core with Yosys and prints their FPGA resources.
// usage: node fpga.mjs YOSYS_PACKAGE_DIR RTL_DIR PARAMS(json) TOP...
import { elaborate, loadYosys, readSources } from './yosys.mjs';

const [packageDir, rtlDir, paramsText, ...tops] = process.argv.slice(2);
const run = await loadYosys(packageDir);
const sources = readSources(rtlDir);
const params = JSON.parse(paramsText);

// Cells of synth_xilinx (7 series) by the resource they take; RAMB18 is half a RAMB36.
const kinds = [
  ['LUT', (cell) => /^LUT[1-6]$/.test(cell) ? 1 : 0],
  ['LUTRAM', (cell) => /^RAM(32|64|128|256)/.test(cell) ? 1 : /^SRL/.test(cell) ? 1 : 0],
  ['FF', (cell) => /^FD[CPRS]E/.test(cell) ? 1 : 0],
  ['DSP', (cell) => /^DSP48/.test(cell) ? 1 : 0],
  ['BRAM36', (cell) => /^RAMB36/.test(cell) ? 1 : /^RAMB18/.test(cell) ? 0.5 : 0],
];

/** Cell counts of `top` after synthesis. */
async function synthesise(top) {
  const out = await run(top, [...elaborate(sources, top, params),
    'synth_xilinx -family xc7 -flatten -noiopad -run begin:check', 'tee -q -o stat.json stat -json'], sources);
  return JSON.parse(out('stat.json')).design.num_cells_by_type;
}

console.log(`synth_xilinx (7 series), ${Object.entries(params).map(([k, v]) => `${k}=${v}`).join(' ')}`);
console.log(['unit'.padEnd(16), ...kinds.map(([name]) => name.padStart(9))].join(''));
for (const top of tops) {
  const cells = await synthesise(top);
  const sums = kinds.map(([, weigh]) => Object.entries(cells).reduce((sum, [cell, count]) => sum + weigh(cell) * count, 0));
  console.log([top.padEnd(16), ...sums.map((value) => String(value).padStart(9))].join(''));
}
