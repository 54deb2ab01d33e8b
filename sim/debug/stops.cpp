// SPDX-License-Identifier: Apache-2.0
// Each condition compares the moment with what it kept of the step before.
#include "sim/debug/stops.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "model/base/overloaded.h"
#include "sim/report/format.h"

namespace systole::debug {

using golden::Storage;

std::string condition_text(const Condition& condition, const ProgramWords& words) {
  return std::visit(Overloaded{
                        [&](const AtPc& at) { return "pc " + words.instruction(at.pc); },
                        [](const AtLayer& at) { return "layer " + report::printable(at.name); },
                        [](const AtCycle& at) { return fmt::format("cycle {}", at.cycle); },
                        [](const AtCause& at) {
                          return fmt::format("cause {} {}", isa::unit_name(at.unit),
                                             isa::cause_name(at.cause));
                        },
                        [](const AtWrite& at) { return "write " + at.text; },
                        [](const AtMade& at) { return "write " + at.text; },
                        [](const AtFault&) { return std::string("fault"); },
                        [](const AtGolden&) { return std::string("golden"); },
                    },
                    condition);
}

std::string address_text(Storage storage, uint64_t address, const Surroundings& around,
                         uint32_t writer) {
  const std::string text = golden::storage_address(storage, address, around.footprints.geometry());
  std::optional<std::string> tensor;
  if (storage == Storage::kDram) tensor = around.tensors.name_of(address);
  if (storage == Storage::kUb && writer != kNobody)
    around.whereabouts.for_each_made(writer, [&](int64_t byte, Storage to, uint64_t at) {
      if (to != storage || at != address) return;
      const auto made = static_cast<size_t>(around.tensors.map().made[writer].tensor);
      tensor = around.tensors.name_in(made, byte);
    });
  return tensor ? fmt::format("{}, {}", text, *tensor) : text;
}

Stop::Stop(Condition condition, const Surroundings& around)
    : condition_(std::move(condition)),
      around_(around),
      golden_(around.subject, around.footprints) {}

bool Stop::can_begin(const Moment& moment) const {
  const auto* at = std::get_if<AtWrite>(&condition_);
  return at == nullptr || around_.footprints.writing(moment, at->place).empty();
}

void Stop::arm(Target& target) {
  if (seen_ == target.now().cycle) return;  // the run goes on from where it was looked at
  seen_ = target.now().cycle;
  ended_ = target.retired().size();
  fault_ = target.now().registers.fault;
  if (const auto* at = std::get_if<AtCause>(&condition_)) cause_ = target.now().cause(at->unit);
  if (const auto* at = std::get_if<AtWrite>(&condition_)) arm_write(at->place, target);
  if (std::holds_alternative<AtGolden>(condition_)) golden_.catch_up(target);
}

void Stop::arm_write(const Place& place, Target& target) {
  settled_ = values_at(place, target);
  const bool has_values = place.storage == Storage::kDram;
  held_.assign(place.end - place.begin, has_values ? Held::kValue : Held::kNothing);
  for (const core::RetireEvent& event : target.retired()) hold(place, event.pc, Held::kValue);
  for (const uint32_t pc : around_.footprints.writing(target.now(), place))
    hold(place, pc, Held::kUnsettled);
}

std::optional<std::string> Stop::met(Target& target) {
  auto what = std::visit([&](const auto& at) { return met_by(at, target); }, condition_);
  seen_ = target.now().cycle;
  ended_ = target.retired().size();
  fault_ = target.now().registers.fault;
  return what;
}

/// "12 vector of conv1 starts in vpu", if it does.
std::optional<std::string> Stop::start_of(uint32_t pc, const Moment& now) const {
  for (size_t u = 0; u < isa::kUnits; ++u)
    for (const core::FlyingInstruction& flying : now.registers.fronts[u].flying)
      if (flying.pc == pc && flying.start == now.cycle)
        return fmt::format("{} starts in {}", around_.words.instruction(pc),
                           isa::unit_name(static_cast<isa::Unit>(u)));
  return std::nullopt;
}

std::optional<std::string> Stop::met_by(const AtPc& at, Target& target) {
  return start_of(at.pc, target.now());
}

std::optional<std::string> Stop::met_by(const AtLayer& at, Target& target) {
  return start_of(at.first, target.now());
}

std::optional<std::string> Stop::met_by(const AtCycle& at, Target& target) {
  if (target.now().cycle != at.cycle) return std::nullopt;
  return fmt::format("cycle {}", at.cycle);
}

std::optional<std::string> Stop::met_by(const AtCause& at, Target& target) {
  const isa::Cause before = cause_;
  cause_ = target.now().cause(at.unit);
  if (cause_ != at.cause || before == cause_ || target.now().over()) return std::nullopt;
  return fmt::format("{} turns from {} to {}", isa::unit_name(at.unit), isa::cause_name(before),
                     isa::cause_name(cause_));
}

std::optional<std::string> Stop::met_by(const AtFault&, Target& target) {
  const core::Registers& now = target.now().registers;
  if (now.fault == fault_ || now.fault == isa::Fault::kNone) return std::nullopt;
  return fmt::format("fault {} of {}", isa::fault_name(now.fault),
                     around_.words.instruction(now.fault_pc));
}

std::optional<std::string> Stop::met_by(const AtGolden&, Target& target) {
  const auto wrong = golden_.check(target);
  if (!wrong) return std::nullopt;
  return fmt::format(
      "{} wrote something else than the golden executor: {}{}: expected {}, found {}",
      around_.words.instruction(wrong->pc),
      address_text(wrong->storage, wrong->address, around_, wrong->pc),
      wrong->storage == Storage::kAcc ? fmt::format(" column {}", wrong->column) : "",
      wrong->expected, wrong->found);
}

/// Bytes as they are stored, or sums row by row.
std::vector<int32_t> Stop::values_at(const Place& place, Target& target) const {
  std::vector<int32_t> values;
  if (place.storage == Storage::kAcc) {
    for (uint64_t row = place.begin; row < place.end; ++row) {
      const std::vector<int32_t> sums = target.acc(row);
      values.insert(values.end(), sums.begin(), sums.end());
    }
    return values;
  }
  const size_t count = place.end - place.begin;
  for (const uint8_t byte : place.storage == Storage::kUb ? target.ub(place.begin, count)
                                                          : target.dram(place.begin, count))
    values.push_back(static_cast<int8_t>(byte));
  return values;
}

/// Of what instruction `pc` writes in `place`.
void Stop::hold(const Place& place, uint32_t pc, Held held) {
  for (const golden::Access& access : around_.footprints.of(pc)) {
    if (!access.write || !place.overlaps(access)) continue;
    const uint64_t from = std::max(access.begin, place.begin), to = std::min(access.end, place.end);
    std::fill(held_.begin() + static_cast<ptrdiff_t>(from - place.begin),
              held_.begin() + static_cast<ptrdiff_t>(to - place.begin), held);
  }
}

/// What instructions under way write there too is not settled: it stays as it was in `now`.
void Stop::leave_to_others(const Place& place, const Moment& moment,
                           const std::vector<Held>& before, std::vector<int32_t>& now) {
  const size_t columns = now.size() / (place.end - place.begin);
  for (const uint32_t pc : around_.footprints.writing(moment, place))
    for (const golden::Access& access : around_.footprints.of(pc)) {
      if (!access.write || !place.overlaps(access)) continue;
      const size_t from = std::max(access.begin, place.begin) - place.begin;
      const size_t to = std::min(access.end, place.end) - place.begin;
      for (size_t at = from; at < to; ++at) held_[at] = before[at];
      std::copy_n(settled_.begin() + static_cast<ptrdiff_t>(from * columns), (to - from) * columns,
                  now.begin() + static_cast<ptrdiff_t>(from * columns));
    }
}

std::string Stop::before_text(Held held, int32_t value) {
  switch (held) {
    case Held::kNothing:
      return "nothing";
    case Held::kUnsettled:
      return "?";
    case Held::kValue:
      break;
  }
  return fmt::to_string(value);
}

/// "UB word 0x12 lane 3: 0 -> 7, and 5 more", against settled_; empty if nothing is changed. What
/// nobody had written before held no value.
std::string Stop::change_text(const Place& place, const std::vector<int32_t>& now,
                              const std::vector<Held>& held_before) const {
  const arch::Geometry& g = around_.footprints.geometry();
  const auto word_bytes = static_cast<uint64_t>(g.word_bytes);
  const size_t columns =
      place.storage == Storage::kAcc ? now.size() / (place.end - place.begin) : 1;
  std::string first;
  int more = -1;
  for (size_t i = 0; i < now.size(); ++i) {
    const size_t at = i / columns;
    const bool is_first = held_before[at] != Held::kValue && held_[at] == Held::kValue;
    if (!is_first && now[i] == settled_[i]) continue;
    const uint64_t address = place.begin + at;
    if (place.storage == Storage::kUb && address % word_bytes >= static_cast<uint64_t>(g.lanes))
      continue;
    if (++more > 0) continue;
    first =
        fmt::format("{}{}: {} -> {}", address_text(place.storage, address, around_),
                    place.storage == Storage::kAcc ? fmt::format(" column {}", i % columns) : "",
                    before_text(held_before[at], settled_[i]), now[i]);
  }
  if (more > 0) first += fmt::format(", and {} more", more);
  return first;
}

std::optional<std::string> Stop::met_by(const AtWrite& at, Target& target) {
  const Place& place = at.place;
  const std::vector<Held> before = held_;
  std::string writers;
  const auto& retired = target.retired();
  for (size_t i = ended_; i < retired.size(); ++i) {
    if (!around_.footprints.touches(retired[i].pc, place, true)) continue;
    writers += (writers.empty() ? "" : ", ") + around_.words.instruction(retired[i].pc);
    hold(place, retired[i].pc, Held::kValue);
  }
  if (writers.empty() && !around_.footprints.writing(target.now(), place).empty())
    return std::nullopt;
  std::vector<int32_t> now = values_at(place, target);
  leave_to_others(place, target.now(), before, now);
  if (writers.empty() && now == settled_) return std::nullopt;
  const std::string change = change_text(place, now, before);
  settled_ = now;
  if (!writers.empty())
    return fmt::format("{} wrote there{}", writers,
                       change.empty() ? ", no value is changed" : "; " + change);
  if (change.empty()) return std::nullopt;
  return fmt::format("changed though no instruction that is under way writes there; {}", change);
}

/// "12 vector of conv1 wrote y[0,1,2,3] to UB word 0x12 lane 3, and 7 more of these values".
std::string Stop::made_text(const AtMade& at, uint32_t pc) const {
  std::map<int64_t, std::pair<Storage, uint64_t>> made;
  around_.whereabouts.for_each_made(pc, [&](int64_t byte, Storage to, uint64_t address) {
    made[byte] = {to, address};
  });
  std::string first;
  int64_t more = -1;
  for (const int64_t index : around_.tensors.values_of(at.values)) {
    const auto found = made.find(around_.tensors.byte_of(at.values.tensor, index));
    if (found == made.end() || ++more > 0) continue;
    const auto [storage, address] = found->second;
    first = fmt::format("{} wrote {} to {}", around_.words.instruction(pc),
                        around_.tensors.value_name(at.values.tensor, index),
                        golden::storage_address(storage, address, around_.footprints.geometry()));
  }
  return more > 0 ? fmt::format("{}, and {} more of these values", first, more) : first;
}

std::optional<std::string> Stop::met_by(const AtMade& at, Target& target) {
  const auto& retired = target.retired();
  std::string text;
  for (size_t i = ended_; i < retired.size(); ++i)
    if (std::binary_search(at.makers.begin(), at.makers.end(), retired[i].pc))
      text += (text.empty() ? "" : "; ") + made_text(at, retired[i].pc);
  if (text.empty()) return std::nullopt;
  return text;
}

}  // namespace systole::debug
