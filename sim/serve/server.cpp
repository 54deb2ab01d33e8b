// SPDX-License-Identifier: Apache-2.0
// The loop, the table of tasks, and the thread that sees the other side go.
#include "sim/serve/server.h"

#include <fmt/ranges.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include "model/base/did_you_mean.h"
#include "sim/serve/failure.h"
#include "sim/serve/frame.h"
#include "sim/serve/tasks.h"

namespace systole::serve {
namespace {

using Clock = std::chrono::steady_clock;

struct NamedTask {
  const char* name;
  Json (*run)(Task&);
};
constexpr NamedTask kTasks[] = {
    {"archs", list_archs},
    {"arch", load_arch},
    {"load", load_network},
    {"save", save_program},
    {"compile", compile_program},
    {"run", run_program},
    {"predict", predict},
    {"layers", tell_layers},
    {"cost", tell_cost},
    {"command", run_command},
    {"quantise", quantise_network},
};

const NamedTask& find_task(const std::string& name) {
  std::vector<std::string> names;
  for (const NamedTask& task : kTasks) {
    if (name == task.name) return task;
    names.emplace_back(task.name);
  }
  throw Error(fmt::format("message: do: unknown '{}', expected one of {}{}", name,
                          fmt::join(names, ", "), did_you_mean(name, names)));
}

/// Throws Error for what is nested deeper than any message: it would be walked over by recursion.
Json parse(const std::string& text) {
  static constexpr int kDeepest = 64;
  return Json::parse(text, [](int depth, Json::parse_event_t, Json&) {
    if (depth > kDeepest)
      throw Error(fmt::format("message: nested deeper than {} levels", kDeepest));
    return true;
  });
}

/// The process ends with whoever asks, in the middle of a task too: nobody would see what comes of
/// it. What has been sent by then is read to its end, which tells whether it is whole.
class OtherSide {
 public:
  explicit OtherSide(int in) {
    std::thread([in, state = state_] {
      pollfd other{in, 0, 0};
      while (poll(&other, 1, -1) < 0 || (other.revents & (POLLHUP | POLLERR | POLLNVAL)) == 0) {
      }
      state->is_gone = true;
      if (state->is_busy) _exit(0);
    }).detach();
  }

  void begin_task() const {
    state_->is_busy = true;
    if (state_->is_gone) _exit(0);
  }
  void end_task() const { state_->is_busy = false; }

 private:
  struct State {
    std::atomic<bool> is_gone = false, is_busy = false;
  };
  const std::shared_ptr<State> state_ = std::make_shared<State>();  ///< the thread's too
};

class Server {
 public:
  Server(int out, int arrays, const Host& host, const OtherSide& other)
      : out_(out), host_(host), other_(other), state_(arrays, host) {}

  bool greet() const {
    return write(
        {{"hello", {{"protocol", kProtocol}, {"program", SYSTOLE_VERSION}, {"pid", getpid()}}}});
  }

  /// False: nobody reads answers any more.
  bool answer(const std::string& text) {
    Json reply = {{"id", nullptr}};
    try {
      const Json message = parse(text);
      if (message.is_object() && message.contains("id")) reply["id"] = message["id"];
      if (reply["id"].is_structured()) {
        reply["id"] = nullptr;
        throw Error("message: id: expected a number or a text");
      }
      reply["result"] = work(message, reply["id"]);
    } catch (const Json::exception& error) {
      fail(reply,
           {static_cast<int>(ExitCode::kBadInput), fmt::format("message: {}", error.what())});
    } catch (...) {
      fail(reply, host_.ending(std::current_exception()));
    }
    return write(reply);
  }

  bool refuse(const std::exception_ptr& thrown) const {
    Json reply = {{"id", nullptr}};
    fail(reply, host_.ending(thrown));
    return write(reply);
  }

 private:
  Json work(const Json& message, const Json& id) {
    Fields fields(message, "message");
    drop(fields);
    const std::string name = fields.text("do");
    Fields own(message, name);  // errors name the task
    for (const char* common : {"id", "drop", "do"}) own.has(common);
    const NamedTask& named = find_task(name);
    Task task{state_, own, watcher(id)};
    other_.begin_task();
    return named.run(task);
  }

  void drop(Fields& fields) {
    if (!fields.has("drop")) return;
    const Json& list = fields.value("drop");
    const bool are_handles = std::all_of(
        list.begin(), list.end(), [](const Json& handle) { return handle.is_number_unsigned(); });
    if (!list.is_array() || !are_handles) throw Error("message: drop: expected a list of handles");
    for (const Json& handle : list) {
      state_.archs.drop(handle);
      state_.networks.drop(handle);
      state_.programs.drop(handle);
    }
  }

  /// Tells now and then.
  session::Watcher watcher(const Json& id) {
    return [this, id, last = Clock::time_point()](const session::Advance& advance) mutable {
      using namespace std::chrono_literals;
      if (Clock::now() - last < 100ms) return;
      last = Clock::now();
      Json progress = {{"task", advance.task}, {"unit", advance.unit}, {"done", advance.done}};
      if (advance.total > 0) progress["total"] = advance.total;
      if (advance.fraction >= 0) progress["fraction"] = advance.fraction;
      write({{"id", id}, {"progress", progress}});
    };
  }

  static void fail(Json& reply, const Ending& end) {
    reply.erase("result");
    reply["error"] = failure_json(end.code, end.text);
  }

  /// Names from files need not be UTF-8.
  bool write(const Json& message) const {
    return write_message(out_, message.dump(-1, ' ', false, Json::error_handler_t::replace));
  }

  const int out_;
  const Host& host_;
  const OtherSide& other_;
  State state_;
};

}  // namespace

void serve(int in, int out, int arrays, const Host& host) {
  const OtherSide other(in);
  Server server(out, arrays, host, other);
  MessageReader messages(in);
  for (bool heard = server.greet(); heard; other.end_task()) {
    try {
      const std::optional<std::string> message = messages.next();
      if (!message) return;
      heard = server.answer(*message);
    } catch (const BrokenStream&) {
      throw;
    } catch (...) {
      heard = server.refuse(std::current_exception());
    }
  }
}

}  // namespace systole::serve
