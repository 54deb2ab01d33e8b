// SPDX-License-Identifier: Apache-2.0
// Tells the placement by tensor, and the operations of the tile IR by instruction.
#include "compiler/lower/tensor_map.h"

#include <algorithm>
#include <array>

#include "model/base/error.h"

namespace systole::lower {
namespace {

using Role = program::MappedTensor::Role;

bool contains(const std::vector<graph::TensorId>& ids, graph::TensorId id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

program::WordRange words_of(Range range) { return {range.first, range.count}; }

/// What the network says of the tensor, for `repeat` batches.
program::TensorInfo stated(const graph::QTensor& tensor, uint32_t addr, int64_t repeat) {
  program::TensorInfo info = graph::tensor_info(tensor, addr);
  info.shape = {tensor.n * repeat, tensor.h, tensor.w, tensor.c};
  return info;
}

program::MappedTensor mapped(const graph::QGraph& graph, const graph::QGraph& lowered,
                             const Draft& draft, graph::TensorId id, int64_t repeat) {
  const graph::QTensor& held = lowered.tensors[id];
  const graph::TensorId storage = lowered.storage(id);
  program::MappedTensor t;
  if (contains(graph.inputs, id)) t.role = Role::kInput;
  if (contains(graph.outputs, id)) t.role = Role::kOutput;
  t.info = stated(graph.tensors[id], draft.lowered.tensor_addr[storage], repeat);
  t.type = held.type;
  t.bytes = {held.n, held.h, held.w, held.pixel_bytes()};
  t.repetitions = repeat;
  t.storage = static_cast<size_t>(storage);
  if (held.place)
    t.box = {held.place->h,      held.place->w,      held.place->c,
             held.place->step_h, held.place->step_w, held.place->reshaped};
  t.in_dram = draft.lowered.in_dram[storage];
  const auto is_storage = [&](graph::TensorId end) { return lowered.storage(end) == storage; };
  t.apart = contains(graph.inputs, storage) ||
            std::any_of(graph.outputs.begin(), graph.outputs.end(), is_storage);
  if (const auto& words = draft.placement.resident[id]) t.resident = words_of(*words);
  if (const auto& bands = draft.placement.bands[id]) {
    t.bands.emplace().rows = bands->rows;
    for (const Range& buffer : bands->buffers) t.bands->buffers.push_back(words_of(buffer));
  }
  return t;
}

/// What the instructions of `draft` make. The program has the operations in another order, in which
/// every unit keeps its own.
std::vector<program::MadeValues> made_values(const Draft& draft) {
  std::array<std::vector<OpIndex>, isa::kUnits> by_unit;
  const std::vector<TileOp>& ops = draft.lowered.program.ops;
  for (size_t k = 0; k < ops.size(); ++k)
    by_unit[static_cast<size_t>(unit_of(ops[k].instruction))].push_back(static_cast<OpIndex>(k));
  std::array<size_t, isa::kUnits> next{};
  std::vector<program::MadeValues> made;
  for (const isa::Words& words : draft.program.code) {
    const isa::Header header = isa::Header::decode(words);
    const auto unit = static_cast<size_t>(isa::unit_of(static_cast<isa::Opcode>(header.opcode)));
    const TileOp& op = ops[by_unit[unit].at(next[unit]++)];
    if (encode(op.instruction, {.tag = op.tag, .wait = header.wait, .signal = header.signal}) !=
        words)
      throw internal_error("an instruction is not the operation of its unit");
    made.push_back(op.made);
  }
  return made;
}

}  // namespace

program::TensorMap tensor_map_of(const graph::QGraph& graph, const graph::QGraph& lowered,
                                 const std::vector<Layer>& layers, const Draft& draft,
                                 int64_t repeat) {
  program::TensorMap map;
  for (size_t t = 0; t < graph.tensors.size(); ++t)
    map.tensors.push_back(mapped(graph, lowered, draft, static_cast<graph::TensorId>(t), repeat));
  for (const Layer& layer : layers)
    map.tensors[static_cast<size_t>(layer.out)].layer = layer.op->name;
  map.made = made_values(draft);
  return map;
}

}  // namespace systole::lower
