// SPDX-License-Identifier: Apache-2.0
// Asks the memory in the first cycle an address is on the bus and plays its answer beat by beat.
#include "sim/engine/axi_bridge.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace systole::engine {
namespace {

constexpr uint8_t kSlaveError = 2;  ///< RRESP, BRESP: SLVERR

void protocol_error(Cycle now, const char* what) {
  SC_REPORT_ERROR("axi", fmt::format("cycle {}: {}", now, what).c_str());
}

void log_burst(core::RunLog& log, Cycle now, uint32_t addr, int beats, bool write) {
  if (log.enabled) log.dram.push_back({now, addr, static_cast<uint16_t>(beats), write});
}

}  // namespace

BurstClient::BurstClient(Socket& socket, int bus_bytes) : socket_(socket), bus_bytes_(bus_bytes) {
  payload_.set_extension(&extension_);
}

void BurstClient::prepare(tlm::tlm_command command, uint32_t addr, std::vector<uint8_t>* data,
                          size_t length) {
  payload_.set_command(command);
  payload_.set_address(addr);
  payload_.set_data_ptr(data == nullptr ? nullptr : data->data());
  payload_.set_data_length(static_cast<unsigned>(length));
  payload_.set_streaming_width(static_cast<unsigned>(length));
  payload_.set_byte_enable_ptr(nullptr);
  payload_.set_byte_enable_length(0);
  payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
}

memory::BurstTiming BurstClient::transport(Cycle cycle, int beats) {
  extension_.cycle = cycle;
  extension_.beats = beats;
  extension_.timing = {};
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  socket_->b_transport(payload_, delay);
  return extension_.timing;
}

memory::BurstTiming BurstClient::read(Cycle cycle, uint32_t addr, int beats,
                                      std::vector<uint8_t>& data) {
  data.resize(static_cast<size_t>(beats * bus_bytes_));
  prepare(tlm::TLM_READ_COMMAND, addr, &data, data.size());
  return transport(cycle, beats);
}

memory::BurstTiming BurstClient::open_write(Cycle cycle, uint32_t addr, int beats) {
  prepare(tlm::TLM_WRITE_COMMAND, addr, nullptr, static_cast<size_t>(beats * bus_bytes_));
  return transport(cycle, beats);
}

bool BurstClient::store(uint32_t addr, std::vector<uint8_t>& data, std::vector<uint8_t>& enables) {
  prepare(tlm::TLM_WRITE_COMMAND, addr, &data, data.size());
  payload_.set_byte_enable_ptr(enables.data());
  payload_.set_byte_enable_length(static_cast<unsigned>(enables.size()));
  return socket_->transport_dbg(payload_) > 0;
}

void BurstClient::peek(uint64_t addr, std::span<uint8_t> bytes) {
  tlm::tlm_generic_payload payload;
  payload.set_command(tlm::TLM_READ_COMMAND);
  payload.set_address(addr);
  payload.set_data_ptr(bytes.data());
  payload.set_data_length(static_cast<unsigned>(bytes.size()));
  socket_->transport_dbg(payload);
}

void AxiReadPort::ask(Cycle now) {
  Burst burst;
  burst.beat.beats = *pins_.m_arlen + 1;
  log_burst(log_, now, *pins_.m_araddr, burst.beat.beats, false);
  burst.beat.timing = memory_.read(now, *pins_.m_araddr, burst.beat.beats, burst.data);
  accept_ = burst.beat.timing.accept;
  asked_ = true;
  bursts_.push_back(std::move(burst));
}

void AxiReadPort::drive(Cycle now) {
  if (*pins_.m_arvalid != 0 && !asked_) ask(now);
  const bool accepted = asked_ && now == accept_;
  *pins_.m_arready = accepted;
  if (accepted) asked_ = false;

  const bool valid = !bursts_.empty() && bursts_.front().beat.cycle() == now;
  *pins_.m_rvalid = valid;
  if (!valid) return;
  Burst& burst = bursts_.front();
  const size_t bytes = static_cast<size_t>(memory_.bus_bytes());
  std::memcpy(pins_.m_rdata, burst.data.data() + static_cast<size_t>(burst.beat.next) * bytes,
              bytes);
  *pins_.m_rresp = burst.beat.timing.error ? kSlaveError : 0;
  *pins_.m_rlast = ++burst.beat.next == burst.beat.beats;
  if (*pins_.m_rlast != 0) bursts_.pop_front();
}

