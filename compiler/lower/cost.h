// SPDX-License-Identifier: Apache-2.0
// Estimates the cycles of a layer under a plan, from the rules of docs/timing.md.
#pragma once

#include <algorithm>

#include "compiler/lower/plan.h"
#include "compiler/lower/weight_stream.h"
#include "model/arch/arch.h"

namespace systole::lower {

/// Cycles of a beat on the data bus.
double beat_cycles(const arch::ArchConfig& arch, const arch::Geometry& geometry);

/// Work of a DMA: steps, beats on the bus, and the bursts that they come in.
struct Traffic {
  double steps = 0, beats = 0, bursts = 0;
  Traffic& operator+=(const Traffic& o) {
    steps += o.steps, beats += o.beats, bursts += o.bursts;
    return *this;
  }
  Traffic operator*(double times) const { return {steps * times, beats * times, bursts * times}; }
};

/// Of a cycle of memory time, in the choice between plans.
inline constexpr double kTrafficWeight = 0.05;

/// What the memory gives.
struct MemoryRates {
  MemoryRates(const arch::ArchConfig& arch, const arch::Geometry& geometry);
  double beat;     ///< cycles of a beat
  double latency;  ///< cycles from a request to its first beat
  double burst;    ///< cycles between bursts of one beat, as so many are in flight
};

/// The weights of a column tile of a convolution without groups, which do not depend on how `plan`
/// cuts the output; nothing for other layers.
WeightStream column_weights(const Layer& layer, const Plan& plan, const arch::Geometry& geometry);

/// What loading `column` keeps the weight DMA and the memory busy for, once for every column tile
/// of `outputs` channels.
Work weight_loads(const WeightStream& column, int64_t outputs, double beat,
                  const arch::Geometry& geometry);

/// What plans of one layer have in common that differ in how they cut the output, in the order of
/// loops, in chunks and in buffers.
struct ColumnCost {
  WeightStream weights;  ///< what column_weights gives
  /// Cycles of the array for a column tile of so many rows, the last that was asked for.
  struct Array {
    double rows = 0, cycles = 0;
  } array;
};

/// The work of a layer cut into the tiles, blocks and chunks of a plan, for any number of buffers.
class LayerCost {
 public:
  /// Reads all of `plan` but its staging.
  LayerCost(const Layer& layer, const Plan& plan, ColumnCost& column, const Residence& residence,
            const MemoryRates& memory, const arch::Geometry& geometry);

  /// The work with the staging of `plan`, which is otherwise the plan given before.
  Work with_buffers(const Plan& plan) const;
  /// How many column tiles should fill a half of the accumulators.
  int64_t best_together(const Plan& plan, int64_t acc_rows) const;
  /// Cycles of the busier of the matrix and vector unit: smaller tiles take no less.
  double compute() const { return std::max(mxu_, vpu_); }
  /// No staging of at most `most` input buffers needs less work in any respect than this.
  Work least(const Plan& plan, int64_t most) const;
  /// Nor does any take less time than this, with what nothing overlaps.
  Work least_staged(const Plan& plan, int64_t most) const;
  /// No plan of the same tiles, whatever its blocks, order, chunks and staging, takes less time of
  /// a unit, of the memory or in all than this; the plan given before has one block and no chunks.
  /// `kept`: weights may stay in the ring for all tiles; `chunked`: the input may be loaded in
  /// chunks; `strips`: a part of it may be loaded for several tiles.
  Work least_of_tiles(Plan plan, bool kept, bool chunked, bool strips, int64_t acc_rows) const;

 private:
  double array_cycles(const Plan& plan, double rows, ColumnCost::Array& known) const;
  double patch_loads(const Plan& plan, int64_t buffers) const;
  Traffic patch_traffic(const Plan& plan, int64_t height, int64_t width,
                        int64_t block_channels) const;
  double least_exposed(const Plan& plan, int64_t few, int64_t many, double busiest) const;
  double least_start(const Plan& plan) const;
  /// Cycles before the first patch is there, if there are any loads.
  double start(double patch_loads) const { return patch_loads > 0 ? transfer(first_patch_, 1) : 0; }
  int64_t most_together(const Plan& plan, int64_t acc_rows) const;
  Traffic least_patch(const Plan& plan) const;
  Work busy(double patch_loads) const;
  double exposed(const Plan& plan, const Work& work, double patch_loads) const;
  bool last_is_exposed(const Plan& plan) const;
  /// `most` cycles or more that nothing overlaps, with what draining accumulators adds: of at least
  /// `few` and at most `many` column tiles in a half.
  double exposed_drains(const Plan& plan, int64_t few, int64_t many, double busiest,
                        double most) const;
  /// Cycles of a DMA.
  double busy(const Traffic& traffic) const {
    return std::max(traffic.steps, traffic.bursts * memory_.burst);
  }
  double transfer(const Traffic& traffic, double count) const;
  /// The work of units on pooling windows in parts.
  void add_parts(const Plan& plan);

  const Layer& layer_;
  const Residence& residence_;
  const MemoryRates& memory_;
  const arch::Geometry& geometry_;
  double tiles_, columns_, blocks_, uses_;  ///< uses_: tiles of one block of column tiles
  double vector_cycles_;                    ///< of the vector unit's pass over one tile
  double instructions_;                     ///< without the loads of patches
  double mxu_ = 0, vpu_ = 0;
  Traffic patch_;        ///< one load of the input
  Traffic first_patch_;  ///< the first
  Traffic parameters_, residual_, weights_, sto_;
};

}  // namespace systole::lower
