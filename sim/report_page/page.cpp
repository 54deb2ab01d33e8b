// SPDX-License-Identifier: Apache-2.0
// Puts the parts of a page into its places.
#include "sim/report_page/page.h"

#include <fmt/format.h>

#include <map>
#include <string_view>

#include "model/base/error.h"
#include "sim/report_page/assets.h"

namespace systole::report_page {
namespace {

std::string html_text(std::string_view text) {
  std::string escaped;
  for (const char c : text) switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  return escaped;
}

/// A number does not leave its unit at the end of a line.
std::string sentence_html(const std::string& text) {
  std::string html = html_text(text);
  for (size_t at = 0; (at = html.find(" %", at)) != std::string::npos;)
    html.replace(at, 1, "&nbsp;");
  return html;
}

/// JSON that no text in it can end as a script.
std::string data_text(const Json& data) {
  const std::string text = data.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    if (c == '<')
      escaped += "\\u003c";
    else
      escaped += c;
  }
  return escaped;
}

/// The first sentence stands out.
std::string answer_html(const Json& answer) {
  std::string html;
  for (const Json& sentence : answer)
    html += fmt::format("<p{}>{}</p>\n", html.empty() ? " class=\"first\"" : "",
                        sentence_html(sentence.at("text").get<std::string>()));
  return html;
}

/// `text` with every "{{name}}" replaced. What is put in is not looked at again.
std::string filled(std::string_view text,
                   const std::map<std::string_view, std::string_view>& parts) {
  std::string made;
  for (size_t open; (open = text.find("{{")) != std::string_view::npos;) {
    const size_t close = text.find("}}", open);
    made += text.substr(0, open);
    made += parts.at(text.substr(open + 2, close - open - 2));
    text.remove_prefix(close + 2);
  }
  return made += text;
}

}  // namespace

void check_plotting() {
  if (plotting_js().empty())
    throw Error(
        "report: this build has no plotting library, expected ECharts: tools/install_deps.sh "
        "--report fetches it, tools/build.sh builds with it");
}

std::string page_of(const Json& data) {
  check_plotting();
  const std::string title = html_text(data.at("title").get<std::string>());
  const std::string answer = answer_html(data.at("answer")), block = data_text(data);
  return filled(page_html(), {{"title", title},
                              {"answer", answer},
                              {"style", style_css()},
                              {"data", block},
                              {"plotting", plotting_js()},
                              {"script", script_js()},
                              {"main", main_js()}});
}

}  // namespace systole::report_page
