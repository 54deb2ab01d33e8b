// SPDX-License-Identifier: Apache-2.0
// ONNX Runtime behind a pipe: reads networks with their inputs from standard input, answers with the outputs.
//
// A message either way: uint32 length (little endian), so many bytes of JSON, then the bytes it speaks of, in its order.
//   asked:    {model: bytes, feeds: [{name, type, dims, bytes}]}
//   answered: {outputs: [{name, type, dims, bytes}]} or {error: text}
// Optimisations of graphs are off: with them ONNX Runtime rounds networks that state their scales differently.
import fs from 'node:fs';
import {createRequire} from 'node:module';

const folder = process.argv[2];  // the one that holds node_modules
const ort = createRequire(folder + '/')('onnxruntime-node');

const ARRAYS = {
  float32: Float32Array, float64: Float64Array, float16: Uint16Array, int8: Int8Array, uint8: Uint8Array, int16: Int16Array,
  uint16: Uint16Array, int32: Int32Array, uint32: Uint32Array, int64: BigInt64Array, uint64: BigUint64Array, bool: Uint8Array,
};

/** The next `count` bytes; null at the end of the input. */
function read(count) {
  const buffer = Buffer.alloc(count);
  for (let have = 0; have < count;) {
    const got = fs.readSync(0, buffer, have, count - have, null);
    if (got === 0) return null;
    have += got;
  }
  return buffer;
}

function write(buffer) {
  for (let done = 0; done < buffer.length;) done += fs.writeSync(1, buffer, done);
}

function answer(header, payloads = []) {
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  write(Buffer.concat([length, text, ...payloads]));
}

function tensor(feed, bytes) {
  const array = ARRAYS[feed.type];
  const copy = new ArrayBuffer(bytes.length);  // aligned
  new Uint8Array(copy).set(bytes);
  return new ort.Tensor(feed.type, new array(copy), feed.dims);
}

async function run(model, feeds) {
  const session = await ort.InferenceSession.create(
      model, {graphOptimizationLevel: 'disabled', intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 4});
  try {
    const results = await session.run(feeds);
    const outputs = [], payloads = [];
    for (const name of session.outputNames) {
      const {type, dims, data} = results[name];
      const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
      outputs.push({name, type, dims, bytes: bytes.length});
      payloads.push(Buffer.from(bytes));
    }
    return [{outputs}, payloads];
  } finally {
    await session.release();
  }
}

for (;;) {
  const length = read(4);
  if (length === null) break;
  const header = JSON.parse(read(length.readUInt32LE()).toString());
  const model = read(header.model);
  const feeds = {};
  for (const feed of header.feeds) feeds[feed.name] = tensor(feed, read(feed.bytes));
  try {
    answer(...await run(model, feeds));
  } catch (error) {
    answer({error: String(error.message ?? error)});
  }
}
