// SPDX-License-Identifier: Apache-2.0
// One load_window for rows that are alone; for packs one for those whose rows lie alike within the
// image, and one for each side of them that is padding.
#include "compiler/lower/window_transfer.h"

#include <algorithm>

#include "compiler/lower/field_limits.h"
#include "compiler/lower/narrow.h"
#include "compiler/lower/row_packing.h"

namespace systole::lower {
namespace {

constexpr uint16_t kAllPadding = kField16;

/// A load_window of the columns of one tile, without rows.
struct Columns {
  isa::LoadWindow window;
  int64_t first = 0;  ///< input column
};

Columns columns_of(const Layer& layer, const DramTensor& tensor, const Tile& tile,
                   const View& view) {
  const WindowDim& w = layer.shape.w;
  const int64_t begin = tile.w.first * w.stride - w.pad;
  const int64_t end = (tile.w.end() - 1) * w.stride - w.pad + w.kernel;
  const int64_t first = std::max<int64_t>(0, begin), last = std::min(w.in, end);
  isa::LoadWindow i;
  i.ub_stride0 = narrow<uint32_t>(view.stride_n, "unified buffer stride");
  i.ub_stride1 = narrow<uint32_t>(view.stride_h, "unified buffer stride");
  i.window_words = narrow<uint16_t>(view.stride_w, "window words");
  i.count0 = narrow<uint16_t>(tile.n.count, "items");
  i.row_bytes = narrow<uint16_t>((last - first) * tensor.c, "row bytes");
  i.windows = narrow<uint16_t>(tile.w.count, "windows");
  i.size = narrow<uint16_t>(w.kernel * tensor.c, "window bytes");
  i.step = narrow<uint16_t>(w.stride * tensor.c, "window step");
  i.pad_left = narrow<uint16_t>((first - begin) * tensor.c, "window padding");
  i.pad_byte = layer.stored_pad_byte.value_or(0);
  return {i, first};
}

/// Writes packs of rows.
class Packs {
 public:
  Packs(TileProgram& program, const Layer& layer, int64_t packed, const DramTensor& tensor,
        const Tile& tile, const View& view, const arch::Geometry& geometry)
      : program_(program),
        layer_(layer),
        packed_(packed),
        tensor_(tensor),
        tile_(tile),
        view_(view),
        geometry_(geometry),
        columns_(columns_of(layer, tensor, tile, view)) {}

  void append(Range packs) {
    for (int64_t pack = packs.first; pack < packs.end();) {
      const Range rows = inside(pack);
      Range alike{pack, 1};
      while (alike.end() < packs.end() && inside(alike.end()) == rows) ++alike.count;
      const int64_t addr = view_.addr + (pack - packs.first) * view_.stride_h;
      append_padding(alike, {0, rows.first}, addr);
      if (rows.count > 0) append_rows(alike, rows, addr);
      append_padding(alike, {rows.end(), packed_ - rows.end()}, addr);
      pack = alike.end();
    }
  }

 private:
  /// The rows of a pack that are not padding.
  Range inside(int64_t pack) const {
    const int64_t begin = first_row_of_pack(layer_.shape.h, packed_, pack);
    const int64_t first = std::clamp<int64_t>(-begin, 0, packed_);
    return {first, std::clamp<int64_t>(layer_.shape.h.in - begin, first, packed_) - first};
  }

  int64_t row_bytes() const { return tensor_.w * tensor_.c; }

  /// The first of the columns in input row `row`, or the nearest that there is.
  int64_t address(int64_t row) const {
    const int64_t there = std::clamp<int64_t>(row, 0, layer_.shape.h.in - 1);
    return tensor_.addr +
           ((tile_.n.first * tensor_.h + there) * tensor_.w + columns_.first) * tensor_.c;
  }

  void append_rows(Range packs, Range rows, int64_t addr) {
    isa::LoadWindow i = columns_.window;
    const int64_t first = first_row_of_pack(layer_.shape.h, packed_, packs.first) + rows.first;
    i.dram_addr = narrow<uint32_t>(address(first), "DRAM address");
    i.dram_stride0 = narrow<uint32_t>(tensor_.h * row_bytes(), "DRAM stride");
    i.dram_stride1 = narrow<uint32_t>(layer_.shape.h.stride * row_bytes(), "DRAM stride");
    i.dram_stride2 = narrow<uint32_t>(row_bytes(), "DRAM stride");
    i.count2 = narrow<uint8_t>(rows.count, "rows");
    i.ub_stride2 = narrow<uint16_t>(i.size / geometry_.lanes, "unified buffer stride");
    i.lane_stride = narrow<uint8_t>(i.size % geometry_.lanes, "lanes");
    append(i, packs, rows.first * i.size, addr);
  }

  /// Rows of padding are windows that begin far before the one byte that must be read.
  void append_padding(Range packs, Range rows, int64_t addr) {
    const int64_t size = columns_.window.size, end = rows.end() * size;
    for (int64_t byte = rows.first * size; byte < end; byte += kLineBytes) {
      isa::LoadWindow i = columns_.window;
      const int64_t row = first_row_of_pack(layer_.shape.h, packed_, packs.first) + rows.first;
      i.dram_addr = narrow<uint32_t>(address(row), "DRAM address");
      i.row_bytes = i.step = 1;
      i.pad_left = kAllPadding;
      i.size = narrow<uint16_t>(std::min(kLineBytes, end - byte), "window bytes");
      append(i, packs, byte, addr);
    }
  }

  void append(isa::LoadWindow i, Range packs, int64_t byte, int64_t addr) {
    i.count1 = narrow<uint16_t>(packs.count, "rows");
    i.ub_addr = narrow<uint32_t>(addr + byte / geometry_.lanes, "unified buffer address");
    i.lane = narrow<uint8_t>(byte % geometry_.lanes, "lane");
    program_.ops.push_back({i, layer_.tag});
  }

  TileProgram& program_;
  const Layer& layer_;
  const int64_t packed_;
  const DramTensor& tensor_;
  const Tile& tile_;
  const View& view_;
  const arch::Geometry& geometry_;
  const Columns columns_;
};

}  // namespace

void append_load_window(TileProgram& program, const Layer& layer, const Plan& plan,
                        const DramTensor& tensor, const Tile& tile, const Span& rows,
                        const View& view, const arch::Geometry& geometry) {
  if (plan.packed_rows > 1)
    return Packs(program, layer, plan.packed_rows, tensor, tile, view, geometry).append(rows.input);
  const auto [window, first] = columns_of(layer, tensor, tile, view);
  isa::LoadWindow i = window;
  i.dram_addr = narrow<uint32_t>(
      tensor.addr + ((tile.n.first * tensor.h + rows.input.first) * tensor.w + first) * tensor.c,
      "DRAM address");
  i.dram_stride0 = narrow<uint32_t>(tensor.h * tensor.w * tensor.c, "DRAM stride");
  i.dram_stride1 = narrow<uint32_t>(rows.step * tensor.w * tensor.c, "DRAM stride");
  i.ub_addr = narrow<uint32_t>(view.addr, "unified buffer address");
  i.count1 = narrow<uint16_t>(rows.input.count, "rows");
  program.ops.push_back({i, layer.tag});
}

}  // namespace systole::lower
