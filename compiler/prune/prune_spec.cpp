// SPDX-License-Identifier: Apache-2.0
// Reads what --prune asks for.
#include "compiler/prune/prune_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <utility>

#include "model/base/did_you_mean.h"
#include "model/base/error.h"

namespace systole::prune {
namespace {

constexpr int64_t kLargestBlock = 65535;
constexpr int kFewestValues = 4, kMostValues = 16;

constexpr std::pair<const char*, PruneKind> kKinds[] = {
    {"unstructured", PruneKind::kUnstructured},
    {"global-unstructured", PruneKind::kGlobalUnstructured},
    {"nm", PruneKind::kNm},
    {"block", PruneKind::kBlock},
    {"vector", PruneKind::kVector},
    {"kernel", PruneKind::kKernel},
    {"channel", PruneKind::kChannel},
    {"lowrank", PruneKind::kLowRank},
    {"codebook", PruneKind::kCodebook},
};

constexpr std::pair<const char*, ChannelCriterion> kCriteria[] = {
    {"l1", ChannelCriterion::kL1},
    {"l2", ChannelCriterion::kL2},
    {"gamma", ChannelCriterion::kGamma},
    {"activation", ChannelCriterion::kActivation},
};

/// "a, b or c" of the names of a table.
template <typename Table>
std::string names(const Table& table) {
  std::string text;
  for (const auto& entry : table) {
    const bool last = &entry == std::end(table) - 1;
    if (!text.empty()) text += last ? " or " : ", ";
    text += entry.first;
  }
  return text;
}

class Reader {
 public:
  Reader(const std::string& text, const std::string& owner) : owner_(owner) { spec_.text = text; }

  PruneSpec read() {
    const size_t at = spec_.text.find('@');
    if (at != std::string::npos) {
      spec_.pattern = spec_.text.substr(at + 1);
      if (spec_.pattern.empty()) fail("the pattern of layer names behind @ is empty");
    }
    split(spec_.text.substr(0, at));
    spec_.kind = find(kKinds, fields_[0], "unknown kind");
    switch (spec_.kind) {
      case PruneKind::kNm:
        read_pattern();
        break;
      case PruneKind::kCodebook:
        expect_fields(2, 2, "codebook:VALUES");
        spec_.values = static_cast<int>(whole(fields_[1], kFewestValues, kMostValues, "values"));
        break;
      case PruneKind::kBlock:
        expect_fields(2, 3, "block:AMOUNT or block:AMOUNT:ROWSxCOLS");
        read_amount();
        if (fields_.size() == 3) read_block(fields_[2]);
        break;
      case PruneKind::kChannel:
        expect_fields(2, 3, "channel:AMOUNT or channel:AMOUNT:CRITERION");
        read_amount();
        if (fields_.size() == 3) spec_.criterion = find(kCriteria, fields_[2], "unknown criterion");
        break;
      default:
        expect_fields(2, 2, fields_[0] + ":AMOUNT");
        read_amount();
    }
    return std::move(spec_);
  }

 private:
  [[noreturn]] void fail(const std::string& reason) const {
    throw Error(fmt::format("{} {}: {}", owner_, spec_.text, reason));
  }

  void split(const std::string& text) {
    size_t from = 0;
    while (true) {
      const size_t colon = text.find(':', from);
      fields_.push_back(text.substr(from, colon - from));
      if (colon == std::string::npos) return;
      from = colon + 1;
    }
  }

  template <typename Value, size_t kSize>
  Value find(const std::pair<const char*, Value> (&table)[kSize], const std::string& name,
             const char* what) const {
    std::vector<std::string> words;
    for (const auto& [known, value] : table) {
      if (name == known) return value;
      words.emplace_back(known);
    }
    // A pattern of its own is meant as nm:N:M.
    const bool pattern = !name.empty() && std::all_of(name.begin(), name.end(), isdigit);
    const std::string meant = pattern && fields_.size() == 2
                                  ? fmt::format(", did you mean 'nm:{}'?", spec_.text)
                                  : did_you_mean(name, words);
    fail(fmt::format("{} '{}', expected {}{}", what, name, names(table), meant));
  }

  void expect_fields(size_t least, size_t most, const std::string& form) const {
    if (fields_.size() < least || fields_.size() > most) fail("expected " + form);
  }

  void read_amount() {
    const std::string& text = fields_[1];
    const auto [rest, error] =
        std::from_chars(text.data(), text.data() + text.size(), spec_.amount);
    if (error != std::errc() || rest != text.data() + text.size())
      fail(fmt::format("amount '{}' is not a number", text));
    if (!(spec_.amount > 0 && spec_.amount < 1))
      fail(fmt::format("amount {} is outside (0, 1)", text));
  }

  int64_t whole(const std::string& text, int64_t least, int64_t most, const char* what) const {
    int64_t value = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool read = error == std::errc() && rest == text.data() + text.size();
    if (!read || value < least || value > most)
      fail(fmt::format("{} '{}', expected {}..{}", what, text, least, most));
    return value;
  }

  void read_pattern() {
    const std::string pattern = spec_.text.substr(0, spec_.text.find('@'));
    for (const auto& [keep, of] : {std::pair(2, 4), std::pair(1, 4), std::pair(1, 2)}) {
      if (pattern != fmt::format("nm:{}:{}", keep, of)) continue;
      spec_.keep = keep;
      spec_.of = of;
      spec_.amount = 1.0 - static_cast<double>(keep) / of;
      return;
    }
    fail("expected nm:2:4, nm:1:4 or nm:1:2");
  }

  void read_block(const std::string& text) {
    const size_t x = text.find('x');
    if (x == std::string::npos) fail(fmt::format("block size '{}', expected ROWSxCOLS", text));
    spec_.block_rows = whole(text.substr(0, x), 1, kLargestBlock, "rows of the block");
    spec_.block_cols = whole(text.substr(x + 1), 1, kLargestBlock, "columns of the block");
  }

  const std::string owner_;  ///< what messages begin with
  PruneSpec spec_;
  std::vector<std::string> fields_;
};

}  // namespace

PruneSpec parse_prune(const std::string& text) { return Reader(text, "--prune").read(); }

std::vector<PruneSpec> parse_prune(const std::vector<std::string>& texts) {
  std::vector<PruneSpec> specs;
  for (const std::string& text : texts)
    if (texts.size() > 1 || text != "none") specs.push_back(parse_prune(text));
  return specs;
}

std::vector<PruneSpec> parse_joined_prune(const std::string& text, const std::string& owner) {
  std::vector<PruneSpec> specs;
  if (text == "none") return specs;
  for (size_t from = 0; from <= text.size();) {
    const size_t plus = std::min(text.find('+', from), text.size());
    specs.push_back(Reader(text.substr(from, plus - from), owner).read());
    from = plus + 1;
  }
  return specs;
}

}  // namespace systole::prune
