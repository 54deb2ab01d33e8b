// SPDX-License-Identifier: Apache-2.0
// Lowers one layer: walks its tiles and appends their instructions.
#pragma once

#include <optional>
#include <vector>

#include "compiler/lower/acc_rows.h"
#include "compiler/lower/packing.h"
#include "compiler/lower/param_ring.h"
#include "compiler/lower/placement.h"
#include "compiler/lower/strips.h"
#include "compiler/lower/tile_ir.h"
#include "compiler/lower/views.h"
#include "compiler/lower/weight_stream.h"

namespace systole::lower {

/// Whose scalars the vector unit has. Told apart by owner, not by value: which values are alike
/// depends on ranges, and cycles should not.
struct ScalarsOwner {
  uint16_t tag = 0;  ///< layer; 0: those of a plain copy
  int pass = 0;      ///< of the layer; of a copy: bits of its values
  int table = -1;
  bool operator==(const ScalarsOwner&) const = default;
};

/// What outlives a layer: the program so far and the state of buffers that layers share.
struct LoweringState {
  TileProgram& program;
  DramLayout& dram;
  std::vector<program::Segment>& segments;
  AccRows acc;
  ParamRing params;
  TableRing tables;
  std::optional<ScalarsOwner> scalars = {};  ///< of the last vector_set
  uint16_t codebook_tag = 0;                 ///< layer whose codebook is loaded; 0: none
  std::vector<StoredWeights> stored = {};    ///< of layers with weights, as packed
  bool dry = false;                          ///< weights get addresses, but no bytes are packed
};

/// Where one operand of a layer lies: in DRAM, in the unified buffer, or both.
struct OperandPlace {
  DramTensor dram;           ///< if it is there
  std::optional<View> held;  ///< pixel (0, 0, 0), though a band may not hold it
};

struct LayerPlaces {
  OperandPlace in, residual, out;
  StagingPlaces staging;
};

/// Buffers used in turn.
class Rotation {
 public:
  explicit Rotation(const std::vector<Range>& buffers)
      : buffers_(buffers), keys_(buffers.size(), -1) {}
  /// The address of the buffer that holds `key`, or nothing.
  std::optional<int64_t> find(int64_t key) const;
  /// The address of the next buffer, which from now on holds `key`.
  int64_t next(int64_t key);

 private:
  std::vector<Range> buffers_;
  std::vector<int64_t> keys_;
  size_t next_ = 0;
};

class LayerLowering {
 public:
  LayerLowering(const Layer& layer, const Plan& plan, const Residence& residence,
                LayerPlaces places, const isa::HwParams& hw, LoweringState& state);
  /// Appends the instructions that make the rows `h` of the items `n` of the output. To be called
  /// for all of it, part by part in order.
  void run(Range n, Range h);
  /// Where operands that are held in bands are from now on.
  LayerPlaces& places() { return places_; }

 private:
  /// Column tiles that are staged and stored together, and their channels.
  struct Block {
    Range columns, channels;
    int64_t index = 0;
  };
  /// A part of a tile whose windows hold the same number of real taps.
  struct Region {
    Range h, w;
    int64_t taps = 1;
  };
  /// What a vector instruction reads or writes: pixels of a tile, and the slice of their words.
  struct Operand {
    View view;
    int64_t slice = 0;
  };

  /// What a vector instruction reduces for each pixel: a window of kh x kw.
  struct Source {
    Patch patch;
    int64_t slice = 0;
    bool acc = false;  ///< rows of the accumulators, not words
    int64_t kh = 1, kw = 1;
  };

  std::vector<Tile> make_tiles(Range n, Range h);
  std::vector<Block> make_blocks() const;
  std::vector<Region> make_regions(const Tile& tile) const;

