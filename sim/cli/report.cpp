// SPDX-License-Identifier: Apache-2.0
// Command `report`: a page of one file, of results that are there.
#include <memory>

#include "sim/cli/commands.h"
#include "sim/cli/output.h"
#include "sim/report_page/page.h"

namespace systole::cli {
namespace {

struct Options {
  std::string input;
  std::string output;
};

ExitCode report(const Options& options) {
  const report_page::Json data = report_page::run_data(report_page::read_run(options.input));
  write_output(options.output, report_page::page_of(data));
  return ExitCode::kFine;
}

}  // namespace

void add_report_command(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command = app.add_subcommand("report", "Make a page of a result, to open in a browser");
  auto options = std::make_shared<Options>();
  command->add_option("INPUT", options->input, "result.json of `run -o`, or the folder with it")
      ->required()
      ->type_name("RESULT");
  command->add_option("-o,--output", options->output, "The page; '-': standard output")
      ->required()
      ->type_name("FILE.html");
  command->footer(
      "The page is one file: it opens offline, and asks nothing of anybody.\n\n"
      "Examples:\n"
      "  systole run tests/data/resnet8_fmnist.onnx --explain --energy -o out\n"
      "  systole report out -o report.html");
  command->callback([options, &exit_code] { exit_code = report(*options); });
}

}  // namespace systole::cli
