// SPDX-License-Identifier: Apache-2.0
// com.microsoft's DynamicQuantizeLSTM on the host: weights of 8 bits, activations rounded at run
// time.
#include <algorithm>

#include "compiler/host/recurrent.h"

namespace systole::host {

namespace {

/// [directions, rows, gates] integers at input `i` as [directions, gates, rows] floats; their
/// scales and zero points, one or one for each gate, follow one another at input `scale`.
values::Literal turned_weights(const HostCall& call, size_t i, size_t scale) {
  const values::Literal &in = call.at(i), &scales = call.floats(scale),
                        &zeros_at = call.at(scale + 1);
  if (in.is_float || in.dims.size() != 3 || zeros_at.is_float || scales.dims.empty() ||
      zeros_at.size() != scales.size())
    throw Error(fmt::format("input {} is no quantised weights", i));
  const int64_t directions = in.dims[0], rows = in.dims[1], gates = in.dims[2];
  const int64_t each = scales.size() / std::max<int64_t>(directions, 1);
  if (each != 1 && each != gates) throw Error(fmt::format("{} scales for {} gates", each, gates));
  values::Literal result = zeros({directions, gates, rows}, true);
  for (int64_t k = 0; k < in.size(); ++k) {
    const int64_t d = k / gates / rows, row = k / gates % rows, gate = k % gates;
    const auto s = static_cast<size_t>(d * each + (each == 1 ? 0 : gate));
    result.floats[static_cast<size_t>((d * gates + gate) * rows + row)] =
        static_cast<float>(in.ints[static_cast<size_t>(k)] - zeros_at.ints[s]) * scales.floats[s];
  }
  return result;
}

HostResults dynamic_lstm(const HostCall& call) {
  const values::Literal w = turned_weights(call, 1, 8), r = turned_weights(call, 2, 10);
  values::Literal x = call.floats(0);
  round_dynamically(x.floats.data(), x.floats.size());
  const HostInputs inputs = {&x,
                             &w,
                             &r,
                             call.has(3) ? &call.at(3) : nullptr,
                             call.has(4) ? &call.at(4) : nullptr,
                             call.has(5) ? &call.at(5) : nullptr,
                             call.has(6) ? &call.at(6) : nullptr,
                             call.has(7) ? &call.at(7) : nullptr};
  return lstm_of({call.node, inputs, call.context}, true);
}

}  // namespace

void add_dynamic_lstm_host_operators(HostOperators& table) {
  table["com.microsoft.DynamicQuantizeLSTM"] = dynamic_lstm;
}

}  // namespace systole::host