  void lower_block(const Tile& tile, const Block& block);
  void lower_matmuls(const Tile& tile, int64_t column, int64_t acc_row);
  /// The same for a column tile of a depthwise convolution (depthwise.cpp).
  void lower_depthwise(const Tile& tile, const Block& block, int64_t column, int64_t acc_row);
  /// The sums of a convolution's column tile; they are made here.
  Source lower_sums(const Tile& tile, const Block& block, int64_t column);
  /// Reduces the windows of a block in parts (window_parts.cpp), up to what parts_of names.
  void reduce_parts(const Tile& tile, const Block& block, int64_t key);
  void sum_parts(const Tile& tile, const Block& block, int64_t key);
  void find_maxima(const Tile& tile, const Block& block, int64_t key);
  Source parts_of(const Block& block, int64_t column) const;
  /// Weights of 1 for a chunk of a sum.
  OpIndex load_ones(int64_t column, int64_t first, int64_t taps);
  /// Appends a vector instruction that keeps the greatest values of one window for one column tile.
  void append_maximum(const Source& from, const Operand& to, int64_t column);
  /// `pass`: of layer.passes(), each with its own `out`.
  void lower_vector(const Tile& tile, const Region& region, int64_t column, const Source& source,
                    const Operand& out, const std::optional<Operand>& residual, int pass);
  /// Appends a vector_set if the last one was another owner's; returns the layer's table or -1.
  int set_scalars(int pass);
  void pack_weights();
  /// Appends a load_codebook if the layer has one and another layer's is loaded.
  void provide_codebook();
  OpIndex load_weights(int64_t column, const Chunk& chunk);
  /// What a column tile's sums are made of, one matmul each.
  const std::vector<Chunk>& chunks_of(int64_t column) const {
    return column == 0 && !first_chunks_.empty() ? first_chunks_ : chunks_;
  }
  /// `chunk` with the channels of it that a column tile needs.
  Chunk part_of(const Chunk& chunk, int64_t column) const;
  const WeightStream& stream_of(int64_t column, const Chunk& chunk) const {
    return streams_[static_cast<size_t>(column)][static_cast<size_t>(chunk.index)];
  }
  /// A matmul over `patch`, but for its channels and where its words begin.
  isa::Matmul matmul_over(const Tile& tile, const Patch& patch, const Chunk& chunk,
                          int64_t acc_row) const;

  /// The input of a tile (patches.cpp), loaded unless it is resident or still in a buffer.
  /// `channels`: of the chunk or block.
  Patch find_patch(const Tile& tile, const Chunk& chunk, Range channels, int64_t key);
  Patch load_patch(const Tile& tile, Patch patch, Range channels, int64_t key);
  /// The same of a patch that serves several tiles.
  Patch load_strip(const Tile& tile, Patch patch);
  /// The strip that holds `rows` of `item`, or the newest, to which they are added, or the next.
  Strip& strip_of(int64_t item, Range rows, int64_t capacity);
  /// Loads what `patch` holds of its rows and columns to its view.
  void append_patch(const Tile& tile, const Patch& patch, Range bytes, const InputWords& words);
  /// The tile's part of an operand of the output's shape, for a whole block.
  View tile_view(const OperandPlace& place, const Tile& tile) const;
  /// The tile's part of a residual that is held.
  View residual_view(const Tile& tile) const;
  void load_residual(const Tile& tile, const Block& block, const View& view);
  void store(const Tile& tile, Range channels, const View& view);
  /// The part of `view`, of values of 8 >> narrow bits, that holds a column tile.
  Operand select_column(const View& view, bool resident, const Block& block, int64_t column,
                        int narrow) const;

  void append(const isa::AnyInstruction& instruction) {
    state_.program.ops.push_back({instruction, layer_.tag});
  }

  const Layer& layer_;
  const Plan& plan_;
  const Residence residence_;
  LayerPlaces places_;
  const arch::Geometry geometry_;
  const arch::Geometry out_geometry_;  ///< of words of results
  LoweringState& state_;
  std::vector<Chunk> chunks_;
  std::vector<Chunk> first_chunks_;  ///< of the first column tile, if they are others
  int64_t weights_addr_ = 0;         ///< in DRAM
  std::vector<std::vector<WeightStream>> streams_;  ///< [column tile][chunk]
  Rotation in_buffers_, residual_buffers_, out_buffers_;
  std::vector<Strip> strips_;   ///< what the buffers of strips hold
  size_t strip_ = 0;            ///< the newest
  int64_t codebook_addr_ = -1;  ///< in DRAM, once it is needed
  int64_t ones_addr_ = -1;      ///< likewise
  int64_t part_row_ = 0;        ///< first accumulator row of the block's parts of sums
  int64_t used_slots_ = 0;      ///< pixels of maxima that hold something
  int64_t tiles_ = 0;           ///< made so far
  OpIndex kept_ = kNoOp;        ///< load_weights of the tiles that the ring keeps
};

}  // namespace systole::lower
