// SPDX-License-Identifier: Apache-2.0
// The memory's rules: exact cycles of `ideal`, order rules of `random`, bytes and errors of the
// target.
#include "sim/platform/memory.h"

#include <catch2/catch.hpp>

#include "model/base/error.h"
#include "model/memory/memory_timing.h"

namespace systole {
namespace {

memory::BurstRequest read_at(Cycle cycle, int beats) { return {cycle, 0, beats, false}; }
memory::BurstRequest write_at(Cycle cycle, int beats) { return {cycle, 0, beats, true}; }

void check_timing(const memory::BurstTiming& timing, Cycle accept, Cycle first, Cycle last) {
  CHECK(timing.accept == accept);
  CHECK(timing.first == first);
  CHECK(timing.last == last);
}

TEST_CASE("ideal memory delivers the first beat after the latency and then one a cycle") {
  memory::IdealMemory memory(64, 20, 64);
  check_timing(memory.schedule(read_at(5, 8)), 5, 25, 32);  // 5+20; 8 beats of one cycle
}

TEST_CASE("ideal memory queues bursts on one data bus, writes among the reads") {
  memory::IdealMemory memory(64, 20, 64);
  check_timing(memory.schedule(read_at(0, 8)), 0, 20, 27);
  check_timing(memory.schedule(write_at(0, 4)), 0, 28, 31);  // the bus is free from 28
  check_timing(memory.schedule(read_at(3, 2)), 3, 32, 33);
  check_timing(memory.schedule(read_at(40, 1)), 40, 60, 60);  // idle again: latency alone
}

TEST_CASE("ideal memory spaces beats by a bandwidth below the bus's") {
  memory::IdealMemory memory(24, 10, 64);                   // a beat takes 64/24 = 2.667 cycles
  check_timing(memory.schedule(read_at(0, 4)), 0, 10, 18);  // 10 + 3*174763/65536 = 18.000005
  check_timing(memory.schedule(read_at(0, 1)), 0, 20, 20);  // 10 + 4*2.667 = 20.67
}

TEST_CASE("ideal memory is limited by a bus narrower than its bandwidth") {
  memory::IdealMemory memory(64, 7, 4);
  check_timing(memory.schedule(read_at(1, 256)), 1, 8, 263);
}

TEST_CASE("ideal memory without latency still delivers after the acceptance") {
  memory::IdealMemory memory(64, 0, 64);
  check_timing(memory.schedule(read_at(9, 1)), 9, 10, 10);
}

TEST_CASE("a bandwidth that is not positive is refused") {
  CHECK_THROWS_AS(memory::IdealMemory(0, 20, 64), Error);
  CHECK_THROWS_AS(memory::IdealMemory(-1, 20, 64), Error);
}

TEST_CASE("an unknown memory is refused by name") {
  arch::MemoryConfig config;
  config.kind = "magic";
  CHECK_THROWS_WITH(memory::make_memory_timing(config, 1000, 64),
                    "memory.kind: 'magic' is not a memory, expected ideal, ddr or random");
}

TEST_CASE("random memory keeps the order rules and repeats itself from its seed") {
  const uint64_t seed = GENERATE(1u, 2u, 77u);
  CAPTURE(seed);
  memory::RandomMemory memory(seed), twin(seed);
  Cycle cycle = 0, last[2] = {0, 0};
  int back_to_back = 0, stalled = 0;
  for (int i = 0; i < 2000; ++i) {
    const memory::BurstRequest request{cycle, 0, 1 + i % 16, i % 3 == 0};
    const memory::BurstTiming t = memory.schedule(request);
    const memory::BurstTiming again = twin.schedule(request);
    REQUIRE(t.accept == again.accept);
    REQUIRE(t.first == again.first);
    REQUIRE(t.last == again.last);
    REQUIRE(cycle <= t.accept);
    REQUIRE(t.accept < t.first);
    REQUIRE(t.first > last[request.write]);
    REQUIRE(t.last >= t.first + static_cast<Cycle>(request.beats - 1));
    back_to_back += t.first == last[request.write] + 1;
    stalled += t.first > cycle + 50;
    last[request.write] = t.last;
    cycle = t.accept + 1;
  }
  CHECK(back_to_back > 100);
  CHECK(stalled > 100);
}

/// A memory behind a socket of the test.
struct Bench : sc_core::sc_module {
  tlm_utils::simple_initiator_socket<Bench> socket;
  platform::DramImage image;
  platform::Memory memory;

