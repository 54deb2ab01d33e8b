// SPDX-License-Identifier: Apache-2.0
// Counts the gates of the core module by module: Yosys elaborates it, each module is mapped to simple gates by itself.
// Modules that are equal, whatever configuration they come from, are mapped once and kept in CACHE_DIR.
// A module counts for the part that PARTS names it or, where it does not, for that of what instantiates it.
// usage: node gates.mjs YOSYS_PACKAGE_DIR RTL_DIR CACHE_DIR PARTS(json) TOP PARAMS(json)...  (one line of JSON for each PARAMS)
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { elaborate, loadYosys, readSources } from './yosys.mjs';

const [packageDir, rtlDir, cacheDir, partsText, top, ...configs] = process.argv.slice(2);
const parts = JSON.parse(partsText);
const version = JSON.parse(readFileSync(join(packageDir, 'package.json'))).version;
const run = await loadYosys(packageDir);
const sources = readSources(rtlDir);
mkdirSync(cacheDir, { recursive: true });

const abc = ['opt -fast', 'abc -g AND,NAND,OR,NOR,XOR,XNOR,MUX,AOI3,OAI3', 'opt_clean', 'tee -q -o stat.json stat -json'];
// Memories stay memories (memory -nomap) and are told by their ports; multipliers are mapped by themselves, once for each
// size; all else becomes simple gates and flip-flops.
const mapping = ['proc', 'opt_expr', 'opt_clean', 'opt -nodffe -nosdff', 'fsm', 'opt', 'wreduce', 'peepopt', 'opt_clean',
  'alumacc t:* t:$mul %d', 'opt', 'memory -nomap', 'opt_clean', 'opt -fast -full', 'tee -q -o words.txt dump t:$mem_v2 t:$mul',
  'techmap t:* t:$mul %d', ...abc];
const multiplier = ['techmap', ...abc];

/** Modules of RTLIL text by name, without where they stand in the sources. */
function modulesOf(il) {
  const modules = new Map();
  let name = '', lines = [];
  for (const line of il.split('\n')) {
    if (/^\s*attribute \\(src|hdlname|dynports|cells_not_processed)/.test(line) || line.startsWith('#')) continue;
    if (line.startsWith('module ')) [name, lines] = [line.slice(7), []];
    lines.push(line);
    if (line === 'end') modules.set(name, lines.join('\n'));
  }
  return modules;
}

/** [type, ...] of the modules that a module instantiates. */
const children = (text, modules) => [...text.matchAll(/^ {2}cell (\S+) /gm)].map((match) => match[1]).filter((type) => modules.has(type));

/** What a module is, whatever Yosys numbers and how it orders its lines; modules below by what they are. */
function identities(modules) {
  const known = new Map();
  const identify = (name) => {
    if (known.has(name)) return known.get(name);
    let text = modules.get(name);
    for (const child of new Set(children(text, modules))) text = text.replaceAll(`cell ${child} `, `cell ${identify(child)} `);
    const lines = text.replaceAll(name, 'SELF').replace(/\$\d+/g, '$').split('\n').sort().join('\n');
    known.set(name, createHash('sha256').update(`${version}\n${mapping.join('\n')}\n${lines}`).digest('hex').slice(0, 24));
    return known.get(name);
  };
  for (const name of modules.keys()) identify(name);
  return known;
}

/** Parameters of the cells of a type in a dump of RTLIL. */
function cellsOf(type, dump) {
  return [...dump.matchAll(new RegExp(`cell \\${type} (\\S+)([\\s\\S]*?)\\n\\s*end\\b`, 'g'))].map(([, name, body]) => ({
    name,
    connected: (port) => new RegExp(`connect \\\\${port} (.*)`).exec(body)[1],
    bits: (key) => new RegExp(`parameter (?:signed )?\\\\${key} (\\S+)`).exec(body)[1],
    number(key) {
      const value = this.bits(key);
      return value.includes("'") ? parseInt(value.split("'")[1], 2) : Number(value);
    },
  }));
}

