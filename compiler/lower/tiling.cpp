// SPDX-License-Identifier: Apache-2.0
// Enumerates tile sizes, loop orders, chunks and buffer counts, and keeps the cheapest legal plan.
#include "compiler/lower/tiling.h"

#include <cmath>
#include <limits>
#include <map>

#include "compiler/lower/cost.h"
#include "compiler/lower/depthwise.h"
#include "compiler/lower/field_limits.h"
#include "compiler/lower/grouped.h"
#include "compiler/lower/open_choices.h"
#include "compiler/lower/row_packing.h"
#include "compiler/lower/strips.h"
#include "compiler/lower/tile_sizes.h"

namespace systole::lower {
namespace {

constexpr double kTileWeight = 12;  // cycles: smaller tiles leave less room for surprises
constexpr int kMostBuffers = 3;     // of one operand

/// Whether instructions can say the stride of `dim` for `tile` outputs and `taps` taps: if only
/// the positions used are held it is 1, and for one output it does not matter.
bool stride_holds(const WindowDim& dim, int64_t tile, int64_t taps, bool sampled) {
  return dim.stride <= kField8 || tile == 1 || (sampled && taps == 1);
}

int64_t staging_words(const Plan& plan) {
  int64_t words = 0;
  for (const Staging* staging : plan.stagings()) words += staging->buffers * staging->words;
  return words;
}

/// `plan` with one buffer of each kind that it has.
Plan with_few_buffers(Plan plan) {
  for (Staging* staging : {&plan.in, &plan.residual, &plan.out})
    staging->buffers = std::min(staging->buffers, 1);
  return plan;
}

class PlanSearch {
 public:
  PlanSearch(const Layer& layer, const Residence& residence, const arch::ArchConfig& arch,
             const FreeSpace& space, bool pack_rows)
      : layer_(layer),
        residence_(residence),
        arch_(arch),
        geometry_(arch.hw),
        slices_(geometry_.grouped(layer.structured())),
        in_slices_(geometry_.col_slices_of(layer.uses_mxu() ? 0 : layer.in_narrow)),
        residual_slices_(geometry_.col_slices_of(layer.residual_narrow)),
        out_slices_(geometry_.col_slices_of(layer.out_narrow)),
        memory_(arch, geometry_),
        space_(space),
        free_words_(space.total()),
        pack_rows_(pack_rows) {}

  std::optional<Plan> run() {
    search(false);
    // Chunks cost loads: tried only where whole patches do not fit twice.
    if (layer_.uses_mxu() && !residence_.in && (!best_ || best_->in.buffers < 2)) search(true);
    // Parts of large windows are reduced while the next ones are loaded.
    const bool large = !residence_.in && layer_.shape.taps() > kField8;
    if (!layer_.uses_mxu() && (large || !best_)) search_parts();
    return best_;
  }
  int64_t least_words() const { return least_words_; }
  /// There is a plan that costs no more than this.
  void expect(double cost) {
    best_cost_ = std::nextafter(cost, std::numeric_limits<double>::infinity());
  }

  /// The best for each number of output tiles, of those that can take `most` cycles.
  std::vector<Plan> variants(double most) {
    most_cycles_ = most;
    by_tiles_.emplace();
    search(false);
    std::vector<Plan> plans;
    for (const auto& [tiles, plan] : *by_tiles_) plans.push_back(plan);
    return plans;
  }

 private:
  void search(bool chunked) {
    const LayerShape& s = layer_.shape;
    if (!layer_.uses_mxu() && (s.h.kernel > kField8 || s.w.kernel > kField8)) return;
    if (residence_.in) return search_tiles(input_of(layer_.shape, InputMode::kResident), false);
    const bool flat = layer_.mixes_channels() && layer_.in_dense && layer_.whole_pixels() &&
                      !residence_.banded && !in_groups(layer_);
    std::vector<Input> inputs{
        input_of(flat ? flattened(layer_.shape) : layer_.shape, InputMode::kPatch)};
    if (chunked || !layer_.uses_mxu()) return search_tiles(inputs[0], chunked);
    if (can_slice()) inputs.push_back(input_of(layer_.shape, InputMode::kPatch, 1, true));
    if (can_window())
      for (const int64_t packed : row_packings(layer_, slices_))
        if ((packed == 1 || pack_rows_) && windows_pay(packed))
          inputs.push_back(input_of(windowed(layer_.shape, packed), InputMode::kWindow, packed));
    std::stable_sort(inputs.begin(), inputs.end(),
                     [](const Input& a, const Input& b) { return a.compute < b.compute; });
    for (const Input& input : inputs) search_tiles(input, false);
  }

