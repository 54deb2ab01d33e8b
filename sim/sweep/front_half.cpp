// SPDX-License-Identifier: Apache-2.0
// Makes front halves, and keeps a few.
#include "sim/sweep/front_half.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "compiler/quant/calibration_steps.h"
#include "compiler/quant/widths.h"
#include "compiler/topology/scale_sim.h"
#include "model/base/error.h"
#include "sim/process/memory_use.h"
#include "sim/session/request.h"

namespace systole::sweep {
namespace {

constexpr size_t kKept = 3;  // of some tens of MB each, if networks are large

}  // namespace

session::NetworkRequest request_of(const SweepPoint& point) {
  session::NetworkRequest request;
  request.network = point.file;
  request.precision = point.precision;
  if (point.precision.empty()) {
    request.weight_bits = point.widths.weights;
    request.activation_bits = point.widths.activations;
  }
  request.shapes = point.shapes;
  request.range_method = point.calib_method;
  request.host_fallback = point.host_fallback;
  request.choices = point.choices;
  return request;
}

FrontHalf make_front_half(const SweepPoint& point, const arch::ArchConfig& arch) {
  const prune::PruneOptions prune{prune::parse_joined_prune(point.prune), arch.hw};
  FrontHalf half;
  if (point.file.extension() == ".csv") {
    if (!prune.specs.empty())
      throw Error("prune: a topology has no weights, expected an ONNX file");
    if (!point.precision.empty())
      throw Error("precision: a topology has no policy, expected weights and activations");
    if (point.host_fallback)
      throw Error("host_fallback: a topology has nothing for the host, expected an ONNX file");
    if (!point.shapes.empty()) throw Error("shape: a topology has its own, expected an ONNX file");
    half.plan =
        pipeline::lone_stage(topology::load_topology(point.file, point.batch, point.widths));
    return half;
  }
  session::NetworkRequest request = request_of(point);
  request.batch = point.batch;
  request.timing_only = true;
  pipeline::FrontOptions options = request.front_options(arch, nullptr);
  options.prune = prune;
  options.precision.bias_correction = false;  // needs data, and changes no cycle
  quant::CalibrationWay way = quant::parse_way("calib_method", options.range_method);
  way.steps.bias_correction = way.steps.channel_ranges = way.steps.gptq = false;  // likewise
  options.range_method = quant::way_text(way);
  options.warnings = &half.warnings;
  half.plan = pipeline::compile_front(point.file, options);
  half.weights = session::weight_facts(half.plan);
  return half;
}

std::string quantised_key(const SweepPoint& point, const isa::HwParams& hw) {
  const quant::LayerWidths narrowest = quant::narrowest_widths(hw);
  std::string key = fmt::format(
      "W{}A{} narrowest {} {} prune {} host {} fuse {} {} {}", point.widths.weights,
      point.widths.activations, narrowest.weights, narrowest.activations, point.prune,
      point.host_fallback, point.choices.fuse, point.calib_method, fmt::join(point.shapes, " "));
  // Blocks and vectors of weights have the size of the array's tiles.
  const auto specs = prune::parse_joined_prune(point.prune);
  if (std::any_of(specs.begin(), specs.end(), [](const prune::PruneSpec& spec) {
        return spec.kind == prune::PruneKind::kBlock || spec.kind == prune::PruneKind::kVector;
      }))
    for (const isa::HwParamInfo& param : isa::kHwParams)
      key += fmt::format(" {}", hw.*param.member);
  return key;
}

std::string front_key(const SweepPoint& point, const arch::ArchConfig& arch) {
  return fmt::format("{} batch {} {} {}", point.file.string(), point.batch,
                     quantised_key(point, arch.hw), point.precision.string());
}

bool FrontHalves::contains(const std::string& key) const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const Entry& entry) { return entry.key == key; });
}

const FrontHalf& FrontHalves::find(const std::string& key, const SweepPoint& point,
                                   const arch::ArchConfig& arch) {
  const auto known = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.key == key; });
  if (known != entries_.end()) {
    std::rotate(entries_.begin(), known, known + 1);
    return entries_.front().half;
  }
  if (entries_.size() == kKept) entries_.pop_back();
  FrontHalf& half = entries_.emplace_front(Entry{key, make_front_half(point, arch)}).half;
  process::give_back_memory();  // the network in float32, as it was read
  return half;
}

}  // namespace systole::sweep
