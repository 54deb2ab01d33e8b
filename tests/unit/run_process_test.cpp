// SPDX-License-Identifier: Apache-2.0
// Simulations in processes of their own: results, images, errors and crashes come home.
#include "sim/engine/run_process.h"

#include <signal.h>

#include <catch2/catch.hpp>
#include <stdexcept>

#include "model/base/error.h"

namespace systole {
namespace {

/// Does what it is told instead of simulating.
class FakeEngine : public engine::Engine {
 public:
  explicit FakeEngine(std::function<platform::RunResult(platform::DramImage&)> body)
      : body_(std::move(body)) {}
  const char* name() const override { return "fake"; }
  platform::RunResult run(const program::Program&, platform::DramImage& dram,
                          const platform::RunOptions&) override {
    return body_(dram);
  }

 private:
  std::function<platform::RunResult(platform::DramImage&)> body_;
};

TEST_CASE("result and memory image come back from the child, any number of times") {
  FakeEngine engine([](platform::DramImage& dram) {
    dram[1] = 42;
    dram.push_back(7);
    platform::RunResult r;
    r.status = platform::RunStatus::kFault;
    r.fault = isa::Fault::kBusWrite;
    r.fault_pc = 11;
    r.cycles = 1234;
    r.counters[5] = 55;
    r.memory.row_hits = 66;
    r.retired = {{1, isa::Unit::kVpu, 2, 3, 4}};
    r.dram.assign(100000, {9, 8, 7, true});  // more than a pipe holds
    r.dump = "state";
    r.host_seconds = 0.5;
    r.cpu_seconds = 0.25;
    r.written = {1, 5};
    return r;
  });
  for (int i = 0; i < 2; ++i) {
    platform::DramImage dram(4);
    const platform::RunResult r = engine::run_in_process(engine, {}, dram, {});
    CHECK(dram == platform::DramImage{0, 42, 0, 0, 7});
    CHECK(r.status == platform::RunStatus::kFault);
    CHECK(r.fault == isa::Fault::kBusWrite);
    CHECK(r.fault_pc == 11);
    CHECK(r.cycles == 1234);
    CHECK(r.counters[5] == 55);
    CHECK(r.memory.row_hits == 66);
    CHECK(r.retired == std::vector<core::RetireEvent>{{1, isa::Unit::kVpu, 2, 3, 4}});
    CHECK(r.dram.size() == 100000);
    CHECK(r.dram.back() == core::DramEvent{9, 8, 7, true});
    CHECK(r.dump == "state");
    CHECK(r.host_seconds == 0.5);
    CHECK(r.cpu_seconds == 0.25);
  }
}

TEST_CASE("an error of the child is thrown with its exit code, and the image stays") {
  FakeEngine engine([](platform::DramImage& dram) -> platform::RunResult {
    dram[0] = 1;
    throw Error("the key is wrong", ExitCode::kCannotCompile);
  });
  platform::DramImage dram(4);
  try {
    engine::run_in_process(engine, {}, dram, {});
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(std::string(error.what()) == "the key is wrong");
    CHECK(error.code() == ExitCode::kCannotCompile);
  }
  CHECK(dram == platform::DramImage(4));
}

TEST_CASE("a child that is killed is an error that names the signal") {
  FakeEngine engine([](platform::DramImage&) -> platform::RunResult {
    raise(SIGKILL);
    return {};
  });
  platform::DramImage dram(4);
  CHECK_THROWS_WITH(engine::run_in_process(engine, {}, dram, {}),
                    "the fake simulation was killed by signal 9 (Killed)");
}

TEST_CASE("a child that breaks is an internal error") {
  FakeEngine crashing([](platform::DramImage&) -> platform::RunResult {
    signal(SIGSEGV, SIG_DFL);  // the test runner reports it otherwise
    raise(SIGSEGV);
    return {};
  });
  FakeEngine throwing(
      [](platform::DramImage&) -> platform::RunResult { throw std::out_of_range("vector::at"); });
  for (FakeEngine* engine : {&crashing, &throwing}) {
    platform::DramImage dram(4);
    try {
      engine::run_in_process(*engine, {}, dram, {});
      FAIL("no error");
    } catch (const Error& error) {
      CHECK(error.code() == ExitCode::kInternal);
      CHECK(
          std::string(error.what()) ==
          (engine == &crashing
               ? "internal error: the fake simulation was killed by signal 11 (Segmentation fault)"
               : "internal error: fake simulation: vector::at"));
    }
  }
}

}  // namespace
}  // namespace systole
