// SPDX-License-Identifier: Apache-2.0
// Reads what a request says.
#include "sim/session/request.h"

#include <fmt/format.h>

#include <charconv>

#include "compiler/quant/widths.h"
#include "model/base/error.h"
#include "sim/session/data.h"

namespace systole::session {

bool is_program_file(const std::filesystem::path& file) { return file.extension() == ".sysb"; }

bool NetworkRequest::is_program() const { return is_program_file(network); }

importer::InputShapes NetworkRequest::input_shapes() const {
  constexpr int64_t kMost = 1 << 24;
  importer::InputShapes result;
  for (const std::string& text : shapes) {
    const auto fail = [&] {
      throw Error(
          fmt::format("--shape {}: expected NAME=N,C,... with dimensions in 1..{}", text, kMost));
    };
    const size_t equals = text.rfind('=');
    if (equals == std::string::npos || equals == 0) fail();
    std::vector<int64_t> dims;
    const char* at = text.data() + equals + 1;
    const char* const end = text.data() + text.size();
    while (true) {
      int64_t value = 0;
      const auto [rest, error] = std::from_chars(at, end, value);
      if (error != std::errc() || value < 1 || value > kMost) fail();
      dims.push_back(value);
      if (rest == end) break;
      if (*rest != ',') fail();
      at = rest + 1;
    }
    if (!result.emplace(text.substr(0, equals), std::move(dims)).second)
      throw Error(fmt::format("--shape {}: the input is given twice", text));
  }
  return result;
}

quant::PrecisionPolicy NetworkRequest::precision_policy() const {
  quant::PrecisionPolicy policy;
  if (!precision.empty()) policy = quant::load_precision(precision);
  if (weight_bits != 0) policy.widths.weights = weight_bits;
  if (activation_bits != 0) policy.widths.activations = activation_bits;
  if (bias_correction) policy.bias_correction = true;
  return policy;
}

prune::PruneOptions NetworkRequest::prune_options(const arch::ArchConfig& arch) const {
  return {prune::parse_prune(prune), arch.hw};
}

pipeline::FrontOptions NetworkRequest::front_options(const arch::ArchConfig& arch,
                                                     const data::Dataset* calibrated) const {
  pipeline::FrontOptions front;
  front.batch = batch;
  front.calibration = calibrated;
  front.shapes = input_shapes();
  front.host = host_fallback;
  front.timing_only = timing_only;
  front.fuse = choices.fuse;
  front.prune = prune_options(arch);
  front.precision = precision_policy();
  front.narrowest = quant::narrowest_widths(arch.hw);
  front.range_method = range_method;
  return front;
}

std::vector<data::NetworkInput> NetworkRequest::taken() const {
  return pipeline::network_inputs(network, input_shapes(), host_fallback);
}

std::optional<data::Dataset> NetworkRequest::load_data(const std::vector<data::NetworkInput>& taken,
                                                       int64_t items, int64_t times) const {
  if (!inputs.empty() && !data.empty())
    throw Error("--input: given together with --data, expected one of them");
  if (!data.empty()) return load_batch(taken, items * times, data);
  if (inputs.empty()) return std::nullopt;
  data::Dataset given = load_npy_batch(taken, items, inputs);
  for (size_t i = 0; given.items.size() < static_cast<size_t>(items * times); ++i)
    given.items.push_back(given.items[i]);
  return given;
}

}  // namespace systole::session
