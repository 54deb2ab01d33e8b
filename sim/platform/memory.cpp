// SPDX-License-Identifier: Apache-2.0
// Moves the bytes of a burst and asks the timing model for its cycles.
#include "sim/platform/memory.h"

#include <algorithm>
#include <cstring>

namespace systole::platform {

Memory::Memory(const sc_core::sc_module_name& name, std::unique_ptr<memory::MemoryTiming> timing,
               uint64_t size_bytes, DramImage& image)
    : sc_module(name),
      socket("socket"),
      timing_(std::move(timing)),
      size_bytes_(size_bytes),
      image_(image) {
  socket.register_b_transport(this, &Memory::b_transport);
  socket.register_transport_dbg(this, &Memory::transport_dbg);
}

bool Memory::in_range(const tlm::tlm_generic_payload& burst) const {
  return burst.get_address() <= size_bytes_ &&
         burst.get_data_length() <= size_bytes_ - burst.get_address();
}

void Memory::b_transport(tlm::tlm_generic_payload& burst, sc_core::sc_time&) {
  core::BurstExtension* extension = nullptr;
  burst.get_extension(extension);
  if (extension == nullptr) {
    burst.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
    return;
  }
  settle(extension->cycle);
  extension->timing = timing_->schedule(
      {extension->cycle, burst.get_address(), extension->beats, burst.is_write()});
  extension->timing.error = !in_range(burst);
  const uint8_t* data = burst.get_data_ptr();
  if (data != nullptr && burst.is_read()) read(burst);
  if (data != nullptr && burst.is_write() && in_range(burst)) {
    Write& write = under_way_.emplace_back();
    write.last = extension->timing.last;
    write.addr = burst.get_address();
    write.data.assign(data, data + burst.get_data_length());
    if (const uint8_t* enables = burst.get_byte_enable_ptr())
      write.enables.assign(enables, enables + burst.get_byte_enable_length());
  }
  burst.set_response_status(extension->timing.error ? tlm::TLM_ADDRESS_ERROR_RESPONSE
                                                    : tlm::TLM_OK_RESPONSE);
}

unsigned Memory::transport_dbg(tlm::tlm_generic_payload& burst) {
  if (burst.is_read()) read(burst);
  if (!in_range(burst)) return 0;
  if (burst.is_write())
    write(burst.get_address(), burst.get_data_ptr(), burst.get_data_length(),
          burst.get_byte_enable_ptr(), burst.get_byte_enable_length());
  return burst.get_data_length();
}

void Memory::settle(Cycle now) {
  for (; !under_way_.empty() && under_way_.front().last < now; under_way_.pop_front()) {
    const Write& w = under_way_.front();
    write(w.addr, w.data.data(), w.data.size(), w.enables.empty() ? nullptr : w.enables.data(),
          w.enables.size());
  }
}

void Memory::resume(const std::vector<core::DramEvent>& bursts, ByteRange written) {
  for (const core::DramEvent& burst : bursts)
    timing_->schedule({burst.cycle, burst.addr, burst.beats, burst.write});
  written_ = written;
}

void Memory::end(Cycle cycles) {
  settle(cycles);
  under_way_.clear();
}

void Memory::read(tlm::tlm_generic_payload& burst) const {
  uint8_t* data = burst.get_data_ptr();
  const size_t length = burst.get_data_length(), addr = burst.get_address();
  const size_t held =
      in_range(burst) && addr < image_.size() ? std::min(length, image_.size() - addr) : 0;
  std::copy_n(image_.data() + (held == 0 ? 0 : addr), held, data);
  std::fill(data + held, data + length, uint8_t{0});
}

void Memory::write(uint64_t addr, const uint8_t* data, size_t length, const uint8_t* enables,
                   size_t period) {
  const auto enabled = [&](size_t i) { return enables == nullptr || enables[i % period] != 0; };
  size_t end = length;
  while (end > 0 && !enabled(end - 1)) --end;
  if (end == 0) return;
  if (addr + end > image_.size()) image_.resize(addr + end);
  written_ = written_ == ByteRange{} ? ByteRange{addr, addr + end}
                                     : ByteRange{std::min<uint64_t>(written_.from, addr),
                                                 std::max<uint64_t>(written_.to, addr + end)};
  if (enables == nullptr) {
    std::copy_n(data, end, image_.data() + addr);
    return;
  }
  for (size_t i = 0; i < end; ++i)
    if (enabled(i)) image_[addr + i] = data[i];
}

}  // namespace systole::platform
