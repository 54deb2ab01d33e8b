// SPDX-License-Identifier: Apache-2.0
// The parts of a page that are files in web/, and the plotting library, as the build found them.
#pragma once

#include <string_view>

namespace systole::report_page {

/// The page with its places, "{{name}}".
std::string_view page_html();
std::string_view style_css();
/// The page's own scripts, one behind the other.
std::string_view script_js();
/// ECharts; empty in a build without it.
std::string_view plotting_js();

}  // namespace systole::report_page
