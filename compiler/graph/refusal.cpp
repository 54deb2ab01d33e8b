// SPDX-License-Identifier: Apache-2.0
// The message for refused nodes.
#include "compiler/graph/refusal.h"

#include <fmt/format.h>

#include <algorithm>

namespace systole::graph {

namespace {

std::string message(const std::vector<Refusal>& refusals, const std::string& file) {
  const std::string prefix = file.empty() ? "" : file + ": ";
  const bool helps =
      std::all_of(refusals.begin(), refusals.end(), [](const Refusal& r) { return r.host_helps; });
  if (refusals.size() == 1)
    return prefix + refusals[0].text() +
           (helps ? " (--host-fallback would run it on the host)" : "");
  std::string text = fmt::format("{}{} parts cannot be compiled{}", prefix, refusals.size(),
                                 helps ? " (--host-fallback would run them on the host)" : "");
  for (const Refusal& refusal : refusals) text += "\n  " + refusal.text();
  return text;
}

}  // namespace

RefusedNodes::RefusedNodes(std::vector<Refusal> refusals, const std::string& file)
    : Error(message(refusals, file), ExitCode::kCannotCompile), refusals_(std::move(refusals)) {}

}  // namespace systole::graph