  Bench(const sc_core::sc_module_name& name, size_t bytes, uint64_t size)
      : sc_module(name),
        socket("socket"),
        image(bytes),
        memory("memory", std::make_unique<memory::IdealMemory>(64, 20, 4), size, image) {
    socket.bind(memory.socket);
  }

  memory::BurstTiming transport(tlm::tlm_command command, uint64_t addr, std::vector<uint8_t>& data,
                                std::vector<uint8_t>* enables = nullptr, Cycle cycle = 0) {
    tlm::tlm_generic_payload payload;
    core::BurstExtension extension;
    extension.cycle = cycle;
    extension.beats = static_cast<int>(data.size() / 4);
    payload.set_command(command);
    payload.set_address(addr);
    payload.set_data_ptr(data.data());
    payload.set_data_length(static_cast<unsigned>(data.size()));
    if (enables != nullptr) {
      payload.set_byte_enable_ptr(enables->data());
      payload.set_byte_enable_length(static_cast<unsigned>(enables->size()));
    }
    payload.set_extension(&extension);
    sc_core::sc_time delay;
    socket->b_transport(payload, delay);
    payload.clear_extension(&extension);
    return extension.timing;
  }
};

TEST_CASE("the memory writes enabled bytes only and reads zeros where nothing is") {
  Bench bench("bench", 16, 4096);
  bench.image = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  std::vector<uint8_t> data{91, 92, 93, 94}, enables{0, 0xff, 0xff, 0};
  CHECK_FALSE(bench.transport(tlm::TLM_WRITE_COMMAND, 4, data, &enables).error);
  bench.memory.end(21);  // its one beat is in 20
  CHECK(bench.image[4] == 4);
  CHECK(bench.image[5] == 92);
  CHECK(bench.image[6] == 93);
  CHECK(bench.image[7] == 7);
  CHECK(bench.memory.written() == platform::ByteRange{4, 7});  // up to the last enabled byte
  std::vector<uint8_t> got(8, 0xee);
  CHECK_FALSE(bench.transport(tlm::TLM_READ_COMMAND, 12, got).error);
  CHECK(got == std::vector<uint8_t>{12, 13, 14, 15, 0, 0, 0, 0});
}

TEST_CASE("a write is in memory after the cycle of its last beat, and not before") {
  Bench bench("bench", 16, 4096);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  std::vector<uint8_t> data{1, 2, 3, 4, 5, 6, 7, 8}, got(4);
  CHECK(bench.transport(tlm::TLM_WRITE_COMMAND, 0, data).last == 21);  // beats in 20 and 21
  bench.transport(tlm::TLM_READ_COMMAND, 4, got, nullptr, 21);
  CHECK(got == std::vector<uint8_t>{0, 0, 0, 0});
  bench.transport(tlm::TLM_READ_COMMAND, 4, got, nullptr, 22);
  CHECK(got == std::vector<uint8_t>{5, 6, 7, 8});

  // What is under way when a run ends is lost.
  const Cycle last = bench.transport(tlm::TLM_WRITE_COMMAND, 8, data, nullptr, 22).last;
  bench.memory.end(last);
  CHECK(bench.image[8] == 0);
  bench.transport(tlm::TLM_WRITE_COMMAND, 8, data, nullptr, 22);
  bench.memory.end(last + 3);  // two beats later, and the cycle after
  CHECK(bench.image[15] == 8);
}

TEST_CASE("a write beyond the image makes it grow, up to the memory's size") {
  Bench bench("bench", 16, 4096);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  std::vector<uint8_t> data{1, 2, 3, 4};
  CHECK_FALSE(bench.transport(tlm::TLM_WRITE_COMMAND, 4092, data).error);
  bench.memory.end(21);
  CHECK(bench.image.size() == 4096);
  CHECK(bench.image[4095] == 4);
}

TEST_CASE("a burst with a byte beyond the memory's size is an error as a whole") {
  Bench bench("bench", 4096, 4096);
  bench.image[4088] = 5;
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
  std::vector<uint8_t> data(12, 1);
  CHECK(bench.transport(tlm::TLM_WRITE_COMMAND, 4088, data).error);  // 4088 + 12 = 4100
  bench.memory.end(100);
  CHECK(bench.image[4088] == 5);
  CHECK(bench.image.size() == 4096);
  CHECK(bench.transport(tlm::TLM_READ_COMMAND, 4088, data).error);
  CHECK(data == std::vector<uint8_t>(12, 0));
  std::vector<uint8_t> fits(8, 1);
  CHECK_FALSE(bench.transport(tlm::TLM_READ_COMMAND, 4088, fits).error);
}

}  // namespace
}  // namespace systole
