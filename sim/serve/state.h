// SPDX-License-Identifier: Apache-2.0
// What a worker keeps from one message to the next, by handle.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compiler/data/dataset.h"
#include "compiler/pipeline/plan_executor.h"
#include "model/arch/arch.h"
#include "model/base/error.h"
#include "sim/serve/arena.h"
#include "sim/serve/fields.h"
#include "sim/serve/host.h"
#include "sim/session/compile.h"
#include "sim/session/request.h"
#include "sim/session/watch.h"

namespace systole::serve {

/// Things by the numbers that messages call them by. A number is used once.
template <typename T>
class Handles {
 public:
  explicit Handles(std::string what) : what_(std::move(what)) {}
  /// `next`: the last number that was given, of all kinds.
  uint64_t add(std::unique_ptr<T> thing, uint64_t& next) {
    things_.emplace(++next, std::move(thing));
    return next;
  }
  /// Throws Error: there is none of that number.
  T& find(uint64_t handle) const {
    const auto found = things_.find(handle);
    if (found == things_.end())
      throw Error(fmt::format("handle: {} is no {} of this worker", handle, what_));
    return *found->second;
  }
  void drop(uint64_t handle) { things_.erase(handle); }

 private:
  const std::string what_;
  std::map<uint64_t, std::unique_ptr<T>> things_;
};

/// A file, and what data can be given for.
struct Network {
  session::NetworkRequest request;
  std::vector<data::NetworkInput> inputs;
};

/// A network in float32 and quantised for one item at a time.
struct Compared {
  pipeline::FloatPlan real;
  pipeline::NetworkPlan plan;
};

/// A network, compiled for an architecture.
struct Compiled {
  session::NetworkRequest request;
  arch::ArchConfig arch;
  session::CompiledNetwork network;
  std::unique_ptr<const pipeline::PlanExecutor> executor = {};  ///< of its plan, once it was asked
  std::unique_ptr<const pipeline::FloatPlan> real = {};  ///< as it is given, once it was asked
  /// Quantised again, beside its form in float32, once it was asked for.
  std::unique_ptr<const Compared> compared = {};
};

struct State {
  State(int arrays, const Host& given) : arena(arrays), host(given) {}

  Arena arena;
  const Host& host;
  uint64_t last_handle = 0;
  Handles<arch::ArchConfig> archs{"architecture"};
  Handles<Network> networks{"network"};
  Handles<Compiled> programs{"program"};
  std::map<std::string, Json> costs;  ///< answers, by what was asked
};

/// One message at work.
struct Task {
  State& state;
  Fields& fields;
  session::Watcher watch;  ///< tells the other side how far it is

  /// The thing that the field `key` is the handle of. Throws Error.
  template <typename T>
  T& find(const Handles<T>& handles, const std::string& key) {
    return handles.find(static_cast<uint64_t>(fields.integer(key, 0, INT64_MAX)));
  }
};

}  // namespace systole::serve
