// SPDX-License-Identifier: Apache-2.0
// Command `merge`: databases of parts of a sweep in one.
#include "sim/results/merge.h"

#include <fmt/format.h>

#include <memory>
#include <vector>

#include "sim/cli/commands.h"
#include "sim/cli/output.h"
#include "sim/cli/streams.h"
#include "sim/report/format.h"
#include "sim/results/open.h"

namespace systole::cli {
namespace {

namespace fs = std::filesystem;

struct MergeCommand {
  std::vector<fs::path> databases;
  fs::path output;
  bool mixed = false;
};

class Merging {
 public:
  /// Puts all of `databases` into a new one at `file`, whole and on the disk.
  void make(const std::vector<fs::path>& databases, const fs::path& file) {
    results::Connection scratch = results::make_scratch(file);
    for (const fs::path& database : databases) {
      const results::Merged merged = results::merge_into(scratch, database);
      there_ += merged.there;
    }
    points_ = scratch.number("SELECT count(*) FROM points");
    results::keep_scratch(scratch);
  }
  /// What stands in `output` stays.
  void add_to(const fs::path& output, const fs::path& file) {
    results::Connection database = results::open_results(output, results::Access::kWrite);
    there_ += results::merge_into(database, file).there;
    points_ = database.number("SELECT count(*) FROM points");
  }

  std::string text(const MergeCommand& options) const {
    std::string text =
        fmt::format("{}: {} points of {} databases", options.output.string(),
                    report::with_commas(static_cast<uint64_t>(points_)), options.databases.size());
    if (there_ > 0)
      text += fmt::format(", {} in several of them, equal",
                          report::with_commas(static_cast<uint64_t>(there_)));
    return text + "\n";
  }

 private:
  int64_t points_ = 0, there_ = 0;
};

ExitCode merge(const MergeCommand& options) {
  std::error_code error;
  const bool exists = fs::exists(options.output, error);
  std::vector<fs::path> databases;
  for (const fs::path& database : options.databases)
    if (!fs::equivalent(database, options.output, error)) databases.push_back(database);
  std::vector<fs::path> all = databases;
  if (exists) all.push_back(options.output);
  results::check_mergeable(all, options.mixed);
  Merging merging;
  if (exists) {
    const fs::path parent = find_destination(options.output).path.parent_path();
    const UnfinishedFiles unfinished(parent.empty() ? "." : parent, options.output);
    merging.make(databases, unfinished.path() / "unfinished");
    merging.add_to(options.output, unfinished.path() / "unfinished");
  } else {
    OutputFile file(options.output);
    merging.make(databases, file.path());
    file.commit();
  }
  print_out(merging.text(options));
  return ExitCode::kFine;
}

}  // namespace

void add_merge_command(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command = app.add_subcommand("merge", "Put databases of parts of a sweep into one");
  auto options = std::make_shared<MergeCommand>();
  command->add_option("databases", options->databases, "Of `sweep --shard I/N -o`")
      ->required()
      ->type_name("A.db B.db ...");
  command
      ->add_option("-o,--output", options->output,
                   "Where to; what stands in it stays, and is equal or refused")
      ->required()
      ->type_name("ALL.db");
  command->add_flag("--mixed", options->mixed, "Of several versions of the program");
  command->footer(
      "Points of several databases must be equal. It is there whole or not at all.\n\n"
      "Examples:\n"
      "  systole sweep configs/sweeps/array.yaml --shard 1/2 -o 1.db\n"
      "  systole sweep configs/sweeps/array.yaml --shard 2/2 -o 2.db\n"
      "  systole merge 1.db 2.db -o all.db");
  command->callback([options, &exit_code] { exit_code = merge(*options); });
}

}  // namespace systole::cli
