// SPDX-License-Identifier: Apache-2.0
// The cost model: work of each unit over the whole layer, then how much of it overlaps.
#include "compiler/lower/cost.h"

#include <algorithm>

#include "compiler/lower/depthwise.h"

namespace systole {
namespace {

constexpr double kIssueCycles = 4;        // take, lock, run, first row
constexpr double kVectorLatency = 18;     // issue, parameters, pipeline
constexpr int64_t kOverlappingTiles = 3;  // so many let the next layer start before this one ends

/// Cycles of one kernel position for `m` rows: each channel group costs max(m, its lanes).
double position_cycles(int64_t channels, double m, const Geometry& g) {
  const auto word = [&](int64_t lanes) {
    double cycles = 0;
    for (int64_t first = 0; first < lanes; first += g.rows)
      cycles += std::max<double>(m, static_cast<double>(std::min<int64_t>(g.rows, lanes - first)));
    return cycles;
  };
  return static_cast<double>(channels / g.lanes) * word(g.lanes) + word(channels % g.lanes);
}

/// Work of a DMA: steps, and beats on the bus.
struct Traffic {
  double steps = 0, beats = 0;
  Traffic& operator+=(const Traffic& o) {
    steps += o.steps, beats += o.beats;
    return *this;
  }
  Traffic operator*(double times) const { return {steps * times, beats * times}; }
};

/// A box of n x h x w pixels of `part` of `channels`, rows `full` as wide as the tensor's.
Traffic box_traffic(double n, double h, double w, int64_t part, int64_t channels, bool full,
                    const Geometry& g) {
  const double pixels = n * h * w;
  const double runs = part < channels ? pixels : full ? n : n * h;
  const double bytes = pixels * static_cast<double>(part);
  return {pixels * static_cast<double>(g.words(part)), bytes / g.axi_bytes + runs * 0.75};
}

}  // namespace

double beat_cycles(const ArchConfig& arch, const Geometry& geometry) {
  return arch.memory.kind == "random" ? 2.0 : geometry.axi_bytes / peak_bytes_per_cycle(arch);
}

Work estimate_work(const Layer& layer, const Plan& plan, const Residence& residence,
                   const ArchConfig& arch, const Geometry& g) {
  const LayerShape& s = plan.shape;
  const double tiles = static_cast<double>(plan.output_tiles());
  const double columns = static_cast<double>(g.col_tiles(s.oc));
  const double blocks = static_cast<double>(ceil_div(g.col_tiles(s.oc), plan.block));
  const double m = static_cast<double>(s.pixels()) / tiles;
  const int64_t taps = s.taps();
  const int64_t block_channels = std::min<int64_t>(
      s.oc, plan.block == 1 ? g.cols : ceil_div(plan.block, g.col_slices) * g.lanes);

  // Input: how often patches are loaded, and what one costs.
  Traffic patch;
  double patch_loads = 0;
  if (plan.input != InputMode::kResident) {
    const double rows =
        static_cast<double>(span_limit(s.h, plan.tile_h, plan.chunk_h, plan.sampled_h()));
    const double cols =
        static_cast<double>(span_limit(s.w, plan.tile_w, plan.chunk_w, plan.sampled_w()));
    const double n = static_cast<double>(plan.tile_n);
    const double distinct = tiles * static_cast<double>(plan.chunks());
    if (plan.input == InputMode::kWindow) {
      const double bytes = cols * static_cast<double>(layer.shape.w.stride * layer.shape.c);
      patch = {n * rows * (bytes / g.word_bytes + cols * static_cast<double>(g.words(s.c)) + 3),
               n * rows * (bytes / g.axi_bytes + 1)};
    } else {
      const int64_t part = layer.mixes_channels() ? plan.chunk_c : block_channels;
      const bool full = static_cast<int64_t>(cols) == s.w.in;
      patch =
          box_traffic(n, rows, cols, part, s.c, full && !(plan.sampled_h() && s.h.stride > 1), g);
    }
    if (!layer.mixes_channels())
      patch_loads = plan.chunks() <= plan.in.buffers ? blocks * distinct : columns * distinct;
    else if (distinct <= plan.in.buffers)
      patch_loads = distinct;
    else if (plan.chunks() <= plan.in.buffers)
      patch_loads = distinct * (plan.columns_outer ? blocks : 1);
    else
      patch_loads = distinct * columns;
  }
  Traffic lda = patch * patch_loads;
  const Traffic out_block = box_traffic(
      static_cast<double>(plan.tile_n), static_cast<double>(plan.tile_h),
      static_cast<double>(plan.tile_w), block_channels, s.oc, plan.tile_w == s.w.out, g);
  const double uses = tiles * blocks;
  const Traffic residual =
      layer.has_residual() && !residence.residual ? out_block * uses : Traffic{};
  lda += residual;
  lda += Traffic{2 * columns * g.pb_row_bytes / g.pb_word_bytes,
                 2 * columns * g.pb_row_bytes / g.axi_bytes};
  const Traffic sto = residence.store ? out_block * uses : Traffic{};

  double mxu = 0;
  Traffic ldw;
  double instructions = tiles * columns * 2 + patch_loads;
  if (layer.depthwise()) {
    const DepthwiseWork work = depthwise_work(layer, g, m);
    mxu = tiles * (work.mxu + kIssueCycles * columns);
    ldw = {tiles * work.ldw_steps, tiles * work.weight_bytes / g.axi_bytes};
    instructions += tiles * columns;
  } else if (layer.uses_mxu()) {
    const double chunks = static_cast<double>(plan.chunks());
    mxu = tiles * columns *
          (static_cast<double>(taps) * position_cycles(s.c, m, g) + kIssueCycles * chunks);
    const double streams = columns * (plan.keep ? 1 : tiles);
    const double depth = static_cast<double>(taps * s.c);
    ldw = {streams * depth,
           streams * depth * std::min<double>(g.cols, static_cast<double>(s.oc)) / g.axi_bytes};
    instructions += streams * chunks;
  }
  const double vector_taps =
      layer.uses_mxu() ? 1 : static_cast<double>(taps + (layer.has_residual() ? 1 : 0));
  const double vpu = tiles * columns * (m * vector_taps + kVectorLatency);

  const double beat = beat_cycles(arch, g);
  const double memory =
      (lda.beats + ldw.beats + sto.beats + instructions * 64 / g.axi_bytes) * beat;
  const double latency = memory_latency_cycles(arch);

  Work work{mxu, vpu, lda.steps, ldw.steps, sto.steps, memory};
  // A buffer is filled, worked on and emptied: with `buffers` of them so many rounds overlap.
  const double compute = std::max({mxu, vpu, ldw.steps});
  const double busiest = work.cycles();
  const auto transfer = [&](const Traffic& t, double count) {
    return t.steps > 0 ? std::max(t.steps, t.beats * beat) + count * latency : 0;
  };
  const auto rounds = [&](double transfers, int buffers) {
    work.exposed = std::max(work.exposed, (compute + transfers) / buffers - busiest);
  };
  const Traffic patches = patch * patch_loads;
  if (plan.in.buffers > 0 && patch_loads > plan.in.buffers) {
    // A tile whose chunks take all buffers leaves none for the next tile.
    const int64_t chunks = layer.uses_mxu() ? plan.chunks() : 1;
    const bool held = chunks > 1 && chunks <= plan.in.buffers;
    // A buffer is free when the sums of the last pixel have left the array.
    const double latencies = layer.uses_mxu() ? patch_loads * (g.rows + g.cols) : 0;
    rounds(transfer(patches, patch_loads) + latencies, held ? 1 : plan.in.buffers);
  }
  if (plan.residual.buffers > 0 && uses > plan.residual.buffers)
    rounds(transfer(residual, uses), plan.residual.buffers);
  if (plan.out.buffers > 0 && uses > plan.out.buffers)
    rounds(transfer(sto, uses) + (plan.in_place ? transfer(residual, uses) : 0), plan.out.buffers);
  // Accumulators have two halves: one is filled while the other drains and is read.
  const double drain = m * vector_taps + kVectorLatency + g.rows + g.cols;
  if (layer.uses_mxu())
    work.exposed = std::max(work.exposed, (compute + tiles * columns * drain) / 2 - busiest);
  work.tiles = tiles * columns;
  work.start = patch_loads > 0 ? transfer(patch, 1) : 0;
  // The last tile's vector pass is exposed unless what follows can already work on the tiles
  // before it.
  if (plan.output_tiles() < (residence.banded ? 2 : kOverlappingTiles) || plan.columns_outer)
    work.exposed += layer.uses_mxu() ? drain : m * vector_taps + kVectorLatency;
  return work;
}

}  // namespace systole
