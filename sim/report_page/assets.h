// SPDX-License-Identifier: Apache-2.0
// The parts of a page that are files in web/, and the plotting library, as the build found them.
#pragma once

#include <string_view>

namespace systole::report_page {

/// The page with its places, "{{name}}".
std::string_view page_html();
std::string_view style_css();
/// The page's own scripts, one behind the other, which draw nothing by themselves.
std::string_view script_js();
/// What comes behind them: to draw a page, or one chart as a picture.
std::string_view main_js();
std::string_view slide_js();
/// The table of docs/quality.md that holds this machine against silicon, its header included.
std::string_view silicon_text();
/// ECharts; empty in a build without it.
std::string_view plotting_js();

}  // namespace systole::report_page
