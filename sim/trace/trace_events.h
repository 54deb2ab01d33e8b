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

/// Writes events as they come, those of which there are many without a line of their own, and what
/// is no use to a viewer left out: slices have no category. Slices of a track come in the order of
/// their begins, an outer one before those inside of it. The format's unit of time is a
/// microsecond: a cycle is one.
class TraceEvents {
 public:
  /// `about`: keys and JSON values that stand in the head.
  TraceEvents(const std::filesystem::path& file, const std::filesystem::path& named,
              const std::vector<std::pair<std::string, std::string>>& about);

  /// Names a process, which is a group of tracks, or a track; `place` among its neighbours.
  void name_process(int process, std::string_view name, int place);
  void name_track(Track track, std::string_view name, int place);

  /// The cycles [from, to). `args`: empty, or an object of JSON.
  void slice(Track track, std::string_view name, Cycle from, Cycle to, std::string_view args = {});
  /// The same in the line of the event before.
  void nested_slice(Track track, std::string_view name, Cycle from, Cycle to);
  /// An arrow, "t", from the slice at `from_cycle` of one track to that at `to_cycle` of
  /// another.
  void token(Track from, Cycle from_cycle, Track to, Cycle to_cycle);
  /// From `cycle` on the lines `values` of the counter `name` have these heights.
  void counter(int process, std::string_view name, Cycle cycle,
               std::initializer_list<std::pair<const char*, uint64_t>> values);
  /// Ends the file. Throws Error if not all of it could be written.
  void close();

 private:
  void begin_event(std::string_view separator = ",\n");
  void write_slice(Track track, std::string_view name, Cycle from, Cycle to, std::string_view args);

  TextFile out_;
  bool first_ = true;
  uint64_t flows_ = 0;
};

}  // namespace systole::trace
