// SPDX-License-Identifier: Apache-2.0
// What the debugger says of tensors is so: each value that is there, in any cycle, is the
// executor's.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <map>

#include "compiler/lower/compile_back.h"
#include "model/base/error.h"
#include "sim/debug/session.h"
#include "sim/debug/show.h"
#include "sim/debug/tensor_values.h"
#include "tests/cosim/prepared_network.h"
#include "tests/unit/lower_graphs.h"

namespace systole {
namespace {

using debug::Presence;
using debug::Subject;

const std::filesystem::path kData = std::filesystem::path(SYSTOLE_SOURCE_DIR) / "tests/data";

/// What was compared.
struct Compared {
  size_t complete = 0;  ///< tensors that are whole when the layer that makes them ends
  size_t values = 0;    ///< of tensors that a layer makes, in all cycles that were looked at
  size_t parts = 0;     ///< times that a tensor was there in part
  size_t bands = 0, narrow = 0, sums = 0, resident = 0, in_dram = 0;  ///< tensors
};

Expected add(Expected all, const Expected& more) {
  all.resize(more.size());
  for (size_t t = 0; t < more.size(); ++t)
    all[t].insert(all[t].end(), more[t].begin(), more[t].end());
  return all;
}

/// The cycles after the last instruction of each layer, by its name, on the model.
std::map<Cycle, std::string> ends_of_layers(const Subject& subject) {
  const auto model = debug::make_model_target(subject);
  model->go_to(kNever);
  REQUIRE(model->now().ending == debug::Ending::kFinished);
  std::map<std::string, Cycle> ends;
  for (const core::RetireEvent& event : model->retired()) {
    const uint16_t tag = isa::Header::decode(subject.program.code[event.pc]).tag;
    for (const program::LayerInfo& layer : subject.program.layers)
      if (layer.tag == tag) ends[layer.name] = std::max(ends[layer.name], event.end + 1);
  }
  std::map<Cycle, std::string> by_cycle;
  for (const auto& [name, end] : ends) by_cycle[end] += "/" + name + "/";
  constexpr Cycle kLooks = 12;
  const Cycle last = by_cycle.rbegin()->first;
  for (Cycle k = 1; k < kLooks; ++k) by_cycle.try_emplace(last * k / kLooks, "");
  return by_cycle;
}

/// Those that an operator reads. What nobody reads may be gone before its layer has ended.
std::vector<bool> read_tensors(const graph::QGraph& graph) {
  std::vector<bool> read(graph.tensors.size());
  for (const graph::QOp& op : graph.ops)
    for (const graph::TensorId id : op.operands()) read[static_cast<size_t>(id)] = true;
  return read;
}

/// Compares all that is there in many cycles with what the executor makes of `graph`.
Compared hold(const Subject& subject, const graph::QGraph& graph, const Expected& expected) {
  Compared compared;
  debug::Session session(subject, debug::make_model_target);
  const debug::Tensors& tensors = session.around().tensors;
  const std::vector<bool> read = read_tensors(graph);
  for (size_t t = 0; t < expected.size(); ++t) {
    const program::MappedTensor& tensor = tensors.at(t);
    if (tensor.layer.empty()) continue;
    compared.bands += tensor.bands.has_value();
    compared.narrow += tensor.type.narrow() > 0;
    compared.sums += tensor.sums();
    compared.resident += tensor.resident.has_value();
    compared.in_dram += tensor.in_dram;
  }
  for (const auto& [cycle, ended] : ends_of_layers(subject)) {
    session.go_to(cycle);
    for (size_t t = 0; t < expected.size(); ++t) {
      const program::MappedTensor& tensor = tensors.at(t);
      const debug::TensorValues now(t, session.target(), session.around());
      size_t there = 0;
      for (const int64_t index : tensors.values_of(tensors.whole(t))) {
        if (now.standing(index).presence != Presence::kThere) continue;
        ++there;
        const auto at = static_cast<size_t>(tensors.stored_index(t, index));
        if (now.stored(index) == expected[t].at(at)) continue;
        FAIL(fmt::format("cycle {}: {} is {}, expected {}", cycle, tensors.value_name(t, index),
                         now.stored(index), expected[t][at]));
      }
      if (tensor.layer.empty()) continue;
      compared.values += there;
      const bool whole = there == expected[t].size();
      compared.parts += there > 0 && !whole;
      const bool is_made = ended.find("/" + tensor.layer + "/") != std::string::npos;
      if (is_made && read[t] && !tensor.bands && tensor.repetitions == 1) {
        INFO("cycle " << cycle << "\n" << debug::tensors_text(session.target(), session.around()));
        CHECK(whole);
      }
      compared.complete += is_made && whole;
    }
  }
  return compared;
}

session::NetworkRequest trained(const std::string& file, const std::string& data) {
  session::NetworkRequest request;
  request.network = kData / file;
  request.data = kData / (data + ".yaml");
  request.calibration = kData / (data + "_calib.yaml");
  return request;
}

}  // namespace

TEST_CASE("debug: values of trained networks' tensors are the executor's") {
  struct Case {
    const char *file, *data, *arch;
    std::vector<std::string> sets;
    int weights = 0, activations = 0;
    size_t complete, values, bands;  ///< at least
  };
  const Case one = GENERATE(
      Case{"lenet_fmnist.onnx", "lenet", "edge-4x4", {}, 0, 0, 7, 50000, 0},
      Case{"lenet_fmnist.onnx", "lenet", "edge-16x16", {"ub.kib=4"}, 0, 0, 5, 10000, 1},
      Case{"resnet8_fmnist.onnx", "resnet8", "edge-16x16", {}, 0, 0, 10, 300000, 0},
      Case{"resnet8_fmnist.onnx", "resnet8", "edge-4x4", {"ub.kib=8"}, 0, 0, 5, 50000, 1},
      Case{"resnet8_fmnist.onnx", "resnet8", "edge-16x16", {"ub.kib=4"}, 4, 4, 5, 50000, 1},
      Case{"pruned/resnet8_fmnist_2to4.onnx",
           "resnet8",
           "edge-16x16",
           {"sparsity.structured=1"},
           0,
           0,
           10,
           300000,
           0});
  INFO(one.file << " on " << one.arch << " " << (one.sets.empty() ? "" : one.sets[0]));
  session::NetworkRequest request = trained(one.file, one.data);
  request.weight_bits = one.weights;
  request.activation_bits = one.activations;
  const Prepared prepared = prepare(request, arch::load_arch(one.arch, one.sets));
  const Compared compared = hold(prepared.subject(), prepared.graph(), prepared.expected);
  CAPTURE(compared.complete, compared.values, compared.parts, compared.bands, compared.resident);
  CHECK(compared.complete >= one.complete);
  CHECK(compared.values >= one.values);
  CHECK(compared.parts > 0);
  CHECK(compared.bands >= one.bands);
  CHECK((compared.narrow > 0) == (one.activations == 4));
}

TEST_CASE("debug: values of parts of tensors and of several batches are the executor's") {
  for (const char* name : {"edge-4x4", "edge-16x16"})
    for (const char* ub : {"ub.kib=64", "ub.kib=2"})
      for (const int64_t repeat : {1, 3}) {
        INFO(name << " " << ub << " repeat " << repeat);
        const Prepared prepared = prepare_odd(arch::load_arch(name, {ub}), 17, 13, repeat);
        const Compared compared = hold(prepared.subject(), prepared.graph(), prepared.expected);
        CAPTURE(compared.complete, compared.values, compared.parts, compared.bands);
        CHECK(compared.values > 3000);
        CHECK(compared.parts > 0);
        if (repeat == 1) CHECK(compared.complete >= 4);
      }
}

TEST_CASE("debug: values of random graphs' tensors are the executor's") {
  Compared all;
  int repeated = 0;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    SeededRandom random(seed);
    const int bits = 8 >> seed % 4;
    const graph::QGraph graph = random_graph(random, bits);
    arch::ArchConfig arch;
    arch.hw = random_hardware(random);
    int64_t repeat = seed % 3 == 0 ? 2 : 1;
    program::TensorMap map;
    program::Program program;
    try {
      program = lower::compile_back(graph, arch, {.repeat = repeat, .tensors = &map});
    } catch (const Error& error) {
      CHECK(error.code() == ExitCode::kCannotCompile);
      continue;
    }
    repeated += repeat > 1;
    Subject subject{program, arch, platform::make_image(program), 10000, &map};
    std::vector<std::vector<int8_t>> stored(graph.inputs.size());
    Expected expected;
    for (int64_t r = 0; r < repeat; ++r) {
      std::vector<std::vector<int8_t>> inputs;
      for (size_t k = 0; k < graph.inputs.size(); ++k) {
        std::vector<int8_t>& one = inputs.emplace_back(
            static_cast<size_t>(graph.tensors[static_cast<size_t>(graph.inputs[k])].bytes()));
        for (int8_t& value : one) value = static_cast<int8_t>(random.range(-128, 127));
        stored[k].insert(stored[k].end(), one.begin(), one.end());
      }
      expected = add(std::move(expected), executed(graph, inputs));
    }
    session::place_inputs(program, stored, subject.image);
    const Compared compared = hold(subject, graph, expected);
    all.complete += compared.complete;
    all.values += compared.values;
    all.parts += compared.parts;
    all.bands += compared.bands;
    all.narrow += compared.narrow;
    all.sums += compared.sums;
    all.resident += compared.resident;
    all.in_dram += compared.in_dram;
  }
  CAPTURE(all.complete, all.values, all.parts, all.bands, all.narrow, all.sums, all.resident,
          all.in_dram, repeated);
  CHECK(all.complete > 80);
  CHECK(all.values > 1000000);
  CHECK(all.parts > 500);
  CHECK(all.bands > 1);
  CHECK(all.narrow > 5);
  CHECK(all.sums > 5);
  CHECK(all.resident > 40);
  CHECK(all.in_dram > 40);
  CHECK(repeated > 10);
}

}  // namespace systole
