// SPDX-License-Identifier: Apache-2.0
// Lowers anew for each repetition, and leaves out loads of what is there.
#include "compiler/lower/repeat.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "model/arch/nest.h"
#include "model/base/error.h"

namespace systole::lower {
namespace {

constexpr int64_t kNothing = -1;

/// Which bytes of DRAM stand in the parameter buffer, the tables and the codebook.
class Kept {
 public:
  explicit Kept(const isa::HwParams& hw)
      : row_bytes_(arch::Geometry(hw).pb_row_bytes),
        rows_(static_cast<size_t>(hw.pb_rows), kNothing),
        tables_(arch::kTables, kNothing) {}

  /// Whether `instruction` loads what is there; else it is there from now on.
  bool holds(const isa::AnyInstruction& instruction) {
    if (const auto* load = std::get_if<isa::LoadCodebook>(&instruction))
      return std::exchange(codebook_, load->dram_addr) == load->dram_addr;
    const auto* load = std::get_if<isa::LoadParam>(&instruction);
    if (load == nullptr) return false;
    std::vector<int64_t>& slots = load->target ? tables_ : rows_;
    const int64_t step = load->target ? arch::kTableBytes : row_bytes_;
    bool all = true;
    for (int64_t i = 0; i < load->count; ++i) {
      const int64_t from = load->dram_addr + i * step;
      all &= std::exchange(slots.at(static_cast<size_t>(load->row + i)), from) == from;
    }
    return all;
  }

