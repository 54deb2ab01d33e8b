// SPDX-License-Identifier: Apache-2.0
// Has Node.js draw, and rsvg-convert fill pixels.
#include "sim/report_page/chart_image.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include "model/base/error.h"
#include "sim/process/tool.h"
#include "sim/report_page/assets.h"
#include "sim/report_page/page.h"

namespace systole::report_page {
namespace {

namespace fs = std::filesystem;

constexpr int kNotFound = 127;
constexpr int kNoSuchChart = 3;  // slide.js

std::string contents(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void write(const fs::path& file, std::string_view text) {
  std::ofstream stream(file, std::ios::binary);
  stream.write(text.data(), static_cast<std::streamsize>(text.size()));
  if (!stream.flush()) throw Error(file.string() + ": cannot be written");
}

int run(const std::vector<std::string>& command, const fs::path& scratch) {
  return process::run_tool(command, scratch, scratch / "log", command[0],
                           [](double) { return std::string("draws"); });
}

/// The last line of what a tool said.
std::string last_line(const fs::path& scratch) {
  std::string text = contents(scratch / "log");
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

void draw_svg(const Json& data, const std::string& chart, const fs::path& scratch) {
  const Json input = {{"data", data}, {"chart", chart}, {"style", style_css()}};
  write(scratch / "input.json", input.dump(-1, ' ', false, Json::error_handler_t::replace));
  write(scratch / "draw.js",
        fmt::format("const echarts = require('./plotting.js');\n"
                    "const input = JSON.parse(require('fs').readFileSync('input.json', 'utf8'));\n"
                    "{}{}",
                    script_js(), slide_js()));
  write(scratch / "plotting.js", plotting_js());
  const int status = run({"node", "draw.js"}, scratch);
  if (status == kNotFound)
    throw Error("report: charts as pictures need Node.js, expected node in PATH");
  if (status == kNoSuchChart)
    throw Error(
        fmt::format("report: has no chart '{}', expected one of {}", chart, last_line(scratch)));
  if (status != 0)
    throw internal_error(fmt::format("chart '{}': node ended with status {}: {}", chart, status,
                                     last_line(scratch)));
}

}  // namespace

std::string chart_image(const Json& data, const std::string& chart, ImageKind kind,
                        const fs::path& scratch) {
  check_plotting();
  draw_svg(data, chart, scratch);
  if (kind == ImageKind::kSvg) return contents(scratch / "chart.svg");
  const int status = run({"rsvg-convert", "--zoom", "2", "-o", "chart.png", "chart.svg"}, scratch);
  if (status == kNotFound)
    throw Error(
        "report: --png needs rsvg-convert in PATH, expected Debian's librsvg2-bin; --svg does not");
  if (status != 0)
    throw internal_error(fmt::format("chart '{}': rsvg-convert ended with status {}: {}", chart,
                                     status, last_line(scratch)));
  return contents(scratch / "chart.png");
}

}  // namespace systole::report_page
