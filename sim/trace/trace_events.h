// SPDX-License-Identifier: Apache-2.0
// A file in the Trace Event Format, JSON object form, which Perfetto and chrome://tracing read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/base/cycle.h"
#include "sim/trace/text_file.h"

namespace systole::trace {

/// `text` as a string of JSON, quotes included.
std::string json_string(std::string_view text);

/// A line of a group of lines.
struct Track {
  int process = 0;
  int thread = 0;
};

/// Writes events as they come, a line each. Slices of a track come in the order of their begins, an
/// outer one before those inside of it. The format's unit of time is a microsecond: a cycle is one.
class TraceEvents {
 public:
  /// `about`: keys and JSON values that stand in the head.
  TraceEvents(const std::filesystem::path& file, const std::filesystem::path& named,
              const std::vector<std::pair<std::string, std::string>>& about);

  /// Names a process, which is a group of tracks, or a track; `place` among its neighbours.
  void name_process(int process, std::string_view name, int place);
  void name_track(Track track, std::string_view name, int place);

  /// The cycles [from, to). `args`: empty, or an object of JSON.
  void slice(Track track, std::string_view category, std::string_view name, Cycle from, Cycle to,
             std::string_view args = {});
  /// An arrow from the slice at `from_cycle` of one track to that at `to_cycle` of another.
  void flow(std::string_view name, Track from, Cycle from_cycle, Track to, Cycle to_cycle);
  /// From `cycle` on the lines `values` of the counter `name` have these heights.
  void counter(int process, std::string_view name, Cycle cycle,
               std::initializer_list<std::pair<const char*, uint64_t>> values);
  /// Ends the file. Throws Error if not all of it could be written.
  void close();

 private:
  void begin_event();

  TextFile out_;
  bool first_ = true;
  uint64_t flows_ = 0;
};

}  // namespace systole::trace
