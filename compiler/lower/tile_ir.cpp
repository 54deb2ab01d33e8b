// SPDX-License-Identifier: Apache-2.0
// Checking and printing of the tile IR.
#include "compiler/lower/tile_ir.h"

#include <fmt/format.h>

#include <iterator>

#include "compiler/lower/effects.h"
#include "model/arch/weight_rows.h"
#include "model/base/error.h"

namespace systole::lower {
namespace {

[[noreturn]] void broken(size_t index, const TileOp& op, const std::string& why) {
  throw internal_error(fmt::format("tile operation {} of layer {}: {}", index, op.tag, why));
}

/// Follows the ring of weight tiles: which load the next matmul has to name.
class RingCheck {
 public:
  RingCheck(const isa::HwParams& hw) : hw_(hw), geometry_(hw) {}

  void load(OpIndex index, const isa::LoadWeights& load) {
    int64_t stored = 0;
    const int64_t tiles =
        arch::for_each_stored_tile(load, geometry_, [&](const arch::StoredTile&) { ++stored; });
    loads_.push_back(
        {index, tiles, stored, load.structured, !arch::is_hole(load.holes, tiles - 1)});
  }
  /// Empty, or what is wrong.
  std::string matmul(OpIndex weights, const isa::Matmul& matmul, int64_t holes) {
    if (loads_.size() <= next_ || loads_[next_].index != weights)
      return "matmul takes weight tiles that are not next in the ring";
    const int64_t tiles =
        matmul.kh * matmul.kw * geometry_.grouped(matmul.structured).groups(matmul.channels);
    const LoadedTiles& loaded = loads_[next_];
    if (tiles != loaded.tiles || tiles - holes != loaded.stored)
      return "matmul takes another number of weight tiles than loaded";
    if (matmul.structured != loaded.structured) return "matmul takes tiles of another structure";
    if (!loaded.last_stored) return "the last weight tile of a matmul is a hole";
    if (matmul.keep && tiles > hw_.wb_tiles)
      return "matmul keeps more weight tiles than the ring holds";
    if (!matmul.keep) ++next_;
    return {};
  }
  bool all_taken() const { return next_ == loads_.size(); }

 private:
  struct LoadedTiles {
    OpIndex index;
    int64_t tiles;   ///< of the shape
    int64_t stored;  ///< without holes
    bool structured;
    bool last_stored;
  };
  const isa::HwParams& hw_;
  arch::Geometry geometry_;
  std::vector<LoadedTiles> loads_;
  size_t next_ = 0;
};

}  // namespace

void verify(const TileProgram& program, const isa::HwParams& hw) {
  const arch::Geometry geometry(hw);
  RingCheck ring(hw);
  std::vector<Access> accesses;
  for (size_t k = 0; k < program.ops.size(); ++k) {
    const TileOp& op = program.ops[k];
    accesses.clear();
    collect_accesses(op, geometry, accesses);
    for (const Access& access : accesses)
      if (access.first < 0 || access.last < access.first ||
          access.last >= arch::storage_size(access.storage, hw, geometry))
        broken(k, op,
               fmt::format("{}..{} is outside {}", access.first, access.last,
                           storage_name(access.storage)));
    const auto index = static_cast<OpIndex>(k);
    if (const auto* load = std::get_if<isa::LoadWeights>(&op.instruction)) ring.load(index, *load);
    if (const auto* matmul = std::get_if<isa::Matmul>(&op.instruction))
      if (const std::string why = ring.matmul(op.weights, *matmul, op.holes); !why.empty())
        broken(k, op, why);
  }
  if (!ring.all_taken()) throw internal_error("weight tiles are loaded that no matmul takes");
}

std::string to_text(const TileProgram& program) {
  std::string text;
  for (const TileOp& op : program.ops) {
    const isa::Words words = encode(op.instruction, {.tag = op.tag});
    const isa::InstructionInfo& info =
        *isa::find_instruction(static_cast<uint8_t>(words[0] & 0xff));
    fmt::format_to(std::back_inserter(text), "{} tag={}", info.name, op.tag);
    for (const isa::FieldInfo& field : info.fields) {
      const uint32_t bits = isa::get_bits(words, field.word, field.lsb, field.width);
      switch (field.kind) {
        case isa::FieldKind::kUnsigned:
          fmt::format_to(std::back_inserter(text), " {}={}", field.name, bits);
          break;
        case isa::FieldKind::kSigned:
          fmt::format_to(std::back_inserter(text), " {}={}", field.name,
                         isa::sign_extend(bits, field.width));
          break;
        case isa::FieldKind::kFloat:
          fmt::format_to(std::back_inserter(text), " {}={}", field.name,
                         std::bit_cast<float>(bits));
          break;
      }
    }
    text += '\n';
  }
  return text;
}

}  // namespace systole::lower
