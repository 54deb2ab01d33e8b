// SPDX-License-Identifier: Apache-2.0
// A network as it was compiled, with what each layer cost, as an ONNX file to look at in Netron
// (docs/traces.md).
#pragma once

#include <string>

#include "compiler/pipeline/plan.h"
#include "sim/report/report.h"

namespace systole::compiled_graph {

/// The bytes of an ONNX model whose nodes are the fused, quantised operators of `plan` and the
/// stages of the host, in operator domains of our own: nothing can run it. Figures of `report` are
/// attributes of the nodes and metadata of the model. Of a program file there is nothing to draw:
/// plan.graphs() is empty.
std::string onnx_bytes(const pipeline::NetworkPlan& plan, const report::Report& report);

}  // namespace systole::compiled_graph