/** Read ports at a constant address: of memories that are plain registers. */
function fixedReads(cell) {
  if (cell.number('SIZE') === 1) return cell.number('RD_PORTS');
  const constants = [...cell.connected('RD_ADDR').matchAll(/(?<!\[)\b(\d+)'/g)];
  return Math.floor(constants.reduce((sum, [, width]) => sum + Number(width), 0) / cell.number('ABITS'));
}

/** Words, bits and ports of memories. */
const memoriesOf = (dump) => cellsOf('$mem_v2', dump).map((cell) => ({
  name: cell.name.slice(cell.name.lastIndexOf('.') + 1).replace('\\', ''), words: cell.number('SIZE'), width: cell.number('WIDTH'),
  reads: cell.number('RD_PORTS') - fixedReads(cell), clocked: /'1+$/.test(cell.bits('RD_CLK_ENABLE')), writes: cell.number('WR_PORTS'),
}));

/** Runs a script on a module, or takes what it gave before. `finish` makes the result. */
async function mapped(identity, name, text, script, finish) {
  const file = join(cacheDir, `${identity}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file));
  const begin = Date.now();
  const out = await run(name, ['read_rtlil module.il', ...script], { 'module.il': `autoidx 100000\n${text}\n` });
  const result = finish(Object.values(JSON.parse(out('stat.json')).modules)[0].num_cells_by_type, out);
  console.error(`${name}: ${((Date.now() - begin) / 1000).toFixed(1)} s`);
  writeFileSync(`${file}.part`, JSON.stringify(result));
  renameSync(`${file}.part`, file);
  return result;
}

/** Simple gates of a multiplier. */
function mapProduct(cell) {
  const [a, b, y] = ['A_WIDTH', 'B_WIDTH', 'Y_WIDTH'].map((key) => cell.number(key));
  const signs = ['A_SIGNED', 'B_SIGNED'].map((key) => cell.number(key));
  const name = `multiplier_${a}x${b}_${y}${signs[0] ? '_signed' : ''}`;
  const text = `module \\top
  wire width ${a} input 1 \\a
  wire width ${b} input 2 \\b
  wire width ${y} output 3 \\y
  cell $mul \\product
    parameter \\A_WIDTH ${a}
    parameter \\B_WIDTH ${b}
    parameter \\Y_WIDTH ${y}
    parameter \\A_SIGNED ${signs[0]}
    parameter \\B_SIGNED ${signs[1]}
    connect \\A \\a
    connect \\B \\b
    connect \\Y \\y
  end
end`;
  return mapped(`${name}-${version}`, name, text, multiplier, (cells) => cells);
}

async function mapModule(name, text, identity) {
  const { cells, words } = await mapped(identity, name.replace(/^.*\\(?=sys)/, ''), text, mapping, (found, out) => ({
    cells: found, words: out('words.txt') }));
  const sum = Object.fromEntries(Object.entries(cells).filter(([type]) => type.startsWith('$_')));
  for (const product of cellsOf('$mul', words))
    for (const [type, count] of Object.entries(await mapProduct(product))) sum[type] = (sum[type] ?? 0) + count;
  return { cells: sum, memories: memoriesOf(words) };
}

for (const config of configs) {
  const params = JSON.parse(config);
  const out = await run(top, [...elaborate(sources, top, params), 'write_rtlil core.il'], sources);
  const modules = modulesOf(out('core.il'));
  const ids = identities(modules);
  const root = [...modules.keys()].find((name) => name === `\\${top}` || name.endsWith(`\\${top}`) || name.includes(`\\${top}\\`));
  const count = new Map();  // by part and name
  const visit = (name, above) => {
    const part = parts[/sys_\w+/.exec(name)[0]] ?? above;
    const key = `${part} ${name}`;
    count.set(key, { part, name, instances: (count.get(key)?.instances ?? 0) + 1 });
    for (const child of children(modules.get(name), modules)) visit(child, part);
  };
  visit(root, top);
  const result = [];
  for (const { part, name, instances } of count.values())
    result.push({ part, module: /sys_\w+/.exec(name)[0], instances, ...await mapModule(name, modules.get(name), ids.get(name)) });
  console.log(JSON.stringify({ params, modules: result }));
}
