// SPDX-License-Identifier: Apache-2.0
// The names that nodes read, those inside their graphs too.
#pragma once

#include <onnx/onnx_pb.h>

#include <set>
#include <string>

namespace systole::importer {

/// Adds the names that `graph` reads from outside of it to `names`.
void add_captured(const onnx::GraphProto& graph, std::set<std::string>& names);

/// Adds the names that `node` reads to `names`, those that its branches read from outside of them
/// too.
void add_reads(const onnx::NodeProto& node, std::set<std::string>& names);

}  // namespace systole::importer