  /// A way to see the input, to be cut into tiles.
  struct Input {
    Plan plan;
    WeightStream weights;  ///< of a column tile
    double compute;        ///< cycles of any plan for at least
  };

  Input input_of(const LayerShape& shape, InputMode mode, int64_t packed = 1, bool sliced = false) {
    Input input;
    input.plan.shape = shape;
    input.plan.input = mode;
    input.plan.packed_rows = packed;
    input.plan.sliced = sliced;
    input.weights = column_weights(layer_, input.plan, geometry_);
    column_ = {input.weights, {}};
    input.compute = least_compute(input.plan);
    return input;
  }

  /// Whether windows of `packed` rows take fewer weight tiles than words of single pixels do.
  bool windows_pay(int64_t packed) const {
    const LayerShape& s = layer_.shape;
    if (layer_.op->conv().group == 1)
      return window_tiles(layer_, packed, slices_) < s.taps() * slices_.groups(s.c);
    if (!has_zero(layer_)) return false;
    Plan pixels, windows;
    pixels.shape = s, pixels.input = InputMode::kPatch;
    windows.shape = windowed(s, packed), windows.input = InputMode::kWindow;
    windows.packed_rows = packed;
    const double m = geometry_.rows;
    const double each =
        layer_.depthwise() ? depthwise_work(layer_, geometry_, m, static_cast<double>(s.taps())).mxu
                           : grouped_work(layer_, pixels, geometry_, m).mxu;
    return grouped_work(layer_, windows, geometry_, m).mxu < each;
  }

  /// Whether load_window can fetch every row of windows.
  bool can_window() const {
    const LayerShape& s = layer_.shape;
    const int64_t last_begin = (s.w.out - 1) * s.w.stride - s.w.pad;
    if (!layer_.in_pixels || !layer_.whole_pixels() || s.w.dilation != 1 || s.w.pad >= s.w.kernel ||
        last_begin >= s.w.in)
      return false;
    if (s.padded() && !layer_.stored_pad_byte) return false;
    const int64_t bytes = layer_.in_bytes(s.c);
    return s.w.kernel * bytes <= kLineBytes && s.w.stride * bytes <= kField16;
  }

  /// Whether words of whole slices take fewer passes of the array than full words, whose last slice
  /// is narrower. What they leave empty must be weight tiles that can be left out.
  bool can_slice() const {
    if (geometry_.lanes % geometry_.rows == 0 || layer_.structured() || layer_.in_narrow > 0 ||
        (layer_.uses_mxu() && layer_.op->conv().weight_type.bits() == 1) || layer_.depthwise())
      return false;
    Plan plan;
    plan.sliced = true;
    return in_groups(layer_) ||
           InputWords(plan, layer_.shape.c, geometry_).slices() < geometry_.groups(layer_.shape.c);
  }

  void search_tiles(const Input& input, bool chunked) {
    Plan plan = input.plan;
    column_ = {input.weights, {}};
    const bool kept = !layer_.uses_mxu() || weight_tiles(plan) <= arch_.hw.wb_tiles;
    const Work each = least_of_each_tile(plan, kept);
    const auto least = [&] {
      Work work = each * static_cast<double>(plan.output_tiles());
      work.mxu = input.compute;
      return work;
    };
    const auto least_of = [&] { return least_of_tiles(plan, kept, chunked); };
    const int64_t most =
        layer_.uses_mxu() ? arch_.hw.acc_rows / 2 : std::numeric_limits<int64_t>::max();
    const std::vector<TileSizes> sizes = tile_sizes(plan.shape, most);
    if (by_tiles_)
      search_each_count(plan, chunked, sizes, least, least_of);
    else
      search_cheapest(plan, chunked, sizes, least, least_of);
  }

  /// The best of each number of output tiles. `least`, `least_of`: the work that plans of the tiles
  /// of `plan` are at least, soon and closely.
  template <typename Least, typename LeastOf>
  void search_each_count(Plan& plan, bool chunked, const std::vector<TileSizes>& sizes,
                         const Least& least, const LeastOf& least_of) {
    for (const TileSizes& size : sizes) {
      size.set(plan);
      const int64_t tiles = plan.output_tiles();
      const auto known = by_tiles_->find(tiles);
      best_.reset();
      best_cost_ = std::numeric_limits<double>::infinity();
      if (known != by_tiles_->end()) best_ = known->second, best_cost_ = plan_cost(best_->work);
      const auto hopeless = [&](const Work& work) {
        return best_cost_ <= plan_cost(work) || work.cycles() > most_cycles_;
      };
      if (hopeless(least()) || hopeless(least_of())) continue;
      search_blocks(plan, chunked);
      if (best_) (*by_tiles_)[tiles] = *best_;
    }
  }

