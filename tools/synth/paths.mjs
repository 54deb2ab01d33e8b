// SPDX-License-Identifier: Apache-2.0
// The longest path of units of a small core (8x8, AXI_BITS=64), in simple gates between flip-flops: configs/clocks/core.yaml.
// Memories are left out: what is read from one begins there.
// usage: node --stack-size=65000 tools/synth/paths.mjs "$(tools/synth.sh --install)" rtl UNIT...
import { elaborate, loadYosys, readSources } from './yosys.mjs';

const [packageDir, rtlDir, ...units] = process.argv.slice(2);
const run = await loadYosys(packageDir);
const sources = readSources(rtlDir);
const small = { ROWS: 8, COLS: 8, UB_KIB: 16, UB_BANKS: 4, WB_TILES: 4, ACC_ROWS: 64, PB_ROWS: 16, AXI_BITS: 64, BURST_BEATS: 4,
  OUTSTANDING: 4, QUEUE_DEPTH: 4 };
const mapping = ['proc', 'opt_expr', 'opt_clean', 'opt -nodffe -nosdff', 'fsm', 'opt', 'wreduce', 'peepopt', 'opt_clean',
  'alumacc', 'opt', 'memory -nomap', 'opt_clean', 'opt -fast -full', 'techmap', 'opt -fast',
  'abc -fast -g AND,NAND,OR,NOR,XOR,XNOR,MUX,AOI3,OAI3', 'opt_clean', 'tee -q -o path.txt ltp -noff'];

const out = await run('sys_core', [...elaborate(sources, 'sys_core', small), 'write_rtlil core.il'], sources);
const core = out('core.il');
for (const unit of units) {
  const modules = [...core.matchAll(new RegExp(`^module \\S*\\\\${unit}(?:\\\\\\S*)?\\n[\\s\\S]*?\\nend$`, 'gm'))];
  if (modules.length === 0) throw new Error(`the core has no unit ${unit}`);
  for (const [text] of modules) {
    const mapped = await run(unit, ['read_rtlil module.il', ...mapping], { 'module.il': `autoidx 100000\n${text}\n` });
    console.log(`${unit.padEnd(18)} ${/length=(\d+)/.exec(mapped('path.txt'))[1].padStart(5)} levels`);
  }
}
