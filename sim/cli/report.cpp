// SPDX-License-Identifier: Apache-2.0
// Command `report`: a page of one file, of results that are there.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "sim/cli/commands.h"
#include "sim/cli/output.h"
#include "sim/report_page/chart_image.h"
#include "sim/report_page/page.h"
#include "sim/report_page/tables.h"

namespace systole::cli {
namespace {

struct ReportCommand {
  std::vector<std::string> inputs;
  std::string output, csv, markdown;
  report_page::ChoiceRequest choice;
  std::vector<std::string> svg, png;  ///< CHART or CHART=FILE
};

/// A chart and where its picture goes.
struct Picture {
  std::string chart, file;
  report_page::ImageKind kind;
};

std::vector<Picture> pictures_of(const ReportCommand& options) {
  std::vector<Picture> pictures;
  const auto add = [&](const std::vector<std::string>& words, report_page::ImageKind kind,
                       const char* ending) {
    for (const std::string& word : words) {
      const size_t at = word.find('=');
      const std::string chart = word.substr(0, at);
      pictures.push_back(
          {chart, at == std::string::npos ? chart + ending : word.substr(at + 1), kind});
    }
  };
  add(options.svg, report_page::ImageKind::kSvg, ".svg");
  add(options.png, report_page::ImageKind::kPng, ".png");
  return pictures;
}

void check_outputs(const ReportCommand& options) {
  std::vector<std::string> outputs;
  for (const std::string& output : {options.output, options.csv, options.markdown})
    if (!output.empty()) outputs.push_back(output);
  for (const Picture& picture : pictures_of(options)) outputs.push_back(picture.file);
  const auto printed = std::count(outputs.begin(), outputs.end(), "-");
  for (const std::string& output : outputs)
    if (output != "-") check_creatable(output);
  if (outputs.empty())
    throw Error("report: writes nothing, expected -o, --csv, --markdown, --svg or --png");
  if (printed > 1) throw Error("report: expected one output to be '-', standard output");
}

ExitCode report(const ReportCommand& options) {
  check_outputs(options);
  std::vector<report_page::Input> inputs;
  for (const std::string& name : options.inputs) inputs.push_back(report_page::read_input(name));
  const report_page::Json data = report_page::page_data(std::move(inputs), options.choice);
  if (!options.output.empty()) write_output(options.output, report_page::page_of(data));
  if (!options.csv.empty()) write_output(options.csv, report_page::csv_of(data));
  if (!options.markdown.empty()) write_output(options.markdown, report_page::markdown_of(data));
  for (const Picture& picture : pictures_of(options)) {
    const UnfinishedFiles scratch(place_of_scratch(), picture.file);
    write_output(picture.file,
                 report_page::chart_image(data, picture.chart, picture.kind, scratch.path()));
  }
  return ExitCode::kFine;
}

}  // namespace

void add_report_command(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command = app.add_subcommand("report", "Make a page of a result, to open in a browser");
  auto options = std::make_shared<ReportCommand>();
  command
      ->add_option(
          "INPUT", options->inputs,
          "result.json of `run -o`, a database of `sweep -o`, study.json of `study -o`, or "
          "a folder with one; several are compared; or a file of `accuracy --layers --json`")
      ->required()
      ->type_name("RESULT...");
  command->add_option("-o,--output", options->output, "The page; '-': standard output")
      ->type_name("FILE.html");
  command->add_option("--csv", options->csv, "The table of layers or points, values as they are")
      ->type_name("FILE|-");
  command->add_option("--markdown", options->markdown, "Sentences and tables as Markdown")
      ->type_name("FILE|-");
  command
      ->add_option("--choose", options->choice.choose,
                   "Of points: the best by a figure of those that keep a condition")
      ->type_name("'min|max FIGURE [where CONDITION]'");
  command->add_option("--baseline", options->choice.baseline, "What it is held against")
      ->type_name("POINT|MACHINE")
      ->needs("--choose");
  constexpr const char* kCharts =
      "A chart for slides: roofline, causes, time, memory, energy of a run; cycles, causes of "
      "several; front, map, break-even of points; layers of a network. Default FILE: named after "
      "it";
  command->add_option("--svg", options->svg, kCharts)->type_name("CHART[=FILE]");
  command->add_option("--png", options->png, "The same in pixels")->type_name("CHART[=FILE]");
  command->footer(
      "The page is one file: it opens offline, and asks nothing of anybody.\n\n"
      "Examples:\n"
      "  systole run tests/data/resnet8_fmnist.onnx --explain --energy -o out\n"
      "  systole report out -o report.html\n"
      "  systole report before after -o comparison.html\n"
      "  systole report results.db -o sweep.html\n"
      "  systole accuracy net.onnx --data test.yaml --calib calib.yaml --layers --json "
      "layers.json\n"
      "  systole report layers.json -o layers.html\n"
      "  systole report results.db -o choice.html --choose 'min latency_ms where area_mm2 <= 2'\n"
      "  systole report out --markdown - --svg roofline=roofline.svg");
  command->callback([options, &exit_code] { exit_code = report(*options); });
}

}  // namespace systole::cli
