// SPDX-License-Identifier: Apache-2.0
// The options of `run` for traces, and the files that they ask for.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "sim/cli/output.h"
#include "sim/report/report.h"
#include "sim/session/compile.h"
#include "sim/trace/traced_run.h"

namespace systole::cli {

/// As users wrote them; empty: not asked for.
struct TraceOptions {
  std::filesystem::path dram_trace, dram_commands, retire_log, timeline, graph;
  std::string timeline_window;  ///< "FROM:TO", or the name of a layer
  std::string dram_trace_format = "csv", dram_commands_format = "csv";

  void add_to(CLI::App& command);
  /// Throws Error: a file that cannot be made, a format without a file.
  void check() const;
  bool any() const { return !files().empty(); }
  /// Options and files of those that are asked for.
  std::vector<std::pair<const char*, const std::filesystem::path*>> files() const;
};

/// The traces of a run. They stand under temporary names until `commit`.
class TraceFiles {
 public:
  /// Throws Error if `arch` cannot give what is asked for. All outlive it.
  TraceFiles(const TraceOptions& options, const session::CompiledNetwork& compiled,
             const arch::ArchConfig& arch);

  /// Writes what is asked for of stage `index`, from 0.
  void write(size_t index, const platform::RunResult& result);
  /// Writes the compiled network, if that is asked for, with the figures of `report`.
  void write_graph(const report::Report& report);
  /// Puts the files in place, and tells which they are.
  std::string commit();

 private:
  /// `target` for stage `index` of the network, where it has several.
  std::filesystem::path of(const std::filesystem::path& target, size_t index) const;
  /// A file that is put in place by `commit`.
  OutputFile& add(std::string what, const std::filesystem::path& target);
  /// The same for a file of stage `index`, from 0.
  OutputFile& add_of_stage(const char* what, size_t index, const std::filesystem::path& target);
  void write_commands(const trace::TracedRun& run, size_t index);
  void write_timeline(const trace::TracedRun& run, size_t index);
  /// Throws Error if `name` is no layer's.
  void check_layer(const std::string& name) const;

  struct File {
    std::string what;
    std::filesystem::path target;
    std::unique_ptr<OutputFile> file;
  };
  const TraceOptions& options_;
  const session::CompiledNetwork& compiled_;
  const arch::ArchConfig& arch_;
  std::vector<File> files_;
};

}  // namespace systole::cli
