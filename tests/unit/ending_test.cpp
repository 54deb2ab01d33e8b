// SPDX-License-Identifier: Apache-2.0
// What a command ends with for each kind of exception.
#include "sim/cli/ending.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <new>
#include <stdexcept>

#include "sim/cli/streams.h"

namespace systole {
namespace {

template <typename Exception>
cli::Ending ending(const Exception& exception) {
  return cli::ending_of(std::make_exception_ptr(exception));
}

TEST_CASE("an error of the user keeps its text and its exit code") {
  const cli::Ending end = ending(Error("net.onnx: no such file", ExitCode::kBadInput));
  CHECK(end.text == "net.onnx: no such file");
  CHECK(end.code == ExitCode::kBadInput);
}

TEST_CASE("an internal error ends with exit code 5 and asks to be reported") {
  const cli::Ending end = ending(internal_error("a reshaped box has no place"));
  CHECK(end.text ==
        "internal error: a reshaped box has no place; this is a fault of Systole, please report it "
        "with the command and its files");
  CHECK(static_cast<int>(end.code) == 5);
}

TEST_CASE("an internal error that passed places where its file is named is one still") {
  const Error inner = internal_error("the network cannot be cut");
  const cli::Ending end = ending(Error(std::string("net.onnx: ") + inner.what(), inner.code()));
  CHECK(end.text ==
        "net.onnx: internal error: the network cannot be cut; this is a fault of Systole, please "
        "report it with the command and its files");
  CHECK(end.code == ExitCode::kInternal);
}

TEST_CASE("what nobody expected to be thrown is an internal error") {
  const cli::Ending logic = ending(std::out_of_range("vector::at"));
  CHECK(logic.text ==
        "internal error: vector::at; this is a fault of Systole, please report it with the command "
        "and its files");
  CHECK(logic.code == ExitCode::kInternal);
  CHECK(ending(7).code == ExitCode::kInternal);
}

TEST_CASE("what the machine lacks is no fault of Systole") {
  CHECK(ending(std::bad_alloc()).text == "out of memory");
  CHECK(ending(std::bad_alloc()).code == ExitCode::kBadInput);
  const cli::Ending file = ending(std::filesystem::filesystem_error(
      "cannot open", "out", std::make_error_code(std::errc::permission_denied)));
  CHECK(file.text == "out: Permission denied");
  CHECK(file.code == ExitCode::kBadInput);
  CHECK(ending(cli::StandardOutputError("standard output: closed")).text.empty());
}

}  // namespace
}  // namespace systole
