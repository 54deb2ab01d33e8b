// SPDX-License-Identifier: Apache-2.0
// The host's operators against ONNX's own backend test data (Debian's libonnx-testdata).
#include "compiler/host/host_operators.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "compiler/onnx/model_file.h"
#include "compiler/onnx/translate.h"
#include "model/base/error.h"

namespace systole::test {
namespace {

namespace fs = std::filesystem;

const fs::path kData = "/usr/share/libonnx-testdata/data/node";
const fs::path kList = fs::path(SYSTOLE_SOURCE_DIR) / "tests/operators/host_cases.txt";

std::string read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

values::Literal read_tensor(const fs::path& path) {
  onnx::TensorProto tensor;
  if (!tensor.ParseFromString(read_file(path))) throw Error("not a tensor");
  return values::read_literal(tensor, {});
}

/// Why the case is not one for the host; empty: the host gives the expected results.
std::string run_case(const fs::path& folder) {
  onnx::ModelProto model;
  if (!model.ParseFromString(read_file(folder / "model.onnx"))) return "not a model";
  if (model.graph().node_size() != 1) return "not a single node";
  const onnx::NodeProto& node = model.graph().node(0);
  const int64_t opset = importer::onnx_opset(model);
  if (!host::host_computes(node, opset)) return "the host does not compute it";
  try {
    std::map<std::string, values::Literal> values;
    for (int i = 0; i < model.graph().input_size(); ++i) {
      const fs::path file = folder / "test_data_set_0" / ("input_" + std::to_string(i) + ".pb");
      values[model.graph().input(i).name()] = read_tensor(file);
    }
    host::HostInputs inputs;
    for (const std::string& name : node.input())
      inputs.push_back(name.empty() ? nullptr : &values.at(name));
    const auto results = host::compute_on_host(node, inputs, {opset, {}});
    for (int o = 0, file = 0; o < node.output_size(); ++o) {
      if (node.output(o).empty()) continue;
      const values::Literal want =
          read_tensor(folder / "test_data_set_0" / ("output_" + std::to_string(file++) + ".pb"));
      const values::Literal& got = results.at(static_cast<size_t>(o));
      if (got.dims != want.dims) return "dimensions " + values::dims_text(got.dims);
      if (got.is_float != want.is_float || got.ints != want.ints) return "other integers";
      for (size_t i = 0; i < want.floats.size(); ++i) {
        const bool equal =
            got.floats[i] == want.floats[i] ||
            (std::isnan(got.floats[i]) && std::isnan(want.floats[i])) ||
            std::fabs(got.floats[i] - want.floats[i]) <= 1e-5 + 1e-4 * std::fabs(want.floats[i]);
        if (!equal) return "other values";
      }
    }
    return "";
  } catch (const Error& error) {
    return error.what();
  } catch (const graph::Unsupported& reason) {
    return reason.what();
  }
}

}  // namespace

TEST_CASE("ONNX's backend test data: the host computes the listed cases") {
  REQUIRE(fs::exists(kData));  // Debian's libonnx-testdata: tools/install_deps.sh
  std::set<std::string> names;
  std::ifstream stream(kList);
  for (std::string line; std::getline(stream, line);) {
    if (!line.empty() && line[0] != '#') names.insert(line);
  }
  REQUIRE(names.size() > 200);
  for (const std::string& name : names) {
    INFO(name);
    CHECK(run_case(kData / name) == "");
  }
}

TEST_CASE("ONNX's backend test data: every case, with why it is none for the host", "[.list]") {
  for (const auto& entry : fs::directory_iterator(kData)) {
    if (!fs::exists(entry.path() / "test_data_set_0")) continue;
    const std::string why = run_case(entry.path());
    std::printf("%s%s%s\n", entry.path().filename().c_str(), why.empty() ? "" : " # ", why.c_str());
  }
}

}  // namespace systole::test
