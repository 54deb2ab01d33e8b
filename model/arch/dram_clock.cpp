// SPDX-License-Identifier: Apache-2.0
// Reads clocks and times.
#include "model/arch/dram_clock.h"

#include <algorithm>
#include <cctype>
#include <string>

namespace systole::arch {
namespace {

constexpr int64_t kPsTimesMhz = 1'000'000;  // a clock of 1 MHz takes as many picoseconds
constexpr int64_t kMaxMhz = 10'000, kMaxDivisor = 100;
constexpr size_t kMaxDigits = 9;  // keeps all products in 64 bits

int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

/// What is left of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool at_end() {
    skip_blanks();
    return text_.empty();
  }
  bool take(std::string_view word) {
    skip_blanks();
    if (!text_.starts_with(word)) return false;
    text_.remove_prefix(word.size());
    return true;
  }
  /// A number of at most `decimals` digits behind the point, times ten to that power.
  std::optional<int64_t> number(size_t decimals) {
    skip_blanks();
    std::string whole = digits(), fraction;
    if (decimals > 0 && !whole.empty() && text_.starts_with('.')) {
      text_.remove_prefix(1);
      fraction = digits();
      if (fraction.empty()) return {};
    }
    if (whole.empty() || whole.size() > kMaxDigits || fraction.size() > decimals) return {};
    fraction.resize(decimals, '0');
    return std::stoll(whole + fraction);
  }

 private:
  void skip_blanks() {
    while (text_.starts_with(' ')) text_.remove_prefix(1);
  }
  std::string digits() {
    size_t count = 0;
    while (count < text_.size() && std::isdigit(static_cast<unsigned char>(text_[count]))) ++count;
    std::string result(text_.substr(0, count));
    text_.remove_prefix(count);
    return result;
  }

  std::string_view text_;
};

/// A number and its unit.
std::optional<int64_t> scan_time(Scanner& scanner, const DramClock& clock) {
  constexpr size_t kPsInNs = 3;  // as a power of ten
  for (const auto& [unit, decimals] : {std::pair{"nCK", size_t{0}}, {"ns", kPsInNs}, {"ps", 0}}) {
    Scanner ahead = scanner;
    const std::optional<int64_t> number = ahead.number(decimals);
    if (!number || !ahead.take(unit)) continue;
    scanner = ahead;
    const std::string_view name = unit;
    return name == "nCK"  ? clock.clocks(*number)
           : name == "ns" ? clock.rounded_up(*number)
                          : *number;
  }
  return {};
}

std::optional<int64_t> scan_term(Scanner& scanner, const DramClock& clock) {
  if (!scanner.take("max(")) return scan_time(scanner, clock);
  const std::optional<int64_t> a = scan_time(scanner, clock);
  if (!a || !scanner.take(",")) return {};
  const std::optional<int64_t> b = scan_time(scanner, clock);
  if (!b || !scanner.take(")")) return {};
  return std::max(*a, *b);
}

}  // namespace

std::optional<DramClock> DramClock::parse(std::string_view text) {
  Scanner scanner(text);
  const std::optional<int64_t> mhz = scanner.number(0);
  const std::optional<int64_t> divisor = scanner.take("/") ? scanner.number(0) : 1;
  if (!mhz || !divisor || !scanner.at_end()) return {};
  if (*divisor < 1 || *divisor > kMaxDivisor || *mhz < *divisor || *mhz > kMaxMhz * *divisor)
    return {};
  return DramClock(*mhz, *divisor);
}

std::optional<int64_t> DramClock::picoseconds(std::string_view text) const {
  Scanner scanner(text);
  int64_t sum = 0;
  do {
    const std::optional<int64_t> term = scan_term(scanner, *this);
    if (!term) return {};
    sum += *term;
  } while (scanner.take("+"));
  return scanner.at_end() ? std::optional(sum) : std::nullopt;
}

int64_t DramClock::clocks(int64_t n) const { return divide_up(n * kPsTimesMhz * divisor_, mhz_); }

int64_t DramClock::edge_from(int64_t ps) const {
  __extension__ using Wide = __int128;  // a long run in picoseconds, times a clock
  const Wide unit = Wide{kPsTimesMhz} * divisor_;
  return static_cast<int64_t>((Wide{ps} * mhz_ + unit - 1) / unit);
}

int64_t DramClock::rounded_up(int64_t ps) const {
  return clocks(divide_up(ps * mhz_, kPsTimesMhz * divisor_));
}

}  // namespace systole::arch
