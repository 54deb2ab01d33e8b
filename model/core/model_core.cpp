// SPDX-License-Identifier: Apache-2.0
// One SC_METHOD runs the kernel in its active cycles; bursts and CSRs go through the sockets.
#include "model/core/model_core.h"

#include <cstring>

#include "model/isa/counter_ids.h"

namespace systole::core {
namespace {

constexpr uint32_t kCoreId = 0x53595331;  // 'SYS1'
constexpr uint64_t kStepsAtOnce = 16384;  // active cycles until the simulation's time follows

}  // namespace

/// Turns the kernel's bursts into transactions; one payload serves all.
class ModelCore::MemorySocket : public MemoryPort {
 public:
  MemorySocket(tlm_utils::simple_initiator_socket<CoreModule>& socket, int beat_bytes)
      : socket_(socket), beat_bytes_(static_cast<unsigned>(beat_bytes)) {
    payload_.set_extension(&burst_);
  }
  ~MemorySocket() override { payload_.clear_extension(&burst_); }

  /// How far the core is ahead of the simulation's time.
  void set_ahead(sc_core::sc_time ahead) { ahead_ = ahead; }

  memory::BurstTiming read(Cycle cycle, uint32_t addr, int beats, uint8_t* data) override {
    return transport(tlm::TLM_READ_COMMAND, cycle, addr, beats, data, nullptr);
  }
  memory::BurstTiming write(Cycle cycle, uint32_t addr, int beats, uint8_t* data,
                            uint8_t* enables) override {
    return transport(tlm::TLM_WRITE_COMMAND, cycle, addr, beats, data, enables);
  }

 private:
  memory::BurstTiming transport(tlm::tlm_command command, Cycle cycle, uint32_t addr, int beats,
                                uint8_t* data, uint8_t* enables) {
    const unsigned length = static_cast<unsigned>(beats) * beat_bytes_;
    payload_.set_command(command);
    payload_.set_address(addr);
    payload_.set_data_ptr(data);
    payload_.set_data_length(length);
    payload_.set_streaming_width(length);
    payload_.set_byte_enable_ptr(enables);
    payload_.set_byte_enable_length(enables != nullptr ? length : 0);
    payload_.set_dmi_allowed(false);
    payload_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    burst_.cycle = cycle;
    burst_.beats = beats;
    burst_.timing = {};
    sc_core::sc_time delay = ahead_;
    socket_->b_transport(payload_, delay);
    return burst_.timing;
  }

