// SPDX-License-Identifier: Apache-2.0
// A chart of a page as a picture, for slides: drawn by the page's own scripts in Node.js.
#pragma once

#include <filesystem>
#include <string>

#include "sim/report_page/answer.h"

namespace systole::report_page {

enum class ImageKind { kSvg, kPng };

/// The chart of that name of `data` (of page_data), in the colours of light, 960 pixels wide; of
/// PNG twice that. `scratch`: a directory for what is needed meanwhile. Throws Error: no plotting
/// library, no Node.js, for PNG no rsvg-convert, no such chart.
std::string chart_image(const Json& data, const std::string& chart, ImageKind kind,
                        const std::filesystem::path& scratch);

}  // namespace systole::report_page
