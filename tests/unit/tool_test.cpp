// SPDX-License-Identifier: Apache-2.0
// External tools: exit statuses, what they write, and interrupts.
#include "sim/process/tool.h"

#include <signal.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "model/base/error.h"
#include "sim/process/child.h"

namespace systole::process {
namespace {

namespace fs = std::filesystem;

/// A directory for the tools' output, gone with this object.
class Place {
 public:
  Place() {
    std::string name = (fs::temp_directory_path() / "systole_tool_XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Place() { fs::remove_all(path_); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  fs::path path() const { return path_; }
  fs::path log() const { return path_ / "log"; }
  std::string logged() const {
    std::stringstream text;
    text << std::ifstream(log()).rdbuf();
    return text.str();
  }
  int run(const std::vector<std::string>& command) const {
    return run_tool(command, path_, log(), "testing", [](double) { return "a start"; });
  }

 private:
  fs::path path_;
};

/// Whether the process is there and has not ended; what nobody has reaped yet has ended.
bool runs(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string id, name, state;
  return file >> id >> name >> state && state != "Z";
}

TEST_CASE("a tool's status is its exit status, or 128 and its signal") {
  const Place place;
  CHECK(place.run({"true"}) == 0);
  CHECK(place.run({"sh", "-c", "exit 7"}) == 7);
  CHECK(place.run({"sh", "-c", "kill -KILL $$"}) == 128 + SIGKILL);
  CHECK(place.run({"systole-tool-that-is-not-there"}) == 127);
  CHECK(run_tool({"true"}, place.path() / "none", place.log(), "testing",
                 [](double) { return ""; }) == 126);
}

TEST_CASE("a tool runs in its directory, reads nothing, and all that it says is in the log") {
  const Place place;
  CHECK(place.run({"sh", "-c", "pwd; cat; echo wrong >&2"}) == 0);
  CHECK(place.run({"echo", "two words"}) == 0);
  CHECK(place.logged() == fs::canonical(place.path()).string() + "\nwrong\ntwo words\n");
}

TEST_CASE("an interrupt stops the tool with what it has started, and says what was reached") {
  for (const int signal : {SIGINT, SIGTERM}) {
    const Place place;
    Worker worker = start_worker("a test", [&](int out) {
      std::string what = "none";
      try {
        place.run({"sh", "-c", "sleep 1000 & echo $! > pid; wait"});
      } catch (const Error& error) {
        what = error.what() + std::string(error.code() == ExitCode(128 + signal) ? "" : "?");
      }
      write_all(out, what.data(), what.size());
    });
    pid_t sleeper = 0;
    while (!(std::ifstream(place.path() / "pid") >> sleeper)) usleep(10'000);
    kill(worker.child.id(), signal);
    char what[100] = {};
    read_all(worker.answer.get(), what, sizeof what);
    CHECK(what == std::string("interrupted; reached testing: a start"));
    CHECK(worker.child.wait().status == 0);
    for (int i = 0; i < 500 && runs(sleeper); ++i) usleep(10'000);
    CHECK_FALSE(runs(sleeper));
  }
}

}  // namespace
}  // namespace systole::process
