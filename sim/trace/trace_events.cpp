// SPDX-License-Identifier: Apache-2.0
// Writes the phases M, X, s, f and C of the Trace Event Format.
#include "sim/trace/trace_events.h"

#include <nlohmann/json.hpp>

namespace systole::trace {

std::string json_string(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

TraceEvents::TraceEvents(const std::filesystem::path& file, const std::filesystem::path& named,
                         const std::vector<std::pair<std::string, std::string>>& about)
    : out_(file, named) {
  out_.print("{{\"displayTimeUnit\":\"ns\",\n\"otherData\":{{");
  for (size_t i = 0; i < about.size(); ++i)
    out_.print("{}{}:{}", i == 0 ? "" : ",", json_string(about[i].first), about[i].second);
  out_.print("}},\n\"traceEvents\":[");
}

void TraceEvents::begin_event(std::string_view separator) {
  out_.write(first_ ? "\n" : separator);
  first_ = false;
}

void TraceEvents::name_process(int process, std::string_view name, int place) {
  begin_event();
  out_.print(R"({{"ph":"M","name":"process_name","pid":{},"args":{{"name":{}}}}})", process,
             json_string(name));
  begin_event();
  out_.print(R"({{"ph":"M","name":"process_sort_index","pid":{},"args":{{"sort_index":{}}}}})",
             process, place);
}

void TraceEvents::name_track(Track track, std::string_view name, int place) {
  begin_event();
  out_.print(R"({{"ph":"M","name":"thread_name","pid":{},"tid":{},"args":{{"name":{}}}}})",
             track.process, track.thread, json_string(name));
  begin_event();
  out_.print(
      R"({{"ph":"M","name":"thread_sort_index","pid":{},"tid":{},"args":{{"sort_index":{}}}}})",
      track.process, track.thread, place);
}

void TraceEvents::slice(Track track, std::string_view name, Cycle from, Cycle to,
                        std::string_view args) {
  begin_event();
  write_slice(track, name, from, to, args);
}

void TraceEvents::nested_slice(Track track, std::string_view name, Cycle from, Cycle to) {
  begin_event(",");
  write_slice(track, name, from, to, {});
}

void TraceEvents::write_slice(Track track, std::string_view name, Cycle from, Cycle to,
                              std::string_view args) {
  out_.print(R"({{"ph":"X","name":{},"pid":{},"tid":{},"ts":{},"dur":{}{}{}}})", json_string(name),
             track.process, track.thread, from, to - from, args.empty() ? "" : ",\"args\":", args);
}

void TraceEvents::token(Track from, Cycle from_cycle, Track to, Cycle to_cycle) {
  ++flows_;
  begin_event(",");
  out_.print(R"({{"ph":"s","cat":"t","name":"t","id":{},"pid":{},"tid":{},"ts":{}}})", flows_,
             from.process, from.thread, from_cycle);
  begin_event(",");
  out_.print(R"({{"ph":"f","bp":"e","cat":"t","name":"t","id":{},"pid":{},"tid":{},"ts":{}}})",
             flows_, to.process, to.thread, to_cycle);
}

void TraceEvents::counter(int process, std::string_view name, Cycle cycle,
                          std::initializer_list<std::pair<const char*, uint64_t>> values) {
  begin_event(",");
  out_.print(R"({{"ph":"C","name":{},"pid":{},"ts":{},"args":{{)", json_string(name), process,
             cycle);
  const char* comma = "";
  for (const auto& [line, value] : values) {
    out_.print(R"({}"{}":{})", comma, line, value);
    comma = ",";
  }
  out_.print("}}}}");
}

void TraceEvents::close() {
  out_.print("\n]}}\n");
  out_.close();
}

}  // namespace systole::trace
