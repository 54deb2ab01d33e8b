// SPDX-License-Identifier: Apache-2.0
// From the last member backwards: how far each member has to be when a band ends.
#include "compiler/lower/bands.h"

#include <algorithm>

namespace systole::lower {
namespace {

/// The row after the last one of its input that a layer needs for output rows [0, end).
int64_t need_end(const WindowDim& dim, int64_t end) {
  if (end == 0) return 0;
  const int64_t reach = (end - 1) * dim.stride - dim.pad + (dim.kernel - 1) * dim.dilation + 1;
  return std::clamp<int64_t>(reach, 0, dim.in);
}

/// The first row of its input that a layer needs for output rows from `first` on.
int64_t need_first(const WindowDim& dim, int64_t first) {
  return std::clamp<int64_t>(first * dim.stride - dim.pad, 0, dim.in);
}

}  // namespace

BandSchedule make_bands(const std::vector<Layer>& layers, Range group, int64_t rows) {
  const auto count = static_cast<size_t>(group.count);
  const auto member = [&](size_t m) -> const Layer& {
    return layers[static_cast<size_t>(group.first) + m];
  };
  const int64_t height = member(count - 1).shape.h.out;
  const int64_t bands = (height + rows - 1) / rows;
  BandSchedule schedule;
  std::vector<int64_t> done(count);    // rows made before this band
  std::vector<int64_t> oldest(count);  // first row held in the band before
  for (int64_t band = 0; band < bands; ++band) {
    std::vector<int64_t> end(count);
    std::vector<BandRows> now(count);
    for (size_t m = count; m-- > 0;) {
      const int64_t all = member(m).shape.h.out;
      int64_t last = done[m], first = all;
      if (m == count - 1) last = std::min(all, (band + 1) * rows);
      for (size_t c = m + 1; c < count; ++c) {
        const Layer& reader = member(c);
        if (reader.in == member(m).out) {
          last = std::max(last, need_end(reader.shape.h, end[c]));
          first = std::min(first, need_first(reader.shape.h, done[c]));
        }
        if (reader.residual == member(m).out) {
          last = std::max(last, end[c]);
          first = std::min(first, done[c]);
        }
      }
      if (band + 1 == bands) last = all;
      end[m] = last;
      first = std::max(std::min(first, done[m]), oldest[m]);
      now[m] = {{done[m], last - done[m]}, {first, last - first}};
      oldest[m] = first;
    }
    done = end;
    schedule.push_back(std::move(now));
  }
  return schedule;
}

BandRows most_rows(const BandSchedule& schedule, size_t member) {
  BandRows most;
  for (const std::vector<BandRows>& band : schedule) {
    most.made.count = std::max(most.made.count, band[member].made.count);
    most.held.count = std::max(most.held.count, band[member].held.count);
  }
  return most;
}

bool can_band(const std::vector<Layer>& layers, Range group) {
  for (int64_t m = group.first; m < group.end(); ++m) {
    const Layer& layer = layers[static_cast<size_t>(m)];
    if (layer.shape.h.out < 2) return false;
    bool read = m + 1 == group.end();
    for (int64_t c = m + 1; c < group.end(); ++c) {
      const Layer& reader = layers[static_cast<size_t>(c)];
      read = read || reader.in == layer.out || reader.residual == layer.out;
    }
    if (!read) return false;
  }
  return true;
}

}  // namespace systole::lower
