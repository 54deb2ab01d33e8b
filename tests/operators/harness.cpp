// SPDX-License-Identifier: Apache-2.0
// Runs networks four ways.
#include "tests/operators/harness.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "compiler/exec/qgraph_executor.h"
#include "compiler/lower/compile_back.h"
#include "compiler/pipeline/front.h"
#include "compiler/quant/build_qgraph.h"
#include "compiler/quant/tensor_io.h"
#include "model/golden/golden.h"
#include "model/golden/legality.h"
#include "sim/cosim/cosim.h"
#include "tests/unit/onnx_builder.h"

namespace systole::test {

namespace {

graph::Graph load(const std::string& bytes, void (*prepare)(graph::Graph&)) {
  const ScratchFolder folder;
  graph::Graph graph = pipeline::load_graph(folder.write("net.onnx", bytes), nullptr, nullptr);
  if (prepare != nullptr) prepare(graph);
  return graph;
}

/// Item `i` of a whole batch.
std::vector<float> item(const std::vector<float>& whole, int64_t batch, int64_t i) {
  const auto size = static_cast<std::ptrdiff_t>(whole.size()) / batch;
  return {whole.begin() + i * size, whole.begin() + (i + 1) * size};
}

}  // namespace

QuantisedNetwork::QuantisedNetwork(const std::string& bytes, const Arrays& inputs,
                                   void (*prepare)(graph::Graph&))
    : executor_(load(bytes, prepare)), batch_(std::max<int64_t>(1, graph().stated_batch)) {
  REQUIRE(inputs.size() == graph().inputs.size());
  std::vector<data::Item> items;
  for (int64_t i = 0; i < batch_; ++i) {
    items.emplace_back();
    for (const auto& input : inputs) items.back().push_back(item(input, batch_, i));
  }
  std::vector<quant::ValueRange> ranges = quant::calibrate(executor_, items);
  quantised_ = quant::build_qgraph(graph(), ranges, batch_);
  Arrays dequantised;
  for (size_t k = 0; k < inputs.size(); ++k) {
    const program::TensorInfo info =
        graph::tensor_info(quantised_.tensors[static_cast<size_t>(quantised_.inputs[k])]);
    stored_.emplace_back();
    for (int64_t i = 0; i < batch_; ++i) {
      const auto part = quant::quantise_input(info, item(inputs[k], batch_, i));
      stored_.back().insert(stored_.back().end(), part.begin(), part.end());
    }
    dequantised.emplace_back();
    for (int64_t i = 0; i < batch_; ++i) {
      const auto part = quant::dequantise_output(info, stored_.back().data(), i);
      dequantised.back().insert(dequantised.back().end(), part.begin(), part.end());
    }
  }
  // What the bytes stand for may lie a little outside the data's range: results have to hold it
  // too.
  for (int64_t i = 0; i < batch_; ++i) {
    items.emplace_back();
    for (const auto& input : dequantised) items.back().push_back(item(input, batch_, i));
  }
  const std::vector<quant::ValueRange> inputs_only = ranges;
  ranges = quant::calibrate(executor_, items);
  for (graph::ValueId in : graph().inputs)
    ranges[static_cast<size_t>(in)] = inputs_only[static_cast<size_t>(in)];
  quantised_ = quant::build_qgraph(graph(), ranges, batch_);
  graph::verify(quantised_);
  outputs_ = run_float(inputs);
  dequantised_outputs_ = run_float(dequantised);
  results_ = exec::run_qgraph(quantised_, stored_);
}

Arrays QuantisedNetwork::run_float(const Arrays& inputs) const {
  Arrays outputs(graph().outputs.size());
  for (int64_t i = 0; i < batch_; ++i) {
    Arrays items;
    for (const auto& input : inputs) items.push_back(item(input, batch_, i));
    const Arrays results = executor_.run(items);
    for (size_t o = 0; o < outputs.size(); ++o)
      outputs[o].insert(outputs[o].end(), results[o].begin(), results[o].end());
  }
  return outputs;
}

double QuantisedNetwork::worst_steps() const {
  double worst = 0;
  for (size_t o = 0; o < results_.size(); ++o) {
    const graph::QTensor& t = quantised_.tensors[static_cast<size_t>(quantised_.outputs[o])];
    const program::TensorInfo info = graph::tensor_info(t);
    const auto size = dequantised_outputs_[o].size() / static_cast<size_t>(batch_);
    for (int64_t i = 0; i < batch_; ++i) {
      const auto got = quant::dequantise_output(info, results_[o].data(), i);
      for (size_t k = 0; k < got.size(); ++k) {
        const float want = dequantised_outputs_[o][static_cast<size_t>(i) * size + k];
        worst = std::max(worst, std::fabs(double{got[k]} - want) / info.scale);
      }
    }
  }
  return worst;
}

std::vector<uint8_t> QuantisedNetwork::memory(const program::Program& program) const {
  std::vector<uint8_t> dram(program.dram_bytes);
  for (const program::Segment& s : program.segments)
    std::copy(s.bytes.begin(), s.bytes.end(), dram.begin() + s.addr);
  for (size_t k = 0; k < stored_.size(); ++k)
    std::transform(stored_[k].begin(), stored_[k].end(), dram.begin() + program.inputs[k].addr,
                   [](int8_t b) { return static_cast<uint8_t>(b); });
  return dram;
}

program::Program QuantisedNetwork::check_program(const arch::ArchConfig& arch) const {
  INFO("on " << arch.name << "\n" << graph::to_text(quantised_));
  const program::Program program = lower::compile_back(quantised_, arch, {});
  const golden::LegalityReport legality = golden::check_legality(program);
  INFO(legality.violation);
  REQUIRE(legality.legal());
  std::vector<uint8_t> dram = memory(program);
  const golden::GoldenResult result = golden::run_golden(program, dram, {.order_seed = 1});
  INFO(result.waiting);
  REQUIRE(result.status == golden::GoldenResult::Status::kFinished);
  for (size_t o = 0; o < results_.size(); ++o) {
    const std::vector<int8_t>& want = results_[o];
    const uint8_t* got = dram.data() + program.outputs[o].addr;
    const auto [first, other] =
        std::mismatch(want.begin(), want.end(), got,
                      [](int8_t a, uint8_t b) { return a == static_cast<int8_t>(b); });
    INFO("output " << o << " differs from byte " << first - want.begin() << " on");
    REQUIRE(first == want.end());
  }
  return program;
}

void QuantisedNetwork::check_cosim(const arch::ArchConfig& arch) const {
  const program::Program program = check_program(arch);
  platform::DramImage image = platform::make_image(program);
  const std::vector<uint8_t> start = memory(program);
  for (size_t k = 0; k < stored_.size(); ++k) {
    const program::TensorInfo& in = program.inputs[k];
    std::copy_n(start.begin() + in.addr, in.bytes(), image.begin() + in.addr);
  }
  const cosim::CosimResult result =
      cosim::cosim_program(program, arch, image, cosim::CosimOptions());
  INFO(result.difference);
  CHECK(result.equal());
}

arch::ArchConfig square_arch() {
  return arch::load_arch(SYSTOLE_SOURCE_DIR "/configs/edge-4x4.yaml", {});
}

arch::ArchConfig odd_arch() {
  arch::ArchConfig arch = square_arch();
  arch.name = "odd-5x3";
  arch.hw.rows = 5;
  arch.hw.cols = 3;
  arch.hw.acc_rows = 32;
  arch.hw.wb_tiles = 3;
  arch.hw.pb_rows = 4;
  return arch;
}

QuantisedNetwork check_network(const std::string& bytes, const Arrays& inputs, double steps) {
  QuantisedNetwork network(bytes, inputs);
  INFO(graph::to_text(network.graph()) << graph::to_text(network.quantised()));
  CHECK(network.worst_steps() <= steps + 1e-3);
  network.check_program(square_arch());
  network.check_program(odd_arch());
  return network;
}

}  // namespace systole::test
