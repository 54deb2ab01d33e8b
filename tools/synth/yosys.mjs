// SPDX-License-Identifier: Apache-2.0
// Yosys (WebAssembly build) on the core's RTL: the sources in order, and scripts run on them.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const text = (bytes) => typeof bytes === 'string' ? bytes : new TextDecoder().decode(bytes);

/** The sources by name, packages first, the ISA before those that use it. */
export function readSources(rtlDir) {
  const names = readdirSync(rtlDir).filter((name) => name.endsWith('.sv')).sort();
  const packages = names.filter((name) => name.endsWith('_pkg.sv'));
  const order = ['sys_isa_pkg.sv', ...packages.filter((name) => name !== 'sys_isa_pkg.sv'),
    ...names.filter((name) => !name.endsWith('_pkg.sv'))];
  return Object.fromEntries(order.map((name) => [name, readFileSync(join(rtlDir, name))]));
}

export async function loadYosys(packageDir) {
  const { runYosys } = await import(pathToFileURL(join(packageDir, 'gen/bundle.js')));
  /** Runs the lines of a script on files; returns the files that it wrote. `what` names it in errors. */
  return async function run(what, lines, files) {
    let log = '';
    const keep = (bytes) => { if (bytes) log += text(bytes); };
    try {
      const out = await runYosys(['-q', 'run.ys'], { ...files, 'run.ys': lines.filter(Boolean).join('\n') },
        { stdout: keep, stderr: keep });
      return (name) => text(out[name]);
    } catch (error) {
      const lines = log.split('\n').filter((line) => /ERROR|error/.test(line)).join(' ');
      throw new Error(`yosys refuses ${what}: ${lines || error}`);
    }
  };
}

/** The configuration of units that take it whole: the defaults of sys_cfg_pkg, 32 bits a field, with `params` in place. */
export function configBits(sources, params) {
  const fields = [...text(sources['sys_cfg_pkg.sv']).matchAll(/32'd(\d+),? +\/\/ (\w+)/g)];
  return `${32 * fields.length}'h` +
    fields.map(([, value, name]) => Number(params[name] ?? value).toString(16).padStart(8, '0')).join('');
}

/** The script's beginning: reads all sources and elaborates `top`; parameters that it lacks are left out. */
export function elaborate(sources, top, params) {
  const source = text(sources[`${top}.sv`]);
  const used = /parameter sys_cfg_pkg::cfg_t CFG\b/.test(source) ? [['CFG', configBits(sources, params)]] :
    Object.entries(params).filter(([name]) => new RegExp(`parameter[^;)]*\\b${name}\\b`).test(source));
  return [
    `read_verilog -sv -DSYNTHESIS ${Object.keys(sources).join(' ')}`,
    used.length ? `chparam ${used.map(([name, value]) => `-set ${name} ${value}`).join(' ')} ${top}` : '',
    `hierarchy -check -top ${top}`,
  ];
}
