// SPDX-License-Identifier: Apache-2.0
// The DRAM contents that a program starts with.
#include "sim/platform/dram_image.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "model/base/error.h"
#include "sim/platform/large_buffer.h"

namespace systole::platform {
namespace {

void place(DramImage& image, const program::Program& program, const std::string& name,
           uint32_t addr, const void* bytes, size_t size) {
  if (size > image.size() || addr > image.size() - size)
    throw Error(fmt::format(
        "{}: segment {} at 0x{:x} with {} bytes ends beyond the program's {} DRAM bytes",
        program.name, name, addr, size, image.size()));
  if (size > 0) std::memcpy(image.data() + addr, bytes, size);
}

}  // namespace

DramImage make_image(const program::Program& program) {
  // Code and segments are 32-bit addressed; a program that asks for more is damaged.
  if (program.dram_bytes > uint64_t{1} << 32)
    throw Error(
        fmt::format("{}: {} DRAM bytes, expected at most 2^32", program.name, program.dram_bytes));
  DramImage image;
  reserve_large(image, program.dram_bytes);
  image.resize(program.dram_bytes);
  for (const program::Segment& segment : program.segments)
    place(image, program, segment.name, segment.addr, segment.bytes.data(), segment.bytes.size());
  place(image, program, "code", program.code_addr, program.code.data(),
        program.code.size() * isa::kInstructionBytes);
  return image;
}

}  // namespace systole::platform
