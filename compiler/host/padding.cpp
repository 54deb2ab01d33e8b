// SPDX-License-Identifier: Apache-2.0
// Padding on the host, in every mode.
#include <algorithm>
#include <numeric>

#include "compiler/host/host_call.h"
#include "compiler/host/strides.h"

namespace systole::host {

namespace {

/// Where position `i` of a padded line of `size` elements comes from; -1: nowhere. Negative pads
/// have cut the line before.
int64_t pad_source(const std::string& mode, int64_t i, int64_t size) {
  if (mode == "edge") return std::clamp<int64_t>(i, 0, size - 1);
  if (mode == "reflect") {
    if (size == 1) return 0;
    const int64_t period = 2 * (size - 1), at = ((i % period) + period) % period;
    return std::min(at, period - at);
  }
  if (mode == "wrap") return ((i % size) + size) % size;
  return i >= 0 && i < size ? i : -1;
}

/// Pads before all dimensions, then those behind them; those of dimensions that are not named: 0.
std::vector<int64_t> pads_of(const HostCall& call, size_t rank) {
  const std::vector<int64_t> given = call.ints(1, "pads", {});
  std::vector<int64_t> axes(rank);
  std::iota(axes.begin(), axes.end(), 0);
  axes = call.has(3) ? call.ints(3, "axes", {}) : axes;
  if (given.size() != 2 * axes.size()) throw Error("pads do not fit the tensor");
  std::vector<int64_t> pads(2 * rank, 0);
  for (size_t k = 0; k < axes.size(); ++k) {
    const auto d = static_cast<size_t>(values::normalise_axis(axes[k], call.rank(0)));
    pads[d] = given[k];
    pads[rank + d] = given[axes.size() + k];
  }
  return pads;
}

HostResults pad(const HostCall& call) {
  const values::Literal& in = call.at(0);
  const std::string mode = values::string_attribute(call.node, "mode", "constant");
  if (mode != "constant" && mode != "edge" && mode != "reflect" && mode != "wrap")
    throw graph::Unsupported(fmt::format("mode '{}'", mode));
  const size_t rank = in.dims.size();
  const std::vector<int64_t> pads = pads_of(call, rank);
  values::Literal result = zeros({}, in.is_float);
  for (size_t d = 0; d < rank; ++d) result.dims.push_back(in.dims[d] + pads[d] + pads[rank + d]);
  const auto count = static_cast<size_t>(values::element_count(result.dims, "result"));
  if (in.size() == 0 && mode != "constant") throw Error("the tensor has no element to repeat");
  const values::Dims strides = dense_strides(in.dims);
  with_elements(result, in, [&](auto& to, const auto& from) {
    using T = typename std::decay_t<decltype(to)>::value_type;
    T value = 0;
    if (call.has(2)) {
      const values::Literal& given = call.at(2);
      if (given.size() != 1) throw Error("the pad value is not one element");
      value = given.is_float ? static_cast<T>(given.floats[0]) : static_cast<T>(given.ints[0]);
    } else if (values::find_attribute(call.node, "value") != nullptr) {
      value = static_cast<T>(values::float_attribute(call.node, "value", 0));
    }
    to.assign(count, value);
    for (size_t i = 0; i < count; ++i) {
      int64_t at = 0;
      auto rest = static_cast<int64_t>(i);
      for (size_t d = rank; d-- > 0 && at >= 0; rest /= result.dims[d]) {
        const int64_t cut = std::max<int64_t>(0, -pads[d]);
        const int64_t size = in.dims[d] - cut - std::max<int64_t>(0, -pads[rank + d]);
        const int64_t source =
            pad_source(mode, rest % result.dims[d] - std::max<int64_t>(0, pads[d]), size);
        at = source < 0 ? -1 : at + (source + cut) * strides[d];
      }
      if (at >= 0) to[i] = from[static_cast<size_t>(at)];
    }
  });
  return {std::move(result)};
}

}  // namespace

void add_padding_host_operators(HostOperators& table) { table["Pad"] = pad; }

}  // namespace systole::host
