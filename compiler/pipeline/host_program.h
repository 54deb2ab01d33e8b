// SPDX-License-Identifier: Apache-2.0
// A host stage: ONNX nodes that run in order, in float32, one item at a time.
#pragma once

#include <onnx/onnx_pb.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compiler/host/host_operators.h"

namespace systole::pipeline {

/// Values by the network's names, of one item.
using HostValues = std::map<std::string, values::Literal>;

/// What one node costs the host, for one item.
struct HostWork {
  std::string node, op;
  std::string reason;    ///< why it is on the host
  int64_t macs = 0;      ///< of matrix products
  int64_t elements = 0;  ///< of its results
};

class HostProgram {
 public:
  using Constants = std::map<std::string, std::shared_ptr<const values::Literal>>;

  /// `nodes` in order; `constants` are those that they read; `outputs`: what other stages read.
  HostProgram(std::vector<onnx::NodeProto> nodes, Constants constants, host::HostContext context,
              std::vector<std::string> outputs, std::vector<HostWork> work);

  /// Adds the outputs to `values`, which hold what the nodes read. Throws Error naming the node.
  void run(HostValues& values) const;
  const std::vector<HostWork>& work() const { return work_; }

 private:
  const std::vector<onnx::NodeProto> nodes_;
  const Constants constants_;
  const host::HostContext context_;
  const std::vector<std::string> outputs_;
  const std::vector<HostWork> work_;
};

}  // namespace systole::pipeline
