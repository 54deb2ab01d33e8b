// SPDX-License-Identifier: Apache-2.0
// Compares figures, and leaves out what hardly differs.
#include "sim/study/why.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <vector>

#include "model/base/error.h"
#include "model/isa/causes.h"

namespace systole::study {
namespace {

constexpr double kWorthAWord = 0.005;  // of what it is compared with
constexpr double kBusy = 0.9;          // of the time: there is no other reason to look for

bool differs(double ratio) { return std::abs(ratio - 1) >= kWorthAWord; }

/// "12 % fewer", "3 % more".
std::string change_text(double ratio) {
  return ratio < 1 ? fmt::format("{:.0f} % fewer", 100 * (1 - ratio))
                   : fmt::format("{:.0f} % more", 100 * (ratio - 1));
}

/// Where they go different ways, or one of them does not change.
std::vector<std::string> bytes_apart(double stored, double moved) {
  std::vector<std::string> changed;
  if (differs(stored)) changed.push_back(fmt::format("stores {} bytes", change_text(stored)));
  if (differs(moved)) changed.push_back(fmt::format("moves {} bytes", change_text(moved)));
  return changed;
}

double ratio_of(double now, double before) { return before == 0 ? 1 : now / before; }

/// What the array waits for, or does but stream.
const char* stall_text(isa::Cause cause) {
  switch (cause) {
    case isa::Cause::kBusy:
      return "streams";
    case isa::Cause::kSetup:
      return "starts instructions";
    case isa::Cause::kDrain:
      return "ends instructions";
    case isa::Cause::kSemLda:
      return "waits for activations to be loaded";
    case isa::Cause::kSemLdw:
      return "waits for weights to be loaded";
    case isa::Cause::kSemMxu:
      return "waits for itself";
    case isa::Cause::kSemVpu:
      return "waits for the vector unit";
    case isa::Cause::kSemSto:
      return "waits for results to be stored";
    case isa::Cause::kBank:
      return "waits for a bank";
    case isa::Cause::kMemory:
      return "waits for the memory";
    case isa::Cause::kWeights:
      return "waits for weights from memory";
    case isa::Cause::kWeightLoad:
      return "waits for weights to enter it";
    case isa::Cause::kQueue:
      return "waits for room in a queue";
    case isa::Cause::kFetch:
      return "waits for instructions";
    case isa::Cause::kIdle:
      return "has no work";
  }
  throw internal_error("a cause without words");
}

/// The cause of this name, as rows have it.
isa::Cause cause_of(const std::string& name) {
  for (int c = 0; c < isa::kCauses; ++c)
    if (const auto cause = static_cast<isa::Cause>(c); name == isa::cause_name(cause)) return cause;
  throw internal_error(fmt::format("no cause is called '{}'", name));
}

const char* bound_text(const std::string& bound) {
  return bound == "mxu" ? "the array" : bound == "vpu" ? "the vector unit" : "the memory";
}

/// Where the time of the row goes.
std::string time_text(const StudyFigures& figures) {
  std::string text = fmt::format("the array is busy {:.0f} % of the time", 100 * figures.mxu_busy);
  if (figures.mxu_busy < kBusy && figures.largest_stall != "none")
    text += fmt::format(" and else mostly {}", stall_text(cause_of(figures.largest_stall)));
  return text;
}

}  // namespace

std::string why(const StudyFigures& figures, const StudyFigures& first) {
  const auto cycles = [](const StudyFigures& of) { return static_cast<double>(of.cycles); };
  const double stored =
      ratio_of(static_cast<double>(figures.weight_bytes), static_cast<double>(first.weight_bytes));
  const double moved =
      ratio_of(static_cast<double>(figures.dram_bytes), static_cast<double>(first.dram_bytes));
  const double streamed =
      ratio_of(figures.mxu_busy * cycles(figures), first.mxu_busy * cycles(first));
  std::vector<std::string> changed;
  if (differs(stored) && differs(moved) && (stored < 1) == (moved < 1))
    changed.push_back(fmt::format("stores {:.0f} % and moves {} bytes", 100 * std::abs(1 - stored),
                                  change_text(moved)));
  else if (differs(stored) || differs(moved))
    changed = bytes_apart(stored, moved);
  if (differs(streamed))
    changed.push_back(fmt::format("keeps the array busy for {} cycles", change_text(streamed)));
  if (changed.empty()) changed.emplace_back("changes neither bytes nor the work of the array");
  const std::string what = fmt::format("{}; ", fmt::join(changed, ", "));
  const double taken = ratio_of(cycles(figures), cycles(first));
  if (!differs(taken))
    return what + time_text(figures) +
           fmt::format(", so {} cycle is saved", figures.cycles < first.cycles ? "hardly a" : "no");
  return what + fmt::format("takes {} cycles: {}, bound by {}", change_text(taken),
                            time_text(figures), bound_text(figures.bound_by));
}

std::string why_first(const StudyFigures& figures) {
  return fmt::format("the others are held against it: {}, bound by {}", time_text(figures),
                     bound_text(figures.bound_by));
}

}  // namespace systole::study
