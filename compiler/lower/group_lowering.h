// SPDX-License-Identifier: Apache-2.0
// Lowers a group of layers: a single one as a whole, several band by band.
#pragma once

#include <vector>

#include "compiler/lower/layer_lowering.h"

namespace systole::lower {

/// What the lowering of a group is given.
struct GroupContext {
  const graph::QGraph& graph;
  const std::vector<Layer>& layers;
  const Placement& placement;
  const std::vector<uint32_t>& tensor_addr;  ///< by tensor, in DRAM
  const isa::HwParams& hw;
};

class GroupLowering {
 public:
  GroupLowering(const GroupContext& context, const LayerGroup& group, LoweringState& state);
  /// Appends the group's instructions.
  void run();
  /// Appends those of one of `parts` equal parts, in order: of a band, or of a row of tiles of a
  /// single layer.
  void run_part(int64_t part, int64_t parts);

 private:
  OperandPlace place(graph::TensorId id) const;
  void run_band(Range item, size_t band);
  /// The rows that `band` of a tensor holds, as a view of the whole tensor.
  View band_view(graph::TensorId id, Range held, size_t band) const;
  /// Copies rows of an item of a tensor from one view of it to another.
  void copy_rows(const Layer& layer, int64_t item, Range rows, const View& from, const View& to);

  const GroupContext& context_;
  const LayerGroup& group_;
  const arch::Geometry geometry_;
  LoweringState& state_;
  std::vector<LayerLowering> members_;
};

}  // namespace systole::lower