  /// The best of all, those first that could cost the least: then most need no search.
  template <typename Least, typename LeastOf>
  void search_cheapest(Plan& plan, bool chunked, const std::vector<TileSizes>& sizes,
                       const Least& least, const LeastOf& least_of) {
    OpenChoices open;
    for (size_t i = 0; i < sizes.size(); ++i) {
      sizes[i].set(plan);
      const double cost = plan_cost(least());
      if (cost < best_cost_) open.add({cost, i, false});
    }
    size_t best = 0;  // whose the best plan is; those of shapes before come before all
    while (!open.empty()) {
      const OpenChoices::Choice next = open.take();
      if (next.least > best_cost_) return;
      if (next.least == best_cost_ && next.index >= best) continue;
      sizes[next.index].set(plan);
      if (!next.close) {
        if (!chunked && !may_fit(plan)) continue;
        open.add({std::max(next.least, plan_cost(least_of())), next.index, true});
        continue;
      }
      const double before = best_cost_;
      if (next.index < best) expect(before);
      better_ = false;
      search_blocks(plan, chunked);
      if (better_)
        best = next.index;
      else
        best_cost_ = before;
    }
  }

  /// Whether there could be room for tiles of the sizes of `plan`, with whole patches.
  bool may_fit(Plan plan) const {
    if (free_words_ == 0) return true;  // what the smallest takes is asked for
    take_whole(plan);
    plan.block = 1;
    set_staging(plan);
    return std::min(plan.in.buffers, 1) * plan.in.words +
               std::min(plan.out.buffers, 1) * plan.out.words <=
           free_words_;
  }

  /// What an output tile takes for at least, however it is cut: all weights, unless the ring keeps
  /// them.
  Work least_of_each_tile(const Plan& plan, bool kept) const {
    Work work =
        kept ? Work() : weight_loads(column_.weights, plan.shape.oc, memory_.beat, geometry_);
    work.tiles = static_cast<double>(geometry_.col_tiles(plan.shape.oc));
    return work;
  }

  /// What any plan of the shape and input of `plan` computes for at least: as if in one tile.
  double least_compute(Plan plan) const {
    const LayerShape& s = plan.shape;
    plan.tile_n = s.n, plan.tile_h = s.h.out, plan.tile_w = s.w.out;
    take_whole(plan);
    return LayerCost(layer_, plan, column_, residence_, memory_, geometry_).compute();
  }

  /// What tiles of the sizes of `plan` take for at least.
  Work least_of_tiles(Plan plan, bool kept, bool chunked) const {
    take_whole(plan);
    const bool strips = pack_rows_ && can_strip(layer_, plan);
    return LayerCost(layer_, plan, column_, residence_, memory_, geometry_)
        .least_of_tiles(plan, kept, chunked, strips, arch_.hw.acc_rows);
  }

  /// One block, and no chunks that instructions do not need.
  void take_whole(Plan& plan) const {
    const LayerShape& s = plan.shape;
    plan.block = geometry_.col_tiles(s.oc);
    plan.columns_outer = plan.keep = false;
    plan.strip_h = 0;
    plan.chunk_h = most_taps(s.h), plan.chunk_w = most_taps(s.w), plan.chunk_c = s.c;
  }

  void search_blocks(Plan& plan, bool chunked) {
    const int64_t columns = geometry_.col_tiles(plan.shape.oc);
    int64_t last = 0;
    // Whole words of every operand, or a slice of a word.
    const int64_t slices = std::max({in_slices_, residual_slices_, out_slices_});
    for (const int64_t block : {columns, slices, int64_t{1}}) {
      if (block > columns || block == last) continue;
      last = plan.block = block;
      for (const bool columns_outer : {false, true}) {
        if (columns_outer && (block == columns || !shares_patch(layer_, plan))) continue;
        plan.columns_outer = columns_outer;
        search_chunks(plan, chunked);
      }
    }
  }

