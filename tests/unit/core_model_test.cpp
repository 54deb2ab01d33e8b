// SPDX-License-Identifier: Apache-2.0
// The SystemC module around the kernel: CSRs, bursts as transactions, and the time of the end.
#include "model/core/model_core.h"
#include "tests/unit/core_bench.h"

namespace systole {
namespace {

/// FixedMemory behind a TLM socket, and a host thread that runs one program.
struct ModelBench : sc_core::sc_module {
  tlm_utils::simple_target_socket<ModelBench> memory;
  tlm_utils::simple_initiator_socket<ModelBench> csr;
  FixedMemory bytes{64};
  core::ModelCore core;
  uint32_t program_length = 0;
  sc_core::sc_time started, ended;

  explicit ModelBench(const sc_core::sc_module_name& name)
      : sc_module(name),
        memory("memory"),
        csr("csr"),
        core("core", isa::HwParams{}, sc_core::sc_time(2, sc_core::SC_NS), true) {
    memory.register_b_transport(this, &ModelBench::transport);
    core.memory.bind(memory);
    csr.bind(core.csr);
    SC_HAS_PROCESS(ModelBench);
    SC_THREAD(host);
  }

  void transport(tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
    auto* burst = payload.get_extension<core::BurstExtension>();
    const auto addr = static_cast<uint32_t>(payload.get_address());
    CHECK(payload.get_data_length() == static_cast<unsigned>(burst->beats) * 64);
    burst->timing = payload.is_read()
                        ? bytes.read(burst->cycle, addr, burst->beats, payload.get_data_ptr())
                        : bytes.write(burst->cycle, addr, burst->beats, payload.get_data_ptr(),
                                      payload.get_byte_enable_ptr());
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }

  uint32_t access(uint32_t addr, bool write, uint32_t value = 0) {
    tlm::tlm_generic_payload payload;
    payload.set_command(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
    payload.set_address(addr);
    payload.set_data_ptr(reinterpret_cast<uint8_t*>(&value));
    payload.set_data_length(4);
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    csr->b_transport(payload, delay);
    response = payload.get_response_status();
    return value;
  }
  uint32_t access(isa::Csr reg, bool write, uint32_t value = 0) {
    return access(static_cast<uint32_t>(reg), write, value);
  }

  void host() {
    CHECK(access(isa::Csr::kId, false) == 0x53595331);
    CHECK(access(isa::Csr::kArray, false) == 0x00100010);
    access(isa::Csr::kProgramBase, true, CoreBench::kCodeAddr);
    access(isa::Csr::kProgramLength, true, program_length);
    CHECK(access(isa::Csr::kProgramLength, false) == program_length);
    access(0xffc, false);
    CHECK(response == tlm::TLM_ADDRESS_ERROR_RESPONSE);
    started = sc_core::sc_time_stamp();
    access(isa::Csr::kControl, true, 1);
    CHECK(access(isa::Csr::kStatus, false) == 1);
    wait(core.ended);
    ended = sc_core::sc_time_stamp();
    CHECK(access(isa::Csr::kStatus, false) == 2);
    CHECK(access(isa::Csr::kCounter, false) == core.cycles());
  }

  tlm::tlm_response_status response = tlm::TLM_INCOMPLETE_RESPONSE;
};

}  // namespace

TEST_CASE("the SystemC core gives the kernel's cycles and bytes") {
  isa::Load load;
  load.dram_addr = 0x1003;
  load.pixel_bytes = 100;
  isa::Store store;
  store.dram_addr = 0x2005;
  store.pixel_bytes = 100;
  CoreBench kernel;
  kernel.add(load, 0, bit(isa::Unit::kSto));
  kernel.add(store, bit(isa::Unit::kLda), 0);
  for (size_t i = 0; i < 0x4000; ++i) kernel.memory.bytes[i] = static_cast<uint8_t>(i * 3);

  ModelBench bench("bench");
  bench.bytes.bytes = kernel.memory.bytes;
  std::memcpy(bench.bytes.bytes.data() + CoreBench::kCodeAddr, kernel.code.data(), 128);
  bench.program_length = 2;
  sc_core::sc_start();

  const BenchResult expected = kernel.run();
  CHECK(bench.core.cycles() == expected.cycles);
  CHECK(bench.core.log.retired == expected.log.retired);
  CHECK(bench.core.log.dram == expected.log.dram);
  CHECK(bench.bytes.bytes == kernel.memory.bytes);
  CHECK(std::memcmp(bench.bytes.bytes.data() + 0x2005, bench.bytes.bytes.data() + 0x1003, 100) ==
        0);
  // Cycle 0 is one period after START; running falls after the last cycle.
  CHECK(bench.ended - bench.started ==
        static_cast<double>(expected.cycles + 1) * sc_core::sc_time(2, sc_core::SC_NS));
}

}  // namespace systole