platform::ByteRange AxiReadPort::next_burst() const {
  if (*pins_.m_arvalid == 0 || asked_) return {};
  const uint64_t bytes = static_cast<uint64_t>(*pins_.m_arlen + 1) * memory_.bus_bytes();
  return {*pins_.m_araddr, *pins_.m_araddr + bytes};
}

void AxiReadPort::save(StateWriter& out) const {
  out.value(asked_);
  out.value(accept_);
  out.value(bursts_.size());
  for (const Burst& burst : bursts_) {
    out.value(burst.beat);
    out.list(burst.data);
  }
}

void AxiReadPort::restore(StateReader& in) {
  size_t bursts = 0;
  in.value(asked_);
  in.value(accept_);
  in.value(bursts);
  for (size_t i = 0; i < bursts; ++i) {
    Burst& burst = bursts_.emplace_back();
    in.value(burst.beat);
    in.list(burst.data);
  }
}

void AxiReadPort::rest() {
  *pins_.m_arready = 0;
  *pins_.m_rvalid = 0;
}

void AxiWritePort::ask(Cycle now) {
  Burst burst;
  burst.addr = *pins_.m_awaddr;
  burst.beat.beats = *pins_.m_awlen + 1;
  log_burst(log_, now, burst.addr, burst.beat.beats, true);
  burst.beat.timing = memory_.open_write(now, burst.addr, burst.beat.beats);
  accept_ = burst.beat.timing.accept;
  asked_ = true;
  bursts_.push_back(std::move(burst));
}

void AxiWritePort::drive(Cycle now) {
  *pins_.m_bvalid = respond_;
  *pins_.m_bresp = respond_error_ ? kSlaveError : 0;
  respond_ = false;

  if (*pins_.m_awvalid != 0 && !asked_) ask(now);
  const bool accepted = asked_ && now == accept_;
  *pins_.m_awready = accepted;
  if (accepted) asked_ = false;
  *pins_.m_wready = !bursts_.empty() && bursts_.front().beat.cycle() == now;
}

void AxiWritePort::collect(Cycle now) {
  if (*pins_.m_wready == 0) return;
  if (*pins_.m_wvalid == 0)
    protocol_error(now, "the core has no write data for the beat that is due");
  Burst& burst = bursts_.front();
  const int bytes = memory_.bus_bytes();
  burst.data.insert(burst.data.end(), pins_.m_wdata, pins_.m_wdata + bytes);
  for (int i = 0; i < bytes; ++i)
    burst.enables.push_back((pins_.m_wstrb[i / 8] >> (i % 8) & 1) != 0 ? 0xff : 0x00);
  const bool last = ++burst.beat.next == burst.beat.beats;
  if ((*pins_.m_wlast != 0) != last)
    protocol_error(now, "wlast is not with the last beat of its burst");
  if (!last) return;
  store(burst);
  respond_ = true;
  respond_error_ = burst.beat.timing.error;
  bursts_.pop_front();
}

void AxiWritePort::store(Burst& burst) {
  if (!memory_.store(burst.addr, burst.data, burst.enables) || !on_write) return;
  const auto last = std::find(burst.enables.rbegin(), burst.enables.rend(), 0xff);
  const auto bytes = static_cast<uint64_t>(burst.enables.rend() - last);
  if (bytes > 0) on_write({burst.addr, burst.addr + bytes});
}

void AxiWritePort::save(StateWriter& out) const {
  out.value(asked_);
  out.value(accept_);
  out.value(respond_);
  out.value(respond_error_);
  out.value(bursts_.size());
  for (const Burst& burst : bursts_) {
    out.value(burst.beat);
    out.value(burst.addr);
    out.list(burst.data);
    out.list(burst.enables);
  }
}

void AxiWritePort::restore(StateReader& in) {
  size_t bursts = 0;
  in.value(asked_);
  in.value(accept_);
  in.value(respond_);
  in.value(respond_error_);
  in.value(bursts);
  for (size_t i = 0; i < bursts; ++i) {
    Burst& burst = bursts_.emplace_back();
    in.value(burst.beat);
    in.value(burst.addr);
    in.list(burst.data);
    in.list(burst.enables);
  }
}

void AxiWritePort::rest() {
  *pins_.m_awready = 0;
  *pins_.m_wready = 0;
  *pins_.m_bvalid = 0;
}

}  // namespace systole::engine