  void search_chunks(Plan& plan, bool chunked) {
    const LayerShape& s = plan.shape;
    plan.chunk_h = most_taps(s.h), plan.chunk_w = most_taps(s.w), plan.chunk_c = s.c;
    if (!chunked) return search_strips(plan);
    std::vector<std::pair<int64_t, int64_t>> sizes;  // kernel rows are cut before its columns
    for (const int64_t h : part_sizes(plan.chunk_h)) sizes.emplace_back(h, plan.chunk_w);
    for (const int64_t w : part_sizes(plan.chunk_w)) sizes.emplace_back(1, w);
    for (const auto& [h, w] : sizes) {
      plan.chunk_h = h, plan.chunk_w = w;
      for (int64_t words = geometry_.words(s.c, layer_.expand()); words >= 1;
           words = words > 1 ? (words + 1) / 2 : 0) {
        plan.chunk_c = std::min(s.c, words * geometry_.lanes << layer_.expand());
        search_buffers(plan);
        if (!layer_.mixes_channels()) break;  // blocks cut the channels
      }
    }
  }

  /// A patch for each tile, or for many of them: all rows, a half, a quarter.
  void search_strips(Plan& plan) {
    plan.strip_h = 0;
    search_buffers(plan);
    if (!pack_rows_ || !can_strip(layer_, plan)) return;
    const int64_t tiles = ceil_div(plan.shape.h.out, plan.tile_h);
    for (const int64_t parts : {1, 2, 4}) {
      const int64_t rows = ceil_div(tiles, parts) * plan.tile_h;
      if (rows <= plan.tile_h) break;
      plan.strip_h = std::min(rows, plan.shape.h.out);
      search_buffers(plan);
    }
    plan.strip_h = 0;
  }

  /// A pooling window that no buffer or instruction takes whole: a pixel after the other, its
  /// window chunk by chunk.
  void search_parts() {
    const LayerShape& s = layer_.shape;
    // Narrow values are expanded from the first of a word on: it must be the column tile's.
    const bool alone = layer_.sum && layer_.in_narrow > 0;
    if (alone && residence_.in) return;
    Plan plan;
    plan.shape = s;
    plan.input = residence_.in ? InputMode::kResident : InputMode::kPatch;
    plan.parts = true;
    plan.chunk_c = s.c;
    const int64_t columns = geometry_.col_tiles(s.oc);
    const int64_t slices = std::max({in_slices_, residual_slices_, out_slices_});
    for (const int64_t h : part_sizes(most_taps(s.h)))
      for (const int64_t w : part_sizes(most_taps(s.w))) {
        plan.chunk_h = h, plan.chunk_w = w;
        const int64_t room = arch_.hw.acc_rows / 2 / plan.part_rows();  // column tiles of sums
        if (layer_.sum && room == 0) continue;
        std::vector<int64_t> blocks{1};
        if (!alone) blocks.insert(blocks.end(), {slices, room / slices * slices, columns});
        for (const int64_t block : blocks) {
          if (block < 1 || block > columns || (layer_.sum && block > room)) continue;
          plan.block = block;
          search_slots(plan);
        }
      }
  }

  void search_slots(Plan& plan) {
    plan.slots = 0;
    if (layer_.sum) return search_buffers(plan);
    for (const int64_t most : {kField8, int64_t{16}, int64_t{2}}) {
      plan.slots = std::min(plan.chunks(), most);
      search_buffers(plan);
      if (plan.slots < most) break;
    }
  }

  void search_buffers(Plan& plan) {
    plan.keep = layer_.uses_mxu() && plan.columns_outer && plan.block == 1 && plan.chunks() == 1 &&
                plan.output_tiles() > 1 && weight_tiles(plan) <= arch_.hw.wb_tiles;
    if (!fields_hold(plan)) return;
    set_staging(plan);
    const int64_t words = staging_words(with_few_buffers(plan));
    least_words_ = std::min(least_words_, words);
    if (words > free_words_) return;
    const LayerCost cost(layer_, plan, column_, residence_, memory_, geometry_);
    const bool hopeless = best_cost_ <= plan_cost(cost.least(plan, kMostBuffers));
    if (hopeless) return;
    plan.together = plan.parts ? 1 : cost.best_together(plan, arch_.hw.acc_rows);
    if (best_cost_ <= plan_cost(cost.least_staged(plan, kMostBuffers))) return;
    const Plan most = plan;
    for (int in = std::max(1, most.in.buffers); in > 0; --in) {
      for (int out = std::max({1, most.residual.buffers, most.out.buffers}); out > 0; --out) {
        plan.in.buffers = std::min(most.in.buffers, in);
        plan.residual.buffers = std::min(most.residual.buffers, out);
        plan.out.buffers = std::min(most.out.buffers, out);
        consider(plan, cost);
      }
    }
  }