  tlm_utils::simple_initiator_socket<CoreModule>& socket_;
  const unsigned beat_bytes_;
  tlm::tlm_generic_payload payload_;
  BurstExtension burst_;
  sc_core::sc_time ahead_;
};

ModelCore::ModelCore(const sc_core::sc_module_name& name, const isa::HwParams& hw,
                     const sc_core::sc_time& period, bool functional, MacsByTag* switching)
    : CoreModule(name, period),
      hw_(hw),
      datapath_(functional ? std::make_unique<Datapath>(hw, switching) : nullptr),
      memory_socket_(std::make_unique<MemorySocket>(memory, hw.axi_bits / 8)) {
  // The socket's type names the base class.
  csr.register_b_transport(
      this, static_cast<void (CoreModule::*)(tlm::tlm_generic_payload&, sc_core::sc_time&)>(
                &ModelCore::transport_csr));
  SC_HAS_PROCESS(ModelCore);
  SC_METHOD(run);
  sensitive << start_event_;
  dont_initialize();
}

ModelCore::~ModelCore() = default;

Cycle ModelCore::cycles() const {
  if (kernel_ == nullptr) return 0;
  if (!running_) return kernel_->next_cycle();
  return sc_core::sc_time_stamp() < cycle_zero_
             ? 0
             : static_cast<Cycle>((sc_core::sc_time_stamp() - cycle_zero_) / clock_period);
}

std::string ModelCore::dump_text() const {
  return kernel_ != nullptr ? kernel_->dump() : "not started\n";
}

void ModelCore::run() {
  if (!running_) return;
  if (kernel_->outcome() != CoreKernel::Outcome::kRunning) return finish();
  // Nothing can see the cycles that pass before another process of the simulation acts, so they are
  // run at once; the memory is told how far ahead of the simulation's time it is asked.
  const Cycle now = kernel_->next_cycle();
  const sc_core::sc_time alone = sc_core::sc_time_to_pending_activity();
  uint64_t steps = 0;
  sc_core::sc_time ahead = sc_core::SC_ZERO_TIME;
  do {
    memory_socket_->set_ahead(ahead);
    kernel_->step();
    ahead = static_cast<double>(kernel_->next_cycle() - now) * clock_period;
  } while (++steps < kStepsAtOnce && ahead < alone &&
           kernel_->outcome() == CoreKernel::Outcome::kRunning);
  steps_ += steps;
  if (progress && steps_ >= kStepsAtOnce) {
    steps_ = 0;
    progress(kernel_->next_cycle(), kernel_->retired());
  }
  next_trigger(ahead);
}

void ModelCore::finish() {
  running_ = false;
  stopped_ = true;
  hit_limit = kernel_->outcome() == CoreKernel::Outcome::kLimit;
  hit_watchdog = kernel_->outcome() == CoreKernel::Outcome::kWatchdog;
  if (progress) progress(kernel_->next_cycle(), kernel_->retired());
  ended.notify();
}

void ModelCore::transport_csr(tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
  const auto addr = static_cast<uint32_t>(payload.get_address());
  uint32_t value = 0;
  if (payload.get_data_length() != 4 || addr % 4 != 0 || payload.get_byte_enable_ptr() != nullptr) {
    payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
    return;
  }
  bool known = false;
  if (payload.is_read()) {
    known = read_csr(addr, value);
    std::memcpy(payload.get_data_ptr(), &value, 4);
  } else {
    std::memcpy(&value, payload.get_data_ptr(), 4);
    known = write_csr(addr, value);
  }
  payload.set_response_status(known ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

bool ModelCore::read_csr(uint32_t addr, uint32_t& value) {
  const isa::Fault fault = kernel_ != nullptr ? kernel_->fault() : isa::Fault::kNone;
  const uint32_t counters = static_cast<uint32_t>(isa::Csr::kCounter);
  if (addr >= counters && addr < counters + 8 * isa::kCounters) {
    if (kernel_ == nullptr) return true;
    const uint64_t counter = kernel_->counters(cycles())[(addr - counters) / 8];
    value = static_cast<uint32_t>(addr % 8 == 0 ? counter : counter >> 32);
    return true;
  }
  switch (static_cast<isa::Csr>(addr)) {
    case isa::Csr::kId:
      value = kCoreId;
      return true;
    case isa::Csr::kIsaVersion:
      value = isa::kVersion;
      return true;
    case isa::Csr::kArray:
      value = static_cast<uint32_t>(hw_.rows) | static_cast<uint32_t>(hw_.cols) << 16;
      return true;
    case isa::Csr::kControl:
      return true;
    case isa::Csr::kStatus:
      value = (running_ ? 1u : 0u) | (stopped_ ? 2u : 0u) | (fault != isa::Fault::kNone ? 4u : 0u);
      return true;
    case isa::Csr::kProgramBase:
      value = program_base_;
      return true;
    case isa::Csr::kProgramLength:
      value = program_length_;
      return true;
    case isa::Csr::kFaultCode:
      value = static_cast<uint32_t>(fault);
      return true;
    case isa::Csr::kFaultPc:
      value = fault != isa::Fault::kNone ? kernel_->fault_pc() : 0;
      return true;
    default:
      return false;
  }
}

bool ModelCore::write_csr(uint32_t addr, uint32_t value) {
  switch (static_cast<isa::Csr>(addr)) {
    case isa::Csr::kProgramBase:  // the program cannot change under a running core
      if (!running_) program_base_ = value / isa::kInstructionBytes * isa::kInstructionBytes;
      return true;
    case isa::Csr::kProgramLength:
      if (!running_) program_length_ = value;
      return true;
    case isa::Csr::kControl:
      break;
    default:
      return false;
  }
  if ((value & 1) == 0 || running_) return true;
  KernelOptions options;
  options.cycle_limit = cycle_limit;
  options.watchdog_cycles = watchdog_cycles;
  kernel_ = std::make_unique<CoreKernel>(hw_, *memory_socket_, datapath_.get(),
                                         log.enabled ? &log : nullptr, program_base_,
                                         program_length_, options);
  running_ = true;
  stopped_ = hit_limit = hit_watchdog = false;
  // Cycle 0 is one clock period after the write.
  cycle_zero_ = sc_core::sc_time_stamp() + clock_period;
  start_event_.notify(clock_period);
  return true;
}

}  // namespace systole::core
