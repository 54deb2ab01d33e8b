// SPDX-License-Identifier: Apache-2.0
// Slot bookkeeping and the loads of parameter rows and tables.
#include "compiler/lower/param_ring.h"

#include <algorithm>

#include "compiler/lower/narrow.h"

namespace systole::lower {
namespace {

constexpr uint16_t kIdentityTag = 65535;  // no layer's: those end at 65534

// Returns the address.
uint32_t place_segment(DramLayout& dram, std::vector<program::Segment>& segments, std::string name,
                       std::vector<uint8_t> bytes) {
  const uint32_t addr = dram.reserve(static_cast<int64_t>(bytes.size()), name);
  segments.push_back({addr, std::move(name), std::move(bytes)});
  return addr;
}

}  // namespace

int64_t ParamRing::dram_rows(const Layer& layer, int64_t taps) {
  const auto [it, is_new] = rows_.try_emplace({layer.tag, taps}, 0);
  if (!is_new) return it->second;
  std::vector<uint8_t> bytes;
  const int64_t channels = layer.shape.oc, pairs = geometry_.col_tiles(channels);
  if (dry_) bytes.resize(static_cast<size_t>(2 * pairs * geometry_.pb_row_bytes));
  for (int64_t t = 0; t < pairs && !dry_; ++t)
    append_param_rows(*layer.post, tail_products(layer), layer.shape.taps(),
                      layer.exclude_pad ? taps : layer.shape.taps(), geometry_.col_tile_first(t),
                      geometry_.col_tile_lanes(t, channels), geometry_, bytes);
  it->second = place_segment(dram_, segments_, "params " + layer.op->name, std::move(bytes));
  return it->second;
}

size_t ParamRing::take_slots(Key key, size_t pairs) {
  if (next_ + pairs > slots_.size()) next_ = 0;
  const size_t first = next_;
  for (size_t k = 0; k < pairs; ++k, ++key.column) {
    Key& slot = slots_[first + k];
    if (const auto it = loaded_.find(slot); it != loaded_.end() && it->second == first + k)
      loaded_.erase(it);
    slot = key;
    loaded_[slot] = first + k;
  }
  next_ = (first + pairs) % slots_.size();
  return first;
}

void ParamRing::load(uint16_t tag, int64_t dram_addr, size_t first, size_t pairs) {
  isa::LoadParam load;
  load.dram_addr = narrow<uint32_t>(dram_addr, "DRAM address");
  load.row = narrow<uint16_t>(2 * static_cast<int64_t>(first), "parameter row");
  load.count = narrow<uint16_t>(2 * static_cast<int64_t>(pairs), "parameter rows");
  program_.ops.push_back({load, tag});
}

int64_t ParamRing::row(const Layer& layer, int64_t taps, int64_t column) {
  const Key key{layer.tag, taps, column};
  if (const auto it = loaded_.find(key); it != loaded_.end())
    return 2 * static_cast<int64_t>(it->second);
  const size_t wanted = static_cast<size_t>(geometry_.col_tiles(layer.shape.oc) - column);
  const size_t pairs = std::min(wanted, std::max<size_t>(1, slots_.size() / 2));
  const size_t first = take_slots(key, pairs);
  load(layer.tag, dram_rows(layer, taps) + 2 * column * geometry_.pb_row_bytes, first, pairs);
  return 2 * static_cast<int64_t>(first);
}

int64_t ParamRing::identity_row(uint16_t tag) {
  const Key key{kIdentityTag, 0, 0};
  if (const auto it = loaded_.find(key); it != loaded_.end())
    return 2 * static_cast<int64_t>(it->second);
  if (identity_addr_ < 0) {
    std::vector<uint8_t> bytes;
    append_param_rows({}, 0, 1, 1, 0, 0, geometry_, bytes);
    identity_addr_ = place_segment(dram_, segments_, "params identity", std::move(bytes));
  }
  const size_t first = take_slots(key, 1);
  load(tag, identity_addr_, first, 1);
  return 2 * static_cast<int64_t>(first);
}

int TableRing::index(const Layer& layer) {
  const auto it = std::find(tags_.begin(), tags_.end(), layer.tag);
  if (it != tags_.end()) return static_cast<int>(it - tags_.begin());
  const size_t slot = next_;
  next_ = (next_ + 1) % tags_.size();
  tags_[slot] = layer.tag;

  isa::LoadParam load;
  load.dram_addr = place_segment(dram_, segments_, "table " + layer.op->name,
                                 {layer.post->table->begin(), layer.post->table->end()});
  load.target = true;
  load.row = static_cast<uint16_t>(slot);
  program_.ops.push_back({load, layer.tag});
  return static_cast<int>(slot);
}

}  // namespace systole::lower
