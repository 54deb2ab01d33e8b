// SPDX-License-Identifier: Apache-2.0
// Command `serve`: a resident worker for the Python package, and whoever speaks its protocol.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "sim/cli/cli.h"
#include "sim/cli/commands.h"
#include "sim/cli/ending.h"
#include "sim/cli/interrupt.h"
#include "sim/serve/server.h"

namespace systole::cli {
namespace {

struct ServeCommand {
  bool stdio = false;
  int arrays = -1;
};

/// A number that tools which are started do not inherit, and the standard stream for `instead`.
int take_stream(int stream, int instead) {
  const int taken = fcntl(stream, F_DUPFD_CLOEXEC, 3);
  if (taken < 0 || dup2(instead, stream) < 0)
    throw Error(fmt::format("--stdio: {}", std::strerror(errno)));
  return taken;
}

void check_arrays(int fd) {
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || (flags & O_ACCMODE) != O_RDWR)
    throw Error(
        fmt::format("--arrays {}: expected a descriptor that is open for reading and "
                    "writing",
                    fd));
  fcntl(fd, F_SETFD, FD_CLOEXEC);
}

void serve(const ServeCommand& options) {
  if (!options.stdio) throw Error("--stdio: missing, there is no other way to serve");
  if (options.arrays >= 0) check_arrays(options.arrays);
  serve::Host host;
  host.run_command = [](const std::vector<std::string>& arguments) {
    std::vector<std::string> words = {"systole"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    return run_cli(static_cast<int>(argv.size()), argv.data());
  };
  host.reached = reached_work;
  host.ending = [](const std::exception_ptr& thrown) {
    const Ending end = ending_of(thrown);
    return serve::Ending{static_cast<int>(end.code), end.text};
  };
  // Whatever else prints must not come between messages.
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (null < 0) throw Error("/dev/null: cannot be opened");
  const int in = take_stream(STDIN_FILENO, null);
  const int out = take_stream(STDOUT_FILENO, STDERR_FILENO);
  serve::serve(in, out, options.arrays, host);
}

}  // namespace

void add_serve_command(CLI::App& app, ExitCode&) {
  CLI::App* command =
      app.add_subcommand("serve", "Answer messages on standard input, for the Python package");
  auto options = std::make_shared<ServeCommand>();
  command->add_flag("--stdio", options->stdio, "Messages on standard input and output");
  command
      ->add_option("--arrays", options->arrays,
                   "Descriptor of the memory that arrays lie in, inherited; without it none can be "
                   "given")
      ->check(CLI::Range(3, 1 << 20))
      ->type_name("FD");
  command->footer(
      "Ends when standard input is closed. docs/serve.md has the messages.\n\n"
      "Example:\n  systole serve --stdio");
  command->callback([options] { serve(*options); });
}

}  // namespace systole::cli
