// SPDX-License-Identifier: Apache-2.0
// Ranges follow from the given machine.
#include "sim/study/conditions.h"

#include <fmt/format.h>

#include "compiler/pipeline/float_network.h"
#include "model/base/error.h"
#include "sim/report/classify.h"

namespace systole::study {
namespace {

constexpr double kBandwidths = 256, kAreas = 4, kBatches = 64;  // of ranges: high / low, or high

}  // namespace

BreakEvenRange StudyConditions::range() const {
  const double port = arch.hw.axi_bits / 8.0 * arch.clock_mhz * 1e-3;  // GB/s
  switch (break_even.value()) {
    case BreakEvenAxis::kBandwidth:
      if (arch.memory.kind != "ideal")
        throw Error(fmt::format(
            "--break-even bandwidth: the memory {} has a bandwidth of its own, expected an ideal "
            "one (--memory ideal)",
            arch.memory.kind == "ddr" ? arch.memory.ddr.name : arch.memory.kind));
      return {*break_even, port / kBandwidths, port};
    case BreakEvenAxis::kBatch:
      return {*break_even, 1, kBatches};
    case BreakEvenAxis::kArea:
      break;
  }
  const auto mm2 = [&](double scale) {
    return std::stod(fmt::format("{:.4g}", scaled_area(arch.hw, scale, table)));
  };
  return {*break_even, mm2(1 / kAreas), mm2(kAreas)};
}

uint64_t float32_right(const StudyNetwork& network, const pipeline::FrontOptions& front,
                       const data::Dataset& data) {
  const pipeline::FloatNetwork floats =
      pipeline::load_float_network(network.file, front.shapes, {}, front.host);
  uint64_t right = 0;
  for (size_t i = 0; i < data.items.size(); ++i)
    right += report::is_right(data, i, floats.run(data.items[i]));
  return right;
}

}  // namespace systole::study
