// SPDX-License-Identifier: Apache-2.0
// The public face of libsystole: networks compiled, simulated and reported as values. Nothing is
// printed.
//
//   systole::Network network({.network = "net.onnx"}, {.architecture = "edge-16x16"});
//   const auto result = network.run();
//   std::cout << result.cycles << '\n';
//
// Everything throws Failure, whose message is one line (several for operators that cannot be run,
// one each). Simulations run in forked processes: a program with threads of its own should not hold
// locks of its own while it calls. What has been compiled does not change; runs of it do not depend
// on each other.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace systole {

/// Bad input, or a run that did not end as it should.
class Failure : public std::runtime_error {
 public:
  Failure(const std::string& message, int code) : std::runtime_error(message), code_(code) {}
  /// The exit code that the command line gives for it (docs/configuration.md).
  int code() const { return code_; }

 private:
  int code_;
};

/// The accelerator: as --arch, --memory and --set say it.
struct Machine {
  /// A name, or a YAML file; empty: edge-16x16, and of a program file the one it was compiled for.
  std::string architecture = {};
  std::string memory = {};            ///< empty: the architecture's
  std::vector<std::string> set = {};  ///< "array.rows=32"
};

/// The network, as the options of the same names say it.
struct Request {
  std::string network = {};  ///< ONNX file, or a program file
  int64_t batch = 1;
  std::string calibration = {};          ///< data set (YAML); empty: see `inputs`
  std::vector<std::string> inputs = {};  ///< "FILE.npy" or "NAME=FILE.npy", one batch
  std::vector<std::string> shapes = {};  ///< "NAME=N,C,H,W"
  int weights = 0, activations = 0;      ///< bits; 0: 8, or as the policy says
  std::string precision = {};            ///< policy (YAML)
  std::string calibration_method = "min-max";
  bool bias_correction = false;
  std::vector<std::string> prune = {};  ///< "KIND:AMOUNT[@PATTERN]"
  bool host_fallback = false;
};

/// Dimensions of one item, and its elements in the order of the network.
struct Tensor {
  std::string name;
  std::vector<int64_t> shape;
};

/// By name, a whole batch each, in the order of the network's elements.
using Arrays = std::map<std::string, std::vector<float>>;

struct RunOptions {
  std::string engine = "model";   ///< or "rtl", or "both", which must agree
  Arrays inputs = {};             ///< empty: the request's; none there either: timing only
  std::string energy_table = {};  ///< a name, or a YAML file; empty: no estimate
  uint64_t cycle_limit = 0;       ///< 0: none
};

/// Figures are of the whole batch (docs/metrics.md).
struct Result {
  uint64_t cycles = 0;
  double latency_ms = 0;
  double mac_utilisation = 0;  ///< of the array's peak
  int64_t dram_bytes = 0;
  uint64_t lower_bound_cycles = 0;
  double energy_uj = 0;  ///< 0: not estimated
  Arrays outputs;        ///< empty: timing only
  std::string json;      ///< all of it (docs/result.schema.json)
};

/// A network, compiled for a machine.
class Network {
 public:
  Network(const Request& request, const Machine& machine);
  Network(Network&&) noexcept;
  Network& operator=(Network&&) noexcept;
  ~Network();

  const std::vector<std::string>& warnings() const;
  std::vector<Tensor> inputs() const;
  std::vector<Tensor> outputs() const;
  /// Simulates a batch. A run that is stopped, engines that differ and outputs that are not what
  /// the quantised network says are failures.
  Result run(const RunOptions& options = {}) const;
  /// Writes the program of a network that is one stage.
  void save(const std::string& file) const;

 private:
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
};

/// The version of the library.
const char* version();

}  // namespace systole
