// SPDX-License-Identifier: Apache-2.0
// The host's operators against ONNX Runtime's values, where ONNX's own test data has none: newer
// operators, com.microsoft's, quantised ones byte for byte.
#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "compiler/host/host_call.h"
#include "compiler/host/host_operators.h"
#include "compiler/host/result_types.h"

namespace systole::test {
namespace {

/// {"type": 1, "dims": [..], "data": [..]}
values::Literal literal_from(const nlohmann::json& json) {
  const int type = json.at("type");
  values::Literal literal =
      host::zeros(json.at("dims").get<values::Dims>(), host::is_float_type(type));
  literal.type = type;
  for (size_t i = 0; i < static_cast<size_t>(literal.size()); ++i) {
    if (literal.is_float)
      literal.floats[i] = json.at("data")[i];
    else
      literal.ints[i] = json.at("data")[i];
  }
  return literal;
}

onnx::NodeProto node_from(const nlohmann::json& json) {
  onnx::NodeProto node;
  node.set_op_type(json.at("operator").get<std::string>());
  node.set_domain(json.at("domain").get<std::string>());
  for (const auto& [name, value] : json.at("attributes").items()) {
    onnx::AttributeProto* a = node.add_attribute();
    a->set_name(name);
    if (value.is_number_integer()) {
      a->set_type(onnx::AttributeProto::INT);
      a->set_i(value.get<int64_t>());
    } else if (value.is_number()) {
      a->set_type(onnx::AttributeProto::FLOAT);
      a->set_f(value.get<float>());
    } else if (value.is_string()) {
      a->set_type(onnx::AttributeProto::STRING);
      a->set_s(value.get<std::string>());
    } else if (value.at(0).is_number_integer()) {
      a->set_type(onnx::AttributeProto::INTS);
      for (const auto& v : value) a->add_ints(v.get<int64_t>());
    } else if (value.at(0).is_number()) {
      a->set_type(onnx::AttributeProto::FLOATS);
      for (const auto& v : value) a->add_floats(v.get<float>());
    } else {
      a->set_type(onnx::AttributeProto::STRINGS);
      for (const auto& v : value) a->add_strings(v.get<std::string>());
    }
  }
  for (size_t i = 0; i < json.at("outputs").size(); ++i) node.add_output("o" + std::to_string(i));
  return node;
}

void check_equal(const values::Literal& got, const values::Literal& want) {
  REQUIRE(got.dims == want.dims);
  REQUIRE(got.is_float == want.is_float);
  CHECK(got.ints == want.ints);
  size_t wrong = 0;
  for (size_t i = 0; i < want.floats.size(); ++i) {
    const float bound = 2e-5f + 1e-4f * std::fabs(want.floats[i]);
    if (!(std::fabs(got.floats[i] - want.floats[i]) <= bound)) ++wrong;
  }
  CHECK(wrong == 0);
}

}  // namespace

TEST_CASE("the host's operators give ONNX Runtime's values, integers exactly") {
  std::ifstream file(SYSTOLE_SOURCE_DIR "/tests/data/host_values.json");
  const nlohmann::json cases = nlohmann::json::parse(file).at("cases");
  REQUIRE(cases.size() > 100);
  for (const nlohmann::json& one : cases) {
    INFO(one.at("name").get<std::string>());
    const onnx::NodeProto node = node_from(one);
    std::vector<values::Literal> operands;
    for (const auto& input : one.at("inputs"))
      operands.push_back(input.is_null() ? values::Literal() : literal_from(input));
    host::HostInputs inputs;
    for (size_t i = 0; i < operands.size(); ++i)
      inputs.push_back(one.at("inputs")[i].is_null() ? nullptr : &operands[i]);
    const int64_t opset = one.at("opset");
    REQUIRE(host::host_computes(node, opset));
    const std::vector<values::Literal> results = host::compute_on_host(node, inputs, {opset, {}});
    for (size_t o = 0; o < one.at("outputs").size(); ++o) {
      if (!one.at("outputs")[o].is_null())
        check_equal(results.at(o), literal_from(one.at("outputs")[o]));
    }
  }
}

}  // namespace systole::test