  /// Weight tiles of a column tile, all chunks together, with those that are passed over.
  int64_t weight_tiles(const Plan& plan) const {
    if (plan.sliced) return most_slices(plan);
    const bool some = in_groups(layer_) && plan.input != InputMode::kWindow;
    return plan.shape.taps() * (some ? grouped_work(layer_, plan, geometry_, 1).most_tiles
                                     : slices_.groups(plan.shape.c));
  }

  /// Slices that an instruction for a column tile meets, empty ones included.
  int64_t most_slices(const Plan& plan) const {
    int64_t channels = 0;
    for (int64_t t = 0; t < geometry_.col_tiles(plan.shape.oc); ++t) {
      const Range outputs{geometry_.col_tile_first(t), geometry_.col_tile_lanes(t, plan.shape.oc)};
      channels = std::max(
          channels,
          channels_for(layer_, plan, {{}, {}, {0, plan.shape.c}}, outputs, geometry_).count);
    }
    return plan.shape.taps() * geometry_.groups(InputWords(plan, channels, geometry_).channels());
  }

  /// Words of one block of column tiles per pixel.
  static int64_t block_words(const Plan& plan, int64_t slices) {
    return ceil_div(plan.block, slices);
  }

  int64_t patch_rows(const Plan& p) const {
    return span_limit(p.shape.h, p.tile_h, p.chunk_h, p.sampled_h());
  }
  int64_t patch_cols(const Plan& p) const {
    return span_limit(p.shape.w, p.tile_w, p.chunk_w, p.sampled_w());
  }
  int64_t patch_words(const Plan& p) const {
    return p.sliced                  ? InputWords(p, p.chunk_c, geometry_).words()
           : shares_patch(layer_, p) ? geometry_.words(p.chunk_c, layer_.expand())
                                     : block_words(p, in_slices_);
  }

  /// As many buffers as are of use.
  void set_staging(Plan& plan) const {
    const int64_t pixels = plan.tile_n * plan.tile_h * plan.tile_w, tiles = plan.output_tiles();
    const int64_t uses = tiles * ceil_div(geometry_.col_tiles(plan.shape.oc), plan.block);
    const auto staging = [&](int64_t slices, int64_t most) {
      return Staging{pixels * block_words(plan, slices), static_cast<int>(std::min(uses, most))};
    };
    plan.in = plan.residual = plan.out = plan.maxima = {};
    if (plan.slots > 0) plan.maxima = {plan.slots * block_words(plan, in_slices_), 1};
    if (plan.input != InputMode::kResident) {
      const auto buffers = [](int64_t patches) {
        return static_cast<int>(std::min<int64_t>(patches, kMostBuffers));
      };
      if (plan.strip_h > 0)
        plan.in = {strip_rows(plan) * strip_columns(plan) * patch_words(plan),
                   buffers(plan.strips())};
      else
        plan.in = {plan.tile_n * patch_rows(plan) * patch_cols(plan) * patch_words(plan),
                   buffers((shares_patch(layer_, plan) ? tiles : uses) * plan.chunks())};
    }
    // A load writes whole words: it may only go where the block has its words to itself.
    const bool own_words = !residence_.out || plan.block % out_slices_ == 0 ||
                           plan.block == geometry_.col_tiles(plan.shape.oc);
    const bool load_residual = layer_.has_residual() && !residence_.residual;
    plan.in_place = load_residual && own_words && !layer_.residual_pixel &&
                    layer_.residual_narrow == layer_.out_narrow;
    if (load_residual && !plan.in_place) plan.residual = staging(residual_slices_, 2);
    if (!residence_.out) plan.out = staging(out_slices_, plan.in_place ? 3 : 2);
    plan.out.words *= layer_.passes();
  }

