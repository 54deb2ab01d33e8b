// SPDX-License-Identifier: Apache-2.0
// Drives a verilated module: random registers, reset, clock, and ports of any width as bytes.
#pragma once

#include <verilated.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <span>
#include <vector>

namespace systole::bench {

/// Writes `bytes` (little-endian) to an input port and clears the rest of it.
template <class Port>
void poke(Port& port, std::span<const uint8_t> bytes) {
  std::memset(static_cast<void*>(&port), 0, sizeof(port));
  std::memcpy(static_cast<void*>(&port), bytes.data(), std::min(bytes.size(), sizeof(port)));
}

template <class Port, class T>
void poke_values(Port& port, const T& values) {
  poke(port, {reinterpret_cast<const uint8_t*>(values.data()), values.size() * sizeof(values[0])});
}

/// The first `count` values of type T that an output port holds.
template <class T, class Port>
std::vector<T> peek(const Port& port, size_t count) {
  std::vector<T> values(count);
  std::memcpy(values.data(), static_cast<const void*>(&port),
              std::min(count * sizeof(T), sizeof(port)));
  return values;
}

/// One module under a clock. In a cycle: set inputs, settle(), read outputs, tick().
template <class Dut>
class Bench {
 public:
  explicit Bench(uint64_t seed) : random(seed) {
    context_.randReset(2);
    context_.randSeed(static_cast<int>(seed & 0x7fffffff) | 1);
    dut_ = std::make_unique<Dut>(&context_);
    dut_->clk_i = 0;
    if constexpr (requires { dut_->rst_ni; }) {
      dut_->rst_ni = 1;
      dut_->eval();
      dut_->rst_ni = 0;
      dut_->eval();
      for (int i = 0; i < 2; ++i) clock();
      dut_->rst_ni = 1;
    }
    dut_->eval();
  }
  ~Bench() { dut_->final(); }

  Dut* operator->() { return dut_.get(); }
  Dut& dut() { return *dut_; }

  /// Lets the inputs of this cycle reach the outputs.
  void settle() { dut_->eval(); }

  /// Ends the cycle. Inputs settle first: an assertion samples what they drive before the edge.
  void tick() {
    settle();
    clock();
    ++cycle;
  }

  /// A random integer of [lo, hi].
  int64_t pick(int64_t lo, int64_t hi) {
    return std::uniform_int_distribution<int64_t>(lo, hi)(random);
  }
  std::vector<int8_t> random_bytes(size_t count) {
    std::vector<int8_t> bytes(count);
    for (auto& b : bytes) b = static_cast<int8_t>(pick(-128, 127));
    return bytes;
  }

  std::mt19937_64 random;
  uint64_t cycle = 0;

 private:
  void clock() {
    dut_->clk_i = 1;
    dut_->eval();
    dut_->clk_i = 0;
    dut_->eval();
  }

  VerilatedContext context_;
  std::unique_ptr<Dut> dut_;
};

}  // namespace systole::bench
