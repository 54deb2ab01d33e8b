// SPDX-License-Identifier: Apache-2.0
// One catch clause for each kind of exception that a command may leave with.
#include "sim/cli/ending.h"

#include <fmt/format.h>

#include <filesystem>
#include <new>
#include <system_error>

#include "sim/cli/streams.h"

namespace systole::cli {
namespace {

Ending told(const Error& error) {
  if (error.code() != ExitCode::kInternal) return {error.code(), error.what()};
  return {error.code(), fmt::format("{}; this is a fault of Systole, please report it with the "
                                    "command and its files",
                                    error.what())};
}

}  // namespace

Ending ending_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const StandardOutputError& error) {
    return {error.code(), ""};
  } catch (const Error& error) {
    return told(error);
  } catch (const std::bad_alloc&) {
    return {ExitCode::kBadInput, "out of memory"};
  } catch (const std::filesystem::filesystem_error& error) {
    return {ExitCode::kBadInput,
            fmt::format("{}: {}", error.path1().string(), error.code().message())};
  } catch (const std::system_error& error) {
    return {ExitCode::kBadInput, error.what()};
  } catch (const std::exception& error) {
    return told(internal_error(error.what()));
  } catch (...) {
    return told(internal_error("something was thrown that is no exception"));
  }
}

}  // namespace systole::cli
