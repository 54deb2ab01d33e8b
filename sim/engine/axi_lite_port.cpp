// SPDX-License-Identifier: Apache-2.0
// AXI4-Lite handshakes; address and write data are offered together.
#include "sim/engine/axi_lite_port.h"

namespace systole::engine {

void AxiLitePort::begin(bool write, uint32_t addr, uint32_t data) {
  active_ = true;
  write_ = write;
  address_open_ = true;
  data_open_ = write;
  addr_ = static_cast<uint16_t>(addr);
  data_ = data;
}

void AxiLitePort::drive() {
  *pins_.s_awvalid = active_ && write_ && address_open_;
  *pins_.s_wvalid = active_ && data_open_;
  *pins_.s_bready = active_ && write_;
  *pins_.s_arvalid = active_ && !write_ && address_open_;
  *pins_.s_rready = active_ && !write_;
  if (!active_) return;
  *pins_.s_awaddr = addr_;
  *pins_.s_araddr = addr_;
  *pins_.s_wdata = data_;
  *pins_.s_wstrb = 0xf;
}

bool AxiLitePort::observe() {
  if (!active_) return false;
  const bool done = write_ ? observe_write() : observe_read();
  active_ = !done;
  return done;
}

bool AxiLitePort::observe_write() {
  if (address_open_ && *pins_.s_awready != 0) address_open_ = false;
  if (data_open_ && *pins_.s_wready != 0) data_open_ = false;
  if (*pins_.s_bvalid == 0) return false;
  error_ = *pins_.s_bresp != 0;
  return true;
}

bool AxiLitePort::observe_read() {
  if (address_open_ && *pins_.s_arready != 0) address_open_ = false;
  if (*pins_.s_rvalid == 0) return false;
  data_ = *pins_.s_rdata;
  error_ = *pins_.s_rresp != 0;
  return true;
}

}  // namespace systole::engine
