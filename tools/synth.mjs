// SPDX-License-Identifier: Apache-2.0
// Synthesises units of the core with Yosys (WebAssembly build) and prints their FPGA resources.
// usage: node synth.mjs YOSYS_PACKAGE_DIR RTL_DIR PARAMS(json) TOP...
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [packageDir, rtlDir, paramsText, ...tops] = process.argv.slice(2);
const { runYosys } = await import(pathToFileURL(join(packageDir, 'gen/bundle.js')));
const params = JSON.parse(paramsText);

const names = readdirSync(rtlDir).filter((name) => name.endsWith('.sv')).sort();
// Packages come first, the ISA before those that use it.
const packages = names.filter((name) => name.endsWith('_pkg.sv'));
const order = ['sys_isa_pkg.sv', ...packages.filter((name) => name !== 'sys_isa_pkg.sv'),
  ...names.filter((name) => !name.endsWith('_pkg.sv'))];
const files = Object.fromEntries(order.map((name) => [name, readFileSync(join(rtlDir, name))]));

// The configuration of units that take it whole: the defaults of sys_cfg_pkg, 32 bits a field, with `params` in place.
const fields = [...new TextDecoder().decode(files['sys_cfg_pkg.sv']).matchAll(/32'd(\d+),? +\/\/ (\w+)/g)];
const config = `${32 * fields.length}'h` +
  fields.map(([, value, name]) => Number(params[name] ?? value).toString(16).padStart(8, '0')).join('');

// Cells of synth_xilinx (7 series) by the resource they take; RAMB18 is half a RAMB36.
const kinds = [
  ['LUT', (cell) => /^LUT[1-6]$/.test(cell) ? 1 : 0],
  ['LUTRAM', (cell) => /^RAM(32|64|128|256)/.test(cell) ? 1 : /^SRL/.test(cell) ? 1 : 0],
  ['FF', (cell) => /^FD[CPRS]E/.test(cell) ? 1 : 0],
  ['DSP', (cell) => /^DSP48/.test(cell) ? 1 : 0],
  ['BRAM36', (cell) => /^RAMB36/.test(cell) ? 1 : /^RAMB18/.test(cell) ? 0.5 : 0],
];

/** Cell counts of `top` after synthesis; parameters that the module lacks are left out, one that takes CFG has all. */
async function synthesise(top) {
  const source = new TextDecoder().decode(files[`${top}.sv`]);
  const used = /parameter sys_cfg_pkg::cfg_t CFG\b/.test(source) ? [['CFG', config]] : Object.entries(params).filter(([name]) => new RegExp(`parameter[^;)]*\\b${name}\\b`).test(source));
  const chparam = used.map(([name, value]) => `-set ${name} ${value}`).join(' ');
  const script = [
    `read_verilog -sv -DSYNTHESIS ${order.join(' ')}`,
    used.length ? `chparam ${chparam} ${top}` : '',
    `hierarchy -check -top ${top}`,
    `synth_xilinx -family xc7 -flatten -noiopad -run begin:check`,
    'tee -q -o stat.json stat -json',
  ].filter(Boolean).join('\n');
  let log = '';
  const keep = (bytes) => { if (bytes) log += new TextDecoder().decode(bytes); };
  try {
    const out = await runYosys(['-q', 'run.ys'], { ...files, 'run.ys': script }, { stdout: keep, stderr: keep });
    return JSON.parse(typeof out['stat.json'] === 'string' ? out['stat.json'] : new TextDecoder().decode(out['stat.json'])).design.num_cells_by_type;
  } catch (error) {
    throw new Error(`yosys refuses ${top}: ${log.split('\n').filter((line) => /ERROR|error/.test(line)).join(' ') || error}`);
  }
}

console.log(`synth_xilinx (7 series), ${Object.entries(params).map(([k, v]) => `${k}=${v}`).join(' ')}`);
console.log(['unit'.padEnd(16), ...kinds.map(([name]) => name.padStart(9))].join(''));
for (const top of tops) {
  const cells = await synthesise(top);
  const sums = kinds.map(([, weigh]) => Object.entries(cells).reduce((sum, [cell, count]) => sum + weigh(cell) * count, 0));
  console.log([top.padEnd(16), ...sums.map((value) => String(value).padStart(9))].join(''));
}
