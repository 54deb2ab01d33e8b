// SPDX-License-Identifier: Apache-2.0
// The back half of the compiler: quantised graph to program, pass after pass.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/compile.h"
#include "compiler/lower/estimate.h"
#include "compiler/lower/hazards.h"
#include "compiler/lower/layer.h"
#include "compiler/lower/lowering.h"
#include "compiler/lower/residency.h"
#include "compiler/lower/schedule.h"
#include "compiler/lower/tokens.h"
#include "model/arch/error.h"

namespace systole {
namespace {

constexpr int64_t kCodeAlignment = 64;

/// The instructions of `program` in `order`, with their tokens.
std::vector<isa::Words> emit(const TileProgram& program, const std::vector<OpIndex>& order,
                             const std::vector<TokenSets>& tokens) {
  std::vector<isa::Words> code;
  code.reserve(order.size());
  for (const OpIndex index : order) {
    const TileOp& op = program.ops[index];
    isa::Words words = encode(op.instruction, op.tag);
    isa::Header header = isa::Header::decode(words);
    header.wait = tokens[index].wait;
    header.signal = tokens[index].signal;
    header.encode(words);
    code.push_back(words);
  }
  return code;
}

}  // namespace

Program compile_back(const QGraph& graph, const ArchConfig& arch, const BackOptions& options) {
  if (const std::string why = check_params(arch.hw); !why.empty())
    throw Error(fmt::format("architecture '{}': {}", arch.name, why));
  const Geometry geometry(arch.hw);
  const auto dump = [&](const char* title, const auto&... ir) {
    if (options.ir_dump) *options.ir_dump += fmt::format("== {} ==\n{}\n", title, to_text(ir...));
  };

  const std::vector<Layer> layers = make_layers(graph);
  for (const Layer& layer : layers)
    if (layer.uses_mxu() && layer.op->conv.weight_bits < arch.hw.weight_bits)
      throw Error(
          fmt::format("layer '{}': {}-bit weights, architecture '{}' takes 8 to {} bits "
                      "(precision.weight_bits)",
                      layer.op->name, layer.op->conv.weight_bits, arch.name, arch.hw.weight_bits),
          ExitCode::kCannotCompile);
  size_t steps = 0;
  const Placement placement = place_tensors(graph, layers, arch, [&] {
    if (options.progress) options.progress(++steps, kPlacementSteps * layers.size());
  });
  verify(placement, graph, layers, geometry);
  dump("placement and plans", placement, graph, layers);

  DramLayout dram(std::max<int64_t>(kCodeAlignment, geometry.burst_bytes));
  LoweredNetwork lowered = lower_network(graph, layers, placement, arch.hw, dram);
  TileProgram& tiles = lowered.program;
  if (tiles.ops.empty())
    tiles.ops.push_back({isa::SyncVpu{}});  // a program has at least one instruction
  verify(tiles, arch.hw);
  dump("tile operations", tiles);

  const std::vector<Dependencies> dependencies = find_hazards(tiles, geometry);
  const std::vector<OpIndex> order = schedule(tiles, dependencies, arch.hw.queue_depth);
  const std::vector<TokenSets> tokens = assign_tokens(tiles, dependencies, order);
  if (options.ir_dump)
    dump("estimate", layers,
         estimate_layers(layers, tiles, rehearse(tiles, dependencies, order, arch)));

  Program program;
  program.name = graph.name;
  program.hw = arch.hw;
  program.code = emit(tiles, order, tokens);
  program.code_addr =
      dram.reserve(static_cast<int64_t>(program.code.size()) * isa::kInstructionBytes, "code");
  program.segments = std::move(lowered.segments);
  program.dram_bytes =
      static_cast<uint64_t>(ceil_div(dram.size(), geometry.burst_bytes) * geometry.burst_bytes);
  if (program.dram_bytes > arch.memory.size_mib << 20)
    throw Error(fmt::format("network '{}' needs {} bytes of DRAM, memory.size_mib gives {} MiB",
                            graph.name, program.dram_bytes, arch.memory.size_mib),
                ExitCode::kCannotCompile);
  program.batch = graph.batch;
  for (const TensorId t : graph.inputs)
    program.inputs.push_back(tensor_info(graph.tensors[t], lowered.tensor_addr[t]));
  for (const TensorId t : graph.outputs)
    program.outputs.push_back(tensor_info(graph.tensors[t], lowered.tensor_addr[t]));
  for (const Layer& layer : layers) program.layers.push_back(layer_info(layer, graph, geometry));
  program.host_steps = graph.host_steps;
  return program;
}

}  // namespace systole
