// SPDX-License-Identifier: Apache-2.0
// Chooses the longest DRAM runs that an instruction's loops can say.
#include "compiler/lower/transfer.h"

#include "compiler/lower/field_limits.h"
#include "compiler/lower/narrow.h"

namespace systole::lower {
namespace {

/// One loop of a transfer instruction.
struct Loop {
  int64_t count = 1, dram_stride = 0, ub_stride = 0;
};

/// Channels [c.first, c.end) of the pixels of `box`; the channels are few enough for one
/// instruction.
template <class Transfer>
Transfer make_transfer(const DramTensor& tensor, const Box& box, Range c, const View& view) {
  const int64_t column_bytes = box.w.step * tensor.c;
  const int64_t row_bytes = box.h.step * tensor.w * tensor.c;
  const int64_t item_bytes = tensor.h * tensor.w * tensor.c;
  const int64_t rows = box.h.range.count, columns = box.w.range.count, items = box.n.count;
  Loop loops[3] = {{items, item_bytes, view.stride_n},
                   {rows, row_bytes, view.stride_h},
                   {columns, column_bytes, view.stride_w}};
  int64_t pixels = 1;
  // Whole pixels side by side are one run; so are whole rows, and whole items, that follow one
  // another.
  if (c.count == tensor.c && box.w.step == 1 && view.stride_w <= kField16) {
    pixels = columns;
    loops[2] = {};
    const bool whole_rows = columns == tensor.w && (box.h.step == 1 || rows == 1) &&
                            (rows == 1 || view.stride_h == columns * view.stride_w);
    if (whole_rows && rows * pixels <= kField16) {
      pixels *= rows;
      loops[1] = {};
      const bool whole_items =
          rows == tensor.h && (items == 1 || view.stride_n == pixels * view.stride_w);
      if (whole_items && items * pixels <= kField16) {
        pixels *= items;
        loops[0] = {};
      }
    }
  }
  Transfer t;
  t.dram_addr =
      narrow<uint32_t>(tensor.addr + box.n.first * item_bytes +
                           (box.h.range.first * tensor.w + box.w.range.first) * tensor.c + c.first,
                       "DRAM address");
  t.ub_addr = narrow<uint32_t>(view.addr, "unified buffer address");
  t.dram_stride0 = narrow<uint32_t>(loops[0].dram_stride, "DRAM stride");
  t.dram_stride1 = narrow<uint32_t>(loops[1].dram_stride, "DRAM stride");
  t.dram_stride2 = narrow<uint32_t>(loops[2].dram_stride, "DRAM stride");
  t.ub_stride0 = narrow<uint32_t>(loops[0].ub_stride, "unified buffer stride");
  t.ub_stride1 = narrow<uint32_t>(loops[1].ub_stride, "unified buffer stride");
  t.ub_stride2 = narrow<uint32_t>(loops[2].ub_stride, "unified buffer stride");
  t.count0 = narrow<uint16_t>(loops[0].count, "transfer count");
  t.count1 = narrow<uint16_t>(loops[1].count, "transfer count");
  t.count2 = narrow<uint16_t>(loops[2].count, "transfer count");
  t.pixels = narrow<uint16_t>(pixels, "transfer pixels");
  t.pixel_bytes = narrow<uint16_t>(c.count, "pixel bytes");
  t.ub_pixel_stride = pixels == 1 ? uint16_t{0} : narrow<uint16_t>(view.stride_w, "pixel stride");
  return t;
}

template <class Transfer>
void append(TileProgram& program, uint16_t tag, const DramTensor& tensor, const Box& box,
            const View& view, const arch::Geometry& geometry) {
  const int64_t most = kField16 / geometry.lanes * geometry.lanes;
  for (int64_t first = 0; first < box.c.count; first += most) {
    const Range c{box.c.first + first, std::min(most, box.c.count - first)};
    View part = view;
    part.addr += first / geometry.lanes;
    program.ops.push_back({make_transfer<Transfer>(tensor, box, c, part), tag});
  }
}

}  // namespace

void append_load(TileProgram& program, uint16_t tag, const DramTensor& tensor, const Box& box,
                 const View& view, const arch::Geometry& geometry) {
  append<isa::Load>(program, tag, tensor, box, view, geometry);
}

void append_sliced_load(TileProgram& program, uint16_t tag, const DramTensor& tensor,
                        const Box& box, const View& view, const InputWords& words) {
  const int64_t column_bytes = box.w.step * tensor.c, row_bytes = box.h.step * tensor.w * tensor.c;
  const int64_t before = words.words() - 1;  // words
  for (int64_t n = 0; n < box.n.count; ++n)
    for (const bool last : {false, true}) {
      if (!last && before == 0) continue;
      const int64_t item = (box.n.first + n) * tensor.h * tensor.w * tensor.c;
      const int64_t pixel = (box.h.range.first * tensor.w + box.w.range.first) * tensor.c;
      const int64_t channel = last ? before * words.step() : 0;
      isa::Load t;
      t.dram_addr =
          narrow<uint32_t>(tensor.addr + item + pixel + box.c.first + channel, "DRAM address");
      t.ub_addr = narrow<uint32_t>(view.addr + n * view.stride_n + (last ? before : 0),
                                   "unified buffer address");
      t.dram_stride0 = narrow<uint32_t>(row_bytes, "DRAM stride");
      t.dram_stride1 = narrow<uint32_t>(column_bytes, "DRAM stride");
      t.dram_stride2 = narrow<uint32_t>(words.step(), "DRAM stride");
      t.ub_stride0 = narrow<uint32_t>(view.stride_h, "unified buffer stride");
      t.ub_stride1 = narrow<uint32_t>(view.stride_w, "unified buffer stride");
      t.ub_stride2 = 1;
      t.count0 = narrow<uint16_t>(box.h.range.count, "transfer count");
      t.count1 = narrow<uint16_t>(box.w.range.count, "transfer count");
      t.count2 = narrow<uint16_t>(last ? 1 : before, "transfer count");
      t.pixels = 1;
      t.pixel_bytes = narrow<uint16_t>(last ? box.c.count - channel : words.lanes(), "pixel bytes");
      program.ops.push_back({t, tag});
    }
}

void append_store(TileProgram& program, uint16_t tag, const DramTensor& tensor, const Box& box,
                  const View& view, const arch::Geometry& geometry) {
  append<isa::Store>(program, tag, tensor, box, view, geometry);
}

}  // namespace systole::lower
