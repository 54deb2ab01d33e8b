// SPDX-License-Identifier: Apache-2.0
// Multiply-accumulates of the host's products.
#include "compiler/host/einsum.h"
#include "compiler/host/host_call.h"

namespace systole::host {

namespace {

/// Products of each element of a convolution's result, by its weights.
int64_t taps_of(const values::Dims& weights) {
  int64_t taps = 1;
  for (size_t d = 1; d < weights.size(); ++d) taps *= weights[d];
  return taps;
}

}  // namespace

int64_t host_macs(const onnx::NodeProto& node, const HostInputs& inputs,
                  const std::vector<values::Literal>& results) {
  const std::string& op = node.op_type();
  const int64_t made = results.empty() ? 0 : results[0].size();
  const auto dims = [&](size_t i) -> const values::Dims& { return inputs.at(i)->dims; };
  const bool turned = values::int_attribute(node, "transA", 0) != 0;
  if (op == "MatMul" || op == "MatMulInteger" || op == "QLinearMatMul")
    return made * dims(0).back();
  if (op == "Gemm" || op == "QGemm") return made * dims(0).at(turned ? 0 : 1);
  if (op == "Conv" || op == "FusedConv" || op == "ConvInteger") return made * taps_of(dims(1));
  if (op == "QLinearConv") return made * taps_of(dims(3));
  if (op == "ConvTranspose") return inputs.at(0)->size() * taps_of(dims(1));
  if (op == "Einsum") return einsum_macs(node, inputs);
  if (op == "RNN" || op == "GRU" || op == "LSTM")
    return dims(0).at(0) * dims(0).at(1) * (inputs.at(1)->size() + inputs.at(2)->size());
  if (op == "DynamicQuantizeLSTM")
    return dims(0).at(0) * dims(0).at(1) * (inputs.at(1)->size() + inputs.at(2)->size());
  if (op == "Attention" && results.size() > 2 && results[1].dims.size() == 4) {
    const values::Dims &k = results[1].dims, &v = results[2].dims;
    return made / v[3] * k[2] * (k[3] + v[3]);
  }
  return 0;
}

}  // namespace systole::host
