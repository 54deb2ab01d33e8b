// SPDX-License-Identifier: Apache-2.0
// The cost model: work of each unit over the whole layer, then how much of it overlaps.
#include "compiler/lower/cost.h"

#include <algorithm>

#include "compiler/lower/depthwise.h"
#include "compiler/lower/grouped.h"
#include "compiler/lower/row_packing.h"
#include "compiler/lower/strips.h"

namespace systole::lower {
namespace {

constexpr double kIssueCycles = 4;        // take, lock, run, first row
constexpr double kBurstCycles = 5;        // of a slot, besides the memory's latency
constexpr double kVectorLatency = 18;     // issue, parameters, pipeline
constexpr int64_t kMostTogether = 8;      // column tiles in a half of the accumulators
constexpr int64_t kOverlappingTiles = 3;  // so many let the next layer start before this one ends

/// Cycles of one kernel position for `m` rows: each channel group costs max(m, its rows).
double position_cycles(const Plan& plan, int64_t channels, double m, bool structured,
                       const arch::Geometry& geometry) {
  const arch::Geometry g = geometry.grouped(structured);
  const InputWords words(plan, channels, g);
  const auto cycles = [&](int64_t slice) {
    return std::max<double>(m, arch::Geometry::tile_rows(words.slice_lanes(slice), structured));
  };
  // All words but the last are alike.
  const int64_t slices = words.slices();
  const int64_t each = words.words() > 1 ? ceil_div(words.step(), g.rows) : 0;
  double word = 0, last = 0;
  for (int64_t s = 0; s < each; ++s) word += cycles(s);
  for (int64_t s = (words.words() - 1) * each; s < slices; ++s) last += cycles(s);
  return static_cast<double>(words.words() - 1) * word + last;
}

/// A box of n x h x w pixels of `part` of `channels` of 8 >> narrow bits, rows `full` as wide as
/// the tensor's.
Traffic box_traffic(double n, double h, double w, int64_t part, int64_t channels, int narrow,
                    bool full, const arch::Geometry& g) {
  const double pixels = n * h * w;
  const double runs = part < channels ? pixels : full ? n : n * h;
  const double bytes = pixels * static_cast<double>(ceil_div(part, int64_t{1} << narrow));
  return {pixels * static_cast<double>(g.packed(narrow).words(part)),
          bytes / g.axi_bytes + runs * 0.75, bytes / g.burst_bytes + runs * 0.75};
}

/// Positions of `dim` that are loaded for `tile` outputs, all parts of its taps together: of one
/// tap those that it meets, of several all between the first and the last.
int64_t least_positions(const WindowDim& dim, int64_t tile) {
  const bool gaps = dim.dilation > (tile - 1) * dim.stride + 1;
  return gaps ? 0
              : std::min(span_limit(dim, tile, dim.kernel, false),
                         dim.kernel * std::min(tile, dim.in));
}

}  // namespace

double beat_cycles(const arch::ArchConfig& arch, const arch::Geometry& geometry) {
  return arch.memory.kind == "random" ? 2.0 : geometry.axi_bytes / arch::peak_bytes_per_cycle(arch);
}

MemoryRates::MemoryRates(const arch::ArchConfig& arch, const arch::Geometry& geometry)
    : beat(beat_cycles(arch, geometry)),
      latency(arch::memory_latency_cycles(arch)),
      burst((latency + kBurstCycles) / arch.hw.outstanding) {}

WeightStream column_weights(const Layer& layer, const Plan& plan, const arch::Geometry& geometry) {
  if (!layer.uses_mxu() || layer.op->conv().group > 1) return {};
  const LayerShape& s = plan.shape;
  return expected_weight_stream(layer, plan, {{0, s.h.kernel}, {0, s.w.kernel}, {0, s.c}},
                                {0, std::min<int64_t>(geometry.cols, s.oc)}, geometry);
}

Work weight_loads(const WeightStream& column, int64_t outputs, double beat,
                  const arch::Geometry& geometry) {
  const auto columns = static_cast<double>(geometry.col_tiles(outputs));
  Work work;
  work.ldw = columns * static_cast<double>(column.steps);
  work.memory = columns * static_cast<double>(column.bytes) / geometry.axi_bytes * beat;
  return work;
}

LayerCost::LayerCost(const Layer& layer, const Plan& plan, ColumnCost& column,
                     const Residence& residence, const MemoryRates& memory, const arch::Geometry& g)
    : layer_(layer), residence_(residence), memory_(memory), geometry_(g) {
  const LayerShape& s = plan.shape;
  tiles_ = static_cast<double>(plan.output_tiles());
  columns_ = static_cast<double>(g.col_tiles(s.oc));
  blocks_ = static_cast<double>(ceil_div(g.col_tiles(s.oc), plan.block));
  uses_ = tiles_ * blocks_;
  const double m = static_cast<double>(s.pixels()) / tiles_;
  const int64_t taps = s.taps();
  const arch::Geometry out = g.packed(layer.out_narrow);
  const int64_t block_channels = std::min<int64_t>(
      s.oc, plan.block == 1 ? g.cols : ceil_div(plan.block, out.col_slices) * out.lanes);

  if (plan.input != InputMode::kResident) {
    const int64_t rows = span_limit(s.h, plan.tile_h, plan.chunk_h, plan.sampled_h());
    if (plan.strip_h > 0) {
      first_patch_ = patch_traffic(plan, rows, strip_columns(plan), block_channels);
      patch_ = patch_traffic(plan, s.n * loaded_rows(plan), strip_columns(plan), block_channels) *
               (1 / tiles_);
    } else {
      const int64_t columns = span_limit(s.w, plan.tile_w, plan.chunk_w, plan.sampled_w());
      first_patch_ = patch_ = patch_traffic(plan, rows, columns, block_channels);
    }
  }
  const auto block_of = [&](int narrow) {
    return box_traffic(static_cast<double>(plan.tile_n), static_cast<double>(plan.tile_h),
                       static_cast<double>(plan.tile_w), block_channels, s.oc, narrow,
                       plan.tile_w == s.w.out, g);
  };
  if (layer.has_residual() && !residence.residual)
    residual_ = block_of(layer.residual_narrow) * uses_;
  if (residence.store) sto_ = block_of(layer.out_narrow) * uses_ * layer.passes();
  parameters_ = Traffic{2 * columns_ * g.pb_row_bytes / g.pb_word_bytes,
                        2 * columns_ * g.pb_row_bytes / g.axi_bytes};

  instructions_ = tiles_ * columns_ * 2;
  if (by_diagonals(layer, plan)) {
    const DepthwiseWork work = depthwise_work(layer, g, m, static_cast<double>(taps));
    mxu_ = tiles_ * (work.mxu + kIssueCycles * columns_);
    weights_ = {tiles_ * work.ldw_steps, tiles_ * work.weight_bytes / g.axi_bytes};
    instructions_ += tiles_ * columns_;
  } else if (layer.uses_mxu() && layer.op->conv().group > 1) {
    const auto chunks = static_cast<double>(plan.chunks());
    const GroupedWork work = grouped_work(layer, plan, g, m);
    mxu_ = tiles_ * (work.mxu + kIssueCycles * columns_ * chunks);
    const double streams = plan.keep ? 1 : tiles_;
    weights_ = {streams * work.ldw_steps, streams * work.weight_bytes / g.axi_bytes};
    instructions_ += streams * columns_ * chunks;
  } else if (layer.uses_mxu()) {
    const double chunks = static_cast<double>(plan.chunks());
    mxu_ = tiles_ * columns_ * (array_cycles(plan, m, column.array) + kIssueCycles * chunks);
    const double streams = columns_ * (plan.keep ? 1 : tiles_);
    weights_ = {streams * static_cast<double>(column.weights.steps),
                streams * static_cast<double>(column.weights.bytes) / g.axi_bytes};
    instructions_ += streams * chunks;
  }
  const double vector_taps =
      layer.uses_mxu() ? 1 : static_cast<double>(taps + (layer.has_residual() ? 1 : 0));
  vector_cycles_ = (m * vector_taps + kVectorLatency) * layer.passes();
  vpu_ = tiles_ * columns_ * vector_cycles_;
  if (plan.parts) add_parts(plan);
}

/// The array's cycles for a column tile of `rows` rows, without issue.
double LayerCost::array_cycles(const Plan& plan, double rows, ColumnCost::Array& known) const {
  if (known.rows != rows) {
    const bool structured = layer_.structured();
    const MissingTiles missing = missing_tiles(layer_, plan, geometry_.grouped(structured));
    known.rows = rows;
    known.cycles = static_cast<double>(plan.shape.taps()) *
                       position_cycles(plan, plan.shape.c, rows, structured, geometry_) -
                   position_cycles(plan, missing.lanes, rows, structured, geometry_);
  }
  return known.cycles;
}

/// A load of `height` rows and `width` columns of the input of a tile or, cut so, a block.
Traffic LayerCost::patch_traffic(const Plan& plan, int64_t height, int64_t width,
                                 int64_t block_channels) const {
  const LayerShape& s = plan.shape;
  const arch::Geometry& g = geometry_;
  const auto rows = static_cast<double>(height), cols = static_cast<double>(width);
  const auto n = static_cast<double>(plan.tile_n);
  if (plan.input == InputMode::kWindow) {
    const LayerShape& whole = layer_.shape;
    const auto packed = static_cast<double>(plan.packed_rows);
    const double bytes = cols * static_cast<double>(whole.w.stride * layer_.in_bytes(whole.c));
    const auto emissions = static_cast<double>(
        pack_emissions(layer_.in_bytes(whole.w.kernel * whole.c), plan.packed_rows, g));
    return {n * rows * (packed * (bytes / g.word_bytes + 3) + cols * emissions),
            n * rows * packed * (bytes / g.axi_bytes + 1),
            n * rows * packed * (bytes / g.burst_bytes + 0.75)};
  }
  const int64_t part = shares_patch(layer_, plan) ? plan.chunk_c : block_channels;
  if (plan.sliced) {  // a run for each word
    const double words = n * rows * cols * static_cast<double>(InputWords(plan, part, g).words());
    return {2 * words, words * 1.25, words};
  }
  return box_traffic(n, rows, cols, part, s.c, layer_.unpacked_narrow(),
                     width == s.w.in && !(plan.sampled_h() && s.h.stride > 1), g);
}

void LayerCost::add_parts(const Plan& plan) {
  const auto chunks = static_cast<double>(plan.chunks());
  instructions_ = tiles_ * columns_ * (chunks * (layer_.sum ? 2 : 1) + 1);
  if (layer_.sum) {
    const double taps = chunks * static_cast<double>(plan.part_taps());
    const DepthwiseWork work =
        depthwise_work(layer_, geometry_, static_cast<double>(plan.part_rows()), taps);
    mxu_ = tiles_ * (work.mxu + kIssueCycles * columns_ * chunks);
    weights_ = {tiles_ * work.ldw_steps, tiles_ * work.weight_bytes / geometry_.axi_bytes};
    vector_cycles_ = static_cast<double>(plan.part_rows()) + kVectorLatency;
  } else {
    vector_cycles_ += chunks * (kVectorLatency + 1);
  }
  vpu_ = tiles_ * columns_ * vector_cycles_;
}

/// How often patches are loaded when `buffers` of them are held.
double LayerCost::patch_loads(const Plan& plan, int64_t buffers) const {
  if (plan.input == InputMode::kResident) return 0;
  const double distinct = tiles_ * static_cast<double>(plan.chunks());
  if (plan.parts) return blocks_ * distinct;
  if (plan.strip_h > 0 && plan.strips() <= buffers) return distinct;
  if (!shares_patch(layer_, plan))
    return (plan.chunks() <= buffers ? blocks_ : columns_) * distinct;
  if (distinct <= static_cast<double>(buffers)) return distinct;
  if (plan.chunks() <= buffers) return distinct * (plan.columns_outer ? blocks_ : 1);
  // A column tile of a convolution in groups needs few of the chunks of channels.
  const double share = in_groups(layer_)
                           ? std::min(1.0, 1 / static_cast<double>(layer_.op->conv().group) +
                                               2 * static_cast<double>(plan.chunk_c) /
                                                   static_cast<double>(plan.shape.c))
                           : 1;
  return std::max(distinct, distinct * columns_ * share);
}

Work LayerCost::busy(double patch_loads) const {
  Traffic lda = patch_ * patch_loads;
  lda += residual_;
  lda += parameters_;
  const double memory =
      (lda.beats + weights_.beats + sto_.beats +
       (instructions_ + patch_loads) * isa::kInstructionBytes / geometry_.axi_bytes) *
      memory_.beat;
  Work work{mxu_, vpu_, busy(lda), weights_.steps, busy(sto_), memory};
  work.tiles = tiles_ * columns_;
  return work;
}

Work LayerCost::least(const Plan& plan, int64_t most) const {
  return busy(patch_loads(plan, most));
}

Work LayerCost::least_of_tiles(Plan plan, bool kept, bool chunked, bool strips,
                               int64_t acc_rows) const {
  LayerCost least = *this;
  if (kept) {
    least.weights_ = weights_ * (1 / tiles_);
    least.instructions_ = tiles_ * columns_ * 2;
  }
  if (chunked) least.patch_ = least_patch(plan);
  if (strips) {  // one for all rows
    plan.strip_h = plan.shape.h.out;
    const Traffic shared =
        patch_traffic(plan, plan.shape.n * loaded_rows(plan), strip_columns(plan), 0) *
        (1 / tiles_);
    least.patch_ = {std::min(least.patch_.steps, shared.steps),
                    std::min(least.patch_.beats, shared.beats),
                    std::min(least.patch_.bursts, shared.bursts)};
    plan.strip_h = 0;
  }
  Work work = least.busy(patch_loads(plan, 1));
  work.exposed = least.least_exposed(plan, 1, most_together(plan, acc_rows), work.cycles());
  if (!chunked && shares_patch(layer_, plan)) work.start = least_start(plan);
  return work;
}

Work LayerCost::least_staged(const Plan& plan, int64_t most) const {
  Work work = least(plan, most);
  work.exposed = least_exposed(plan, plan.together, plan.together, work.cycles());
  work.start = start(patch_loads(plan, most));
  return work;
}

/// Cycles before the first patch is there, which may be one of whole rows.
double LayerCost::least_start(const Plan& plan) const {
  if (plan.input == InputMode::kWindow) return start(1);
  return plan.input == InputMode::kPatch ? first_patch_.steps + memory_.latency : 0;
}

/// What is exposed whatever the staging, with at least `few` and at most `many` column tiles in a
/// half of the accumulators.
double LayerCost::least_exposed(const Plan& plan, int64_t few, int64_t many, double busiest) const {
  if (layer_.uses_mxu()) return exposed_drains(plan, few, many, busiest, 0);
  return last_is_exposed(plan) ? vector_cycles_ : 0;
}

/// What is loaded of the input for a tile of `plan` in chunks of any size.
Traffic LayerCost::least_patch(const Plan& plan) const {
  if (in_groups(layer_)) return {};  // not all of it
  const LayerShape& s = plan.shape;
  const auto rows = static_cast<double>(least_positions(s.h, plan.tile_h)),
             columns = static_cast<double>(least_positions(s.w, plan.tile_w));
  return box_traffic(static_cast<double>(plan.tile_n), rows, columns, s.c, s.c,
                     layer_.unpacked_narrow(), true, geometry_);
}

double LayerCost::transfer(const Traffic& t, double count) const {
  return t.steps > 0 ? std::max(busy(t), t.beats * memory_.beat) + count * memory_.latency : 0;
}

Work LayerCost::with_buffers(const Plan& plan) const {
  const double loads = patch_loads(plan, plan.in.buffers);
  Work work = busy(loads);
  work.exposed = exposed(plan, work, loads);
  work.start = start(loads);
  return work;
}

double LayerCost::exposed(const Plan& plan, const Work& work, double patch_loads) const {
  // A buffer is filled, worked on and emptied: with `buffers` of them so many rounds overlap.
  const double compute = std::max({mxu_, vpu_, weights_.steps});
  const double busiest = work.cycles();
  double most = 0;
  const auto rounds = [&](double transfers, int buffers) {
    most = std::max(most, (compute + transfers) / buffers - busiest);
  };
  if (plan.in.buffers > 0 && patch_loads > plan.in.buffers &&
      (plan.strip_h == 0 || plan.strips() > plan.in.buffers)) {
    // A tile whose chunks take all buffers leaves none for the next tile.
    const int64_t chunks = layer_.uses_mxu() ? plan.chunks() : 1;
    const bool held = chunks > 1 && chunks <= plan.in.buffers;
    // A buffer is free when the sums of the last pixel have left the array.
    const double latencies =
        layer_.uses_mxu() ? patch_loads * (geometry_.rows + geometry_.cols) : 0;
    rounds(transfer(patch_ * patch_loads, patch_loads) + latencies, held ? 1 : plan.in.buffers);
  }
  if (plan.residual.buffers > 0 && uses_ > plan.residual.buffers)
    rounds(transfer(residual_, uses_), plan.residual.buffers);
  if (plan.out.buffers > 0 && uses_ > plan.out.buffers)
    rounds(transfer(sto_, uses_) + (plan.in_place ? transfer(residual_, uses_) : 0),
           plan.out.buffers);
  if (layer_.uses_mxu()) return exposed_drains(plan, plan.together, plan.together, busiest, most);
  return most + (last_is_exposed(plan) ? vector_cycles_ : 0);
}

/// The last tile's vector pass is exposed unless what follows can already work on the tiles before
/// it.
bool LayerCost::last_is_exposed(const Plan& plan) const {
  return plan.output_tiles() < (residence_.banded ? 2 : kOverlappingTiles) || plan.columns_outer;
}

/// Accumulators have two halves: one is filled while the other drains and is read.
double LayerCost::exposed_drains(const Plan& plan, int64_t few, int64_t many, double busiest,
                                 double most) const {
  const double latency = geometry_.rows + geometry_.cols, uses = tiles_ * columns_;
  const double compute = std::max({mxu_, vpu_, weights_.steps});
  const double both = compute + uses * vector_cycles_ + uses / static_cast<double>(many) * latency;
  most = std::max(most, both / 2 - busiest);
  return most + (last_is_exposed(plan) ? latency + static_cast<double>(few) * vector_cycles_ : 0);
}

int64_t LayerCost::most_together(const Plan& plan, int64_t acc_rows) const {
  const int64_t room = acc_rows / 2 / (plan.tile_n * plan.tile_h * plan.tile_w);
  const auto uses = static_cast<int64_t>(tiles_ * columns_);
  return std::max<int64_t>(1, std::min({room, uses / 2, kMostTogether}));
}

int64_t LayerCost::best_together(const Plan& plan, int64_t acc_rows) const {
  if (!layer_.uses_mxu()) return 1;
  const double busiest = std::max({mxu_, vpu_, weights_.steps});
  int64_t best = 1;
  double least = exposed_drains(plan, 1, 1, busiest, 0);
  for (int64_t together = 2; together <= most_together(plan, acc_rows); ++together) {
    const double exposed = exposed_drains(plan, together, together, busiest, 0);
    if (exposed < least) best = together, least = exposed;
  }
  return best;
}

}  // namespace systole::lower
