// SPDX-License-Identifier: Apache-2.0
// Command `report`: a page of one file, of results that are there.
#include <memory>
#include <vector>

#include "sim/cli/commands.h"
#include "sim/cli/output.h"
#include "sim/report_page/page.h"
#include "sim/report_page/tables.h"

namespace systole::cli {
namespace {

struct Options {
  std::vector<std::string> inputs;
  std::string output, csv, markdown;
};

void check_outputs(const Options& options) {
  const std::string* outputs[] = {&options.output, &options.csv, &options.markdown};
  size_t given = 0, printed = 0;
  for (const std::string* output : outputs) {
    given += !output->empty();
    printed += *output == "-";
    if (!output->empty() && *output != "-") check_creatable(*output);
  }
  if (given == 0) throw Error("report: writes nothing, expected -o, --csv or --markdown");
  if (printed > 1) throw Error("report: expected one output to be '-', standard output");
}

ExitCode report(const Options& options) {
  check_outputs(options);
  std::vector<report_page::Input> inputs;
  for (const std::string& name : options.inputs) inputs.push_back(report_page::read_input(name));
  const report_page::Json data = report_page::page_data(std::move(inputs));
  if (!options.output.empty()) write_output(options.output, report_page::page_of(data));
  if (!options.csv.empty()) write_output(options.csv, report_page::csv_of(data));
  if (!options.markdown.empty()) write_output(options.markdown, report_page::markdown_of(data));
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
          "a folder with one; several are compared")
      ->required()
      ->type_name("RESULT...");
  command->add_option("-o,--output", options->output, "The page; '-': standard output")
      ->type_name("FILE.html");
  command->add_option("--csv", options->csv, "The table of layers or points, values as they are")
      ->type_name("FILE|-");
  command->add_option("--markdown", options->markdown, "Sentences and tables as Markdown")
      ->type_name("FILE|-");
  command->footer(
      "The page is one file: it opens offline, and asks nothing of anybody.\n\n"
      "Examples:\n"
      "  systole run tests/data/resnet8_fmnist.onnx --explain --energy -o out\n"
      "  systole report out -o report.html\n"
      "  systole report before after -o comparison.html\n"
      "  systole report results.db -o sweep.html\n"
      "  systole report out --markdown -");
  command->callback([options, &exit_code] { exit_code = report(*options); });
}

}  // namespace systole::cli
