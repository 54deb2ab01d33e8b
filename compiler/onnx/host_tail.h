// SPDX-License-Identifier: Apache-2.0
// A softmax whose result the network only rounds, at its end: the host computes and rounds it.
#pragma once

#include <map>
#include <set>

#include "compiler/onnx/translate.h"

namespace systole::importer {

/// Softmax or LogSoftmax, QuantizeLinear and (unless the output is integers) DequantizeLinear.
struct HostTail {
  const onnx::NodeProto* softmax = nullptr;
  const onnx::NodeProto* quantize = nullptr;
  const onnx::NodeProto* dequantize = nullptr;  ///< or null
};

/// The tails of a network, by their last node; what is read or given out between is in none.
class HostTails {
 public:
  explicit HostTails(const onnx::GraphProto& proto);

  /// The tail that ends with `node`; null if there is none.
  const HostTail* ending(const onnx::NodeProto& node) const;
  /// Whether `node` is in a tail, but not its last node.
  bool holds(const onnx::NodeProto& node) const { return inner_.count(&node) != 0; }

 private:
  std::map<const onnx::NodeProto*, HostTail> by_end_;
  std::set<const onnx::NodeProto*> inner_;
};

/// Makes the network's output what its softmax reads, and the rest steps of the host. Throws
/// Unsupported, DependsOnRefused or Error.
void translate_tail(ImportContext& context, const HostTail& tail);

}  // namespace systole::importer
