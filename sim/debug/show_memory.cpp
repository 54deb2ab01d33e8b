// SPDX-License-Identifier: Apache-2.0
// Memories and tensors as text.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "model/base/error.h"
#include "sim/debug/show.h"
#include "sim/report/format.h"

namespace systole::debug {

using golden::Storage;

namespace {

constexpr size_t kBytesOfLine = 16;
constexpr int64_t kMostValues = 1024;

std::string writers_text(const Place& place, const Moment& now, const Surroundings& around) {
  std::string text;
  for (const uint32_t pc : around.footprints.writing(now, place))
    text += fmt::format("{} is writing here: it may have written a part\n",
                        around.words.instruction(pc));
  return text;
}

std::string hex(std::span<const uint8_t> bytes) {
  return fmt::format("{:02x}", fmt::join(bytes, " "));
}

std::string dram_text(const Place& place, Target& target) {
  const std::vector<uint8_t> bytes = target.dram(place.begin, place.end - place.begin);
  std::string text;
  for (size_t at = 0; at < bytes.size(); at += kBytesOfLine)
    text +=
        fmt::format("{:#010x}: {}\n", place.begin + at,
                    hex(std::span(bytes).subspan(at, std::min(kBytesOfLine, bytes.size() - at))));
  return text;
}

std::string ub_text(const Place& place, Target& target, const arch::Geometry& g) {
  const auto word_bytes = static_cast<uint64_t>(g.word_bytes);
  if (place.end - place.begin == 1) {
    const auto value = static_cast<int8_t>(target.ub(place.begin, 1).front());
    return fmt::format("{}: {}\n", golden::storage_address(Storage::kUb, place.begin, g), value);
  }
  std::string text;
  for (uint64_t word = place.begin / word_bytes; word * word_bytes < place.end; ++word)
    text += fmt::format("{:#06x}: {}\n", word,
                        hex(target.ub(word * word_bytes, static_cast<size_t>(g.lanes))));
  return text;
}

/// As it is stored.
int64_t stored_value(const Element& element, Target& target) {
  const uint64_t step = Tensors::byte_step(element.tensor);
  if (element.tensor.channel_scale.empty())
    return static_cast<int8_t>(target.dram(element.addr, 1).front());
  uint32_t sum = 0;
  for (uint32_t byte = 0; byte < 4; ++byte)
    sum |= uint32_t{target.dram(element.addr + byte * step, 1).front()} << 8 * byte;
  return static_cast<int32_t>(sum);
}

double real_value(const Element& element, int64_t stored) {
  const program::TensorInfo& tensor = element.tensor;
  if (tensor.channel_scale.empty())
    return static_cast<double>(tensor.scale) * static_cast<double>(stored - tensor.zero_point);
  const uint64_t channel = (element.addr - tensor.addr) % Tensors::byte_step(tensor);
  return static_cast<double>(tensor.channel_scale[channel]) * static_cast<double>(stored);
}

}  // namespace

std::string memory_text(const Place& place, Target& target, const Surroundings& around) {
  std::string text;
  switch (place.storage) {
    case Storage::kUb:
      text = ub_text(place, target, around.footprints.geometry());
      break;
    case Storage::kAcc:
      for (uint64_t row = place.begin; row < place.end; ++row)
        text += fmt::format("{:>6}: {}\n", row, fmt::join(target.acc(row), " "));
      break;
    default:
      text = dram_text(place, target);
  }
  return text + writers_text(place, target.now(), around);
}

std::string tensors_text(const Surroundings& around) {
  std::string text;
  const program::Program& program = around.subject.program;
  for (const auto* tensors : {&program.inputs, &program.outputs})
    for (const program::TensorInfo& tensor : *tensors)
      text += fmt::format(
          "{:<6} {} [{}] at DRAM {:#x}, {}\n", tensors == &program.inputs ? "input" : "output",
          report::printable(tensor.name), fmt::join(Tensors::dims(tensor), ","), tensor.addr,
          tensor.channel_scale.empty()
              ? fmt::format("int8, {:.6g} * (stored - {})", tensor.scale, tensor.zero_point)
              : "int32 sums, a scale for each channel");
  return text.empty() ? "the program names no tensors\n" : text;
}

std::string tensor_text(const std::string& reference, bool real, Target& target,
                        const Surroundings& around) {
  const Tensors::Reference part = around.tensors.parse(reference);
  const std::vector<int64_t> dims = Tensors::dims(part.tensor);
  const Element first = Tensors::element(part.tensor, part.first);
  const Place whole{Storage::kDram, first.addr, first.addr + 1};
  const std::string name = report::printable(part.tensor.name);
  if (part.count == 1) {
    const int64_t stored = stored_value(first, target);
    return fmt::format("{}[{}] = {}, stored {} at DRAM {:#x}\n{}", name, fmt::join(part.at, ","),
                       real_value(first, stored), stored, first.addr,
                       writers_text(whole, target.now(), around));
  }
  const int64_t columns = dims.back();
  std::string text;
  for (int64_t i = 0; i < std::min(part.count, kMostValues); ++i) {
    const Element element = Tensors::element(part.tensor, part.first + i);
    if (i % columns == 0) {
      std::vector<int64_t> at(dims.size() - 1);
      int64_t rest = (part.first + i) / columns;
      for (size_t d = at.size(); d-- > 0; rest /= dims[d]) at[d] = rest % dims[d];
      text += fmt::format("{}{}[{}]:", i == 0 ? "" : "\n", name, fmt::join(at, ","));
    }
    const int64_t stored = stored_value(element, target);
    text += real ? fmt::format(" {:.4g}", real_value(element, stored)) : fmt::format(" {}", stored);
  }
  text += "\n";
  if (part.count > kMostValues)
    text += fmt::format("{} values more: name coordinates\n", part.count - kMostValues);
  return text;
}

}  // namespace systole::debug
