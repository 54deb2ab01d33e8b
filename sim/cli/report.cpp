// SPDX-License-Identifier: Apache-2.0
// Command `report`: a page of one file, of results that are there.
#include <memory>
#include <vector>

#include "sim/cli/commands.h"
#include "sim/cli/output.h"
#include "sim/report_page/page.h"

namespace systole::cli {
namespace {

struct Options {
  std::vector<std::string> inputs;
  std::string output;
};

ExitCode report(const Options& options) {
  std::vector<report_page::Input> inputs;
  for (const std::string& name : options.inputs) inputs.push_back(report_page::read_input(name));
  const report_page::Json data = report_page::page_data(std::move(inputs));
  write_output(options.output, report_page::page_of(data));
  return ExitCode::kFine;
}

}  // namespace

void add_report_command(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command = app.add_subcommand("report", "Make a page of a result, to open in a browser");
  auto options = std::make_shared<Options>();
  command
      ->add_option(
          "INPUT", options->inputs,
          "result.json of `run -o`, a database of `sweep -o`, study.json of `study -o`, or "
          "a folder with one")
      ->required()
      ->type_name("RESULT...");
  command->add_option("-o,--output", options->output, "The page; '-': standard output")
      ->required()
      ->type_name("FILE.html");
  command->footer(
      "The page is one file: it opens offline, and asks nothing of anybody.\n\n"
      "Examples:\n"
      "  systole run tests/data/resnet8_fmnist.onnx --explain --energy -o out\n"
      "  systole report out -o report.html\n"
      "  systole report results.db -o sweep.html");
  command->callback([options, &exit_code] { exit_code = report(*options); });
}

}  // namespace systole::cli
