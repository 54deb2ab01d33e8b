// SPDX-License-Identifier: Apache-2.0
// What an instruction has written, in the coordinates of its own loops.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "model/base/error.h"
#include "model/base/overloaded.h"
#include "model/golden/instruction.h"
#include "sim/debug/show.h"
#include "sim/report/format.h"

namespace systole::debug {
namespace {

using golden::Storage;

constexpr int64_t kMostRows = 256;

/// Calls show(b, i, j) for the first of n * oh * ow outputs; says how many are left out.
template <typename Op, typename Show>
std::string for_outputs(const Op& op, const Show& show) {
  std::string text;
  const int64_t all = int64_t{op.n} * op.oh * op.ow;
  for (int64_t k = 0; k < std::min(all, kMostRows); ++k)
    text += show(k / (int64_t{op.oh} * op.ow), k / op.ow % op.oh, k % op.ow, k);
  if (all > kMostRows) text += fmt::format("and {} outputs more\n", all - kMostRows);
  return text;
}

/// Value `index` of bytes that hold 1 << narrow each; a single bit tells 1 from -1.
int unpacked(const std::vector<uint8_t>& bytes, size_t index, int narrow) {
  const int bits = 8 >> narrow;
  const size_t each = size_t{1} << narrow;
  const int value =
      bytes[index / each] >> index % each * static_cast<size_t>(bits) & ((1 << bits) - 1);
  if (bits == 1) return 2 * value - 1;
  return value >= 1 << (bits - 1) ? value - (1 << bits) : value;
}

std::string vector_text(const isa::Vector& op, const arch::Geometry& g, Target& target) {
  const size_t lanes = size_t{op.lanes_m1} + 1, each = size_t{1} << op.dst_narrow;
  const uint64_t first = uint64_t{op.dst_slice} * static_cast<uint64_t>(g.cols) / each;
  return for_outputs(op, [&](int64_t b, int64_t i, int64_t j, int64_t) {
    const uint64_t word =
        op.dst_addr +
        static_cast<uint64_t>(b * op.dst_stride0 + i * op.dst_stride1 + j * op.dst_stride2);
    const std::vector<uint8_t> bytes =
        target.ub(word * static_cast<uint64_t>(g.word_bytes) + first, (lanes + each - 1) / each);
    std::vector<int> values;
    for (size_t lane = 0; lane < lanes; ++lane)
      values.push_back(unpacked(bytes, lane, op.dst_narrow));
    return fmt::format("[{},{},{}] UB {:#x} lane {}: {}\n", b, i, j, word, first,
                       fmt::join(values, " "));
  });
}

std::string matmul_text(const isa::Matmul& op, Target& target) {
  return for_outputs(op, [&](int64_t b, int64_t i, int64_t j, int64_t k) {
    const uint64_t row = op.acc_addr + static_cast<uint64_t>(k);
    return fmt::format("[{},{},{}] ACC {}: {}\n", b, i, j, row, fmt::join(target.acc(row), " "));
  });
}

/// "values of y, from y[0,0,2,0] to y[0,3,5,27]", if the instruction makes some.
std::string made_text(uint32_t pc, const Surroundings& around) {
  std::set<int64_t> bytes;
  around.whereabouts.for_each_made(pc,
                                   [&](int64_t byte, Storage, uint64_t) { bytes.insert(byte); });
  if (bytes.empty()) return "";
  const auto tensor = static_cast<size_t>(around.tensors.map().made[pc].tensor);
  std::vector<int64_t> values;
  for (const int64_t index : around.tensors.values_of(around.tensors.whole(tensor)))
    if (bytes.contains(around.tensors.byte_of(tensor, index))) values.push_back(index);
  return values.empty() ? ""
                        : fmt::format("{} values of {}, from {} to {}\n", values.size(),
                                      report::printable(around.tensors.at(tensor).info.name),
                                      around.tensors.value_name(tensor, values.front()),
                                      around.tensors.value_name(tensor, values.back()));
}

}  // namespace

std::string output_text(uint32_t pc, Target& target, const Surroundings& around) {
  const program::Program& program = around.subject.program;
  const arch::Geometry& g = around.footprints.geometry();
  if (golden::dispatch_fault(program.code.at(pc), program.hw) != isa::Fault::kNone)
    throw Error(
        fmt::format("output: {} is faulty and writes nothing", around.words.instruction(pc)));
  std::string text = around.words.instruction(pc);
  const auto& retired = target.retired();
  const auto last = std::find_if(retired.rbegin(), retired.rend(),
                                 [&](const core::RetireEvent& event) { return event.pc == pc; });
  text += last == retired.rend() ? std::string(" has not ended; there stands now\n")
                                 : fmt::format(" has ended: cycles {} to {}; there stands now\n",
                                               last->start, last->end);
  text += made_text(pc, around);
  const golden::Instruction instruction = golden::decode_instruction(program.code[pc], pc);
  if (const auto* vector = std::get_if<isa::Vector>(&instruction.op))
    return text + vector_text(*vector, g, target);
  if (const auto* matmul = std::get_if<isa::Matmul>(&instruction.op))
    return text + matmul_text(*matmul, target);
  int64_t rows = 0;
  for (const golden::Access& access : around.footprints.of(pc)) {
    const bool shown = access.storage == Storage::kUb || access.storage == Storage::kDram;
    if (!access.write || !shown || ++rows > kMostRows) continue;
    text += memory_text({access.storage, access.begin, access.end}, target, around);
  }
  if (rows == 0) text += "it writes neither UB, nor ACC, nor DRAM\n";
  if (rows > kMostRows) text += fmt::format("and {} parts more\n", rows - kMostRows);
  return text;
}

}  // namespace systole::debug
