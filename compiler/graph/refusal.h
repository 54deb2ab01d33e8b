// SPDX-License-Identifier: Apache-2.0
// Nodes that the accelerator cannot run: collected, and reported together.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "model/base/error.h"

namespace systole::graph {

/// A node that is legal ONNX but cannot be compiled; the reason. Collected, so that all are
/// reported at once.
class Unsupported : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A node reads what a refused node would have made; it is not worth a report of its own.
class DependsOnRefused : public std::runtime_error {
 public:
  DependsOnRefused() : std::runtime_error("depends on a refused node") {}
};

/// One node that cannot be compiled.
struct Refusal {
  std::string origin;  ///< first output of the ONNX node, which is unique in its network
  std::string node;    ///< "node 'x' (Op)", or what else is refused
  std::string reason;
  bool host_helps = false;  ///< the host could run it (--host-fallback)
  std::string text() const { return node + ": " + reason; }
};

/// All refusals of a network, as one error (cannot compile).
class RefusedNodes : public Error {
 public:
  explicit RefusedNodes(std::vector<Refusal> refusals, const std::string& file = "");
  const std::vector<Refusal>& refusals() const { return refusals_; }
  /// The same, with the file named in its message.
  RefusedNodes in(const std::string& file) const { return RefusedNodes(refusals_, file); }

 private:
  std::vector<Refusal> refusals_;
};

}  // namespace systole::graph