  /// Whether every stride, count and size of the plan fits its instruction field.
  bool fields_hold(const Plan& plan) const {
    const LayerShape& s = plan.shape;
    if (plan.sliced && most_slices(plan) > arch::kHoleTiles) return false;
    if (plan.input == InputMode::kPatch) {
      if (plan.chunk_c > kField16 && shares_patch(layer_, plan)) return false;
    }
    if (s.c > kField16 && layer_.mixes_channels() && plan.input == InputMode::kResident)
      return false;
    if (patch_rows(plan) > kField16 || patch_cols(plan) > kField16) return false;
    if (!stride_holds(s.h, plan.tile_h, plan.chunk_h, plan.sampled_h()) ||
        !stride_holds(s.w, plan.tile_w, plan.chunk_w, plan.sampled_w()))
      return false;
    if (plan.input == InputMode::kWindow) {
      const int64_t outputs = plan.strip_h > 0 ? plan.shape.w.out : plan.tile_w;
      const int64_t columns = (outputs - 1) * layer_.shape.w.stride + layer_.shape.w.kernel;
      if (std::min(columns, layer_.shape.w.in) * layer_.in_bytes(layer_.shape.c) > kLineBytes)
        return false;
    }
    const auto holds = [&](bool resident, int narrow, int64_t slices) {
      const int64_t words =
          resident ? geometry_.packed(narrow).words(s.oc) : block_words(plan, slices);
      return vector_strides_hold((resident ? s.w.out : plan.tile_w) * words, plan.tile_h, words,
                                 plan.tile_w);
    };
    if (!holds(residence_.out, layer_.out_narrow, out_slices_)) return false;
    if (layer_.has_residual() &&
        !holds(residence_.residual, layer_.residual_narrow, residual_slices_))
      return false;
    if (layer_.uses_mxu() || (plan.parts && layer_.sum)) return true;
    const int64_t width = residence_.in ? s.w.in : patch_cols(plan);
    const int64_t words = residence_.in ? geometry_.packed(layer_.in_narrow).words(s.c)
                                        : block_words(plan, in_slices_);
    return vector_strides_hold(width * words, patch_rows(plan), words, patch_cols(plan));
  }

  /// The vector unit's row and column strides have 16 bits; a stride of a single step does not
  /// matter.
  static bool vector_strides_hold(int64_t row_stride, int64_t rows, int64_t column_stride,
                                  int64_t columns) {
    return (rows == 1 || row_stride <= kField16) && (columns == 1 || column_stride <= kField16);
  }

  void consider(Plan& plan, const LayerCost& work) {
    if (staging_words(plan) > free_words_) return;
    plan.work = work.with_buffers(plan);
    const double cost = plan_cost(plan.work);
    if (best_cost_ <= cost) return;
    if (!fits(space_, plan)) return;
    best_ = plan;
    best_cost_ = cost;
    better_ = true;
  }

  const Layer& layer_;
  const Residence& residence_;
  const arch::ArchConfig& arch_;
  const arch::Geometry geometry_;
  const arch::Geometry slices_;                             ///< what a matmul cuts words into
  const int64_t in_slices_, residual_slices_, out_slices_;  ///< of a word of each operand
  const MemoryRates memory_;
  const FreeSpace& space_;
  const int64_t free_words_;
  const bool pack_rows_;
  mutable ColumnCost column_;  ///< of the plans that are being tried
  std::optional<Plan> best_;
  double best_cost_ = std::numeric_limits<double>::infinity();
  double most_cycles_ = std::numeric_limits<double>::infinity();  ///< of variants
  bool better_ = false;                              ///< whether a better plan was found of late
  std::optional<std::map<int64_t, Plan>> by_tiles_;  ///< if the best of each number is wanted
  int64_t least_words_ = std::numeric_limits<int64_t>::max();
};

}  // namespace

bool fits(const FreeSpace& space, const Plan& plan) {
  std::vector<int64_t> sizes;
  for (const Staging* staging : plan.stagings())
    sizes.insert(sizes.end(), static_cast<size_t>(staging->buffers), staging->words);
  return space.fits(std::move(sizes));
}

double plan_cost(const Work& work) {
  return work.cycles() + kTrafficWeight * work.memory + kTileWeight * work.tiles;
}

std::vector<Plan> plan_variants(const Layer& layer, const Residence& residence,
                                const arch::ArchConfig& arch, const FreeSpace& space, double most) {
  return PlanSearch(layer, residence, arch, space, true).variants(most);
}

std::optional<Plan> plan_layer(const Layer& layer, const Residence& residence,
                               const arch::ArchConfig& arch, const FreeSpace& space, bool pack_rows,
                               const Plan* known) {
  PlanSearch search(layer, residence, arch, space, pack_rows);
  // Chunks and parts are tried only where whole patches do not do.
  if (known && known->chunks() == 1 && !known->parts) search.expect(plan_cost(known->work));
  return search.run();
}

int64_t least_words(const Layer& layer, const arch::ArchConfig& arch) {
  const FreeSpace nothing(0, 1);
  const Residence residence{.store = true};
  PlanSearch search(layer, residence, arch, nothing, true);
  search.run();
  return search.least_words();
}

}  // namespace systole::lower