 private:
  const int64_t row_bytes_;
  std::vector<int64_t> rows_, tables_;  ///< DRAM address of what a slot holds
  int64_t codebook_ = kNothing;
};

/// The first load_weights, if all others load the same and its tiles can stay.
OpIndex lone_weights(const TileProgram& program, const isa::HwParams& hw) {
  const arch::Geometry geometry(hw);
  OpIndex found = kNoOp;
  for (size_t k = 0; k < program.ops.size(); ++k) {
    const isa::AnyInstruction& instruction = program.ops[k].instruction;
    if (std::holds_alternative<isa::LoadWeights>(instruction)) {
      if (found == kNoOp) found = static_cast<OpIndex>(k);
      if (instruction != program.ops[found].instruction) return kNoOp;
    }
    if (const auto* matmul = std::get_if<isa::Matmul>(&instruction))
      if (matmul->kh * matmul->kw * geometry.grouped(matmul->structured).groups(matmul->channels) >
          hw.wb_tiles)
        return kNoOp;
  }
  return found;
}

/// The ring gives tiles in the order in which they came, so weights stay of a network that has no
/// more than one load of them: each matmul but the last keeps them for the next.
std::vector<bool> keep_weights(RepeatedNetwork& network, const isa::HwParams& hw) {
  TileProgram& program = network.lowered.program;
  std::vector<bool> dropped(program.ops.size());
  const OpIndex weights = lone_weights(program, hw);
  if (weights == kNoOp) return dropped;
  isa::Matmul* last = nullptr;
  for (size_t k = 0; k < program.ops.size(); ++k) {
    TileOp& op = program.ops[k];
    if (std::holds_alternative<isa::LoadWeights>(op.instruction))
      dropped[k] = static_cast<OpIndex>(k) != weights;
    auto* matmul = std::get_if<isa::Matmul>(&op.instruction);
    if (matmul == nullptr) continue;
    op.weights = weights;
    matmul->keep = true;
    last = matmul;
  }
  if (last != nullptr) last->keep = false;
  return dropped;
}

/// Takes the operations out that are `dropped`.
void drop(const std::vector<bool>& dropped, RepeatedNetwork& network) {
  TileProgram& program = network.lowered.program;
  std::vector<OpIndex> place(program.ops.size());  // of what is left, or comes next
  std::vector<TileOp> left;
  for (size_t k = 0; k < program.ops.size(); ++k) {
    place[k] = static_cast<OpIndex>(left.size());
    if (!dropped[k]) left.push_back(program.ops[k]);
  }
  for (TileOp& op : left)
    if (op.weights != kNoOp) op.weights = place[op.weights];
  for (OpIndex& start : network.starts) start = place[start];
  program.ops = std::move(left);
}

}  // namespace

RepeatedNetwork lower_repeated(const graph::QGraph& graph, const std::vector<Layer>& layers,
                               const Placement& placement, const isa::HwParams& hw, int64_t repeat,
                               DramLayout& dram) {
  const DramLayout empty = dram;
  RepeatedNetwork result{lower_network(graph, layers, placement, hw, dram, {0, repeat}), {0}};
  if (repeat == 1 || result.lowered.program.ops.empty()) return result;
  std::vector<TileOp>& ops = result.lowered.program.ops;
  for (int64_t r = 1; r < repeat; ++r) {
    DramLayout same = empty;
    const auto first = static_cast<OpIndex>(ops.size());
    result.starts.push_back(first);
    for (TileOp op : lower_network(graph, layers, placement, hw, same, {r, repeat}).program.ops) {
      if (op.weights != kNoOp) op.weights += first;
      if (op.made.tensor >= 0) op.made.n += r * graph.tensors[op.made.tensor].n;
      ops.push_back(op);
    }
  }
  std::vector<bool> dropped = keep_weights(result, hw);
  Kept kept(hw);
  for (size_t k = 0; k < ops.size(); ++k)
    if (kept.holds(ops[k].instruction)) dropped[k] = true;
  drop(dropped, result);
  return result;
}

void part_repetitions(const graph::QGraph& graph, const std::vector<Layer>& layers,
                      const arch::Geometry& geometry, Placement& placement) {
  if (placement.groups.size() < 2) return;
  const std::vector<Range> lifetimes = tensor_lifetimes(graph, layers);
  const Range last = placement.groups.back().layers;
  std::vector<Range> used;
  for (size_t t = 0; t < lifetimes.size(); ++t) {
    const bool lives = lifetimes[t].first < last.end() && last.first < lifetimes[t].end();
    if (placement.resident[t] && lives) used.push_back(*placement.resident[t]);
    if (const auto& bands = placement.bands[t]; bands && bands->layers == last)
      used.insert(used.end(), bands->buffers.begin(), bands->buffers.end());
  }
  for (int64_t i = last.first; i < last.end(); ++i) {
    const StagingPlaces& staging = placement.staging[static_cast<size_t>(i)];
    for (const auto* list : {&staging.in, &staging.residual, &staging.out, &staging.maxima})
      used.insert(used.end(), list->begin(), list->end());
  }
  place_group(graph, layers, lifetimes, geometry, placement.groups.front(), used, placement);
}

program::TensorInfo repeated(program::TensorInfo info, int64_t repeat) {
  if (repeat == 1) return info;
  if (info.onnx_shape.empty() || info.onnx_shape[0] != info.shape[0])
    throw Error(fmt::format("'{}' has the shape [{}], which has no leading dimension for {} "
                            "batches",
                            info.name, fmt::join(info.onnx_shape, ", "), repeat),
                ExitCode::kCannotCompile);
  info.shape[0] *= repeat;
  info.onnx_shape[0] *= repeat;
  return info;
}

program::LayerInfo repeated(program::LayerInfo info, int64_t repeat) {
  for (int64_t program::LayerInfo::*figure :
       {&program::LayerInfo::useful_macs, &program::LayerInfo::dense_macs,
        &program::LayerInfo::mxu_bound, &program::LayerInfo::vpu_bound,
        &program::LayerInfo::mxu_reference, &program::LayerInfo::vpu_reference,
        &program::LayerInfo::input_bytes, &program::LayerInfo::output_bytes,
        &program::LayerInfo::least_bytes})
    info.*figure *= repeat;
  return info;
}

}  // namespace systole::lower
