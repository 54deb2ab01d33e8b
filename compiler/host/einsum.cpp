// SPDX-License-Identifier: Apache-2.0
// Einstein summation on the host, over all letters at once.
#include "compiler/host/einsum.h"

#include <algorithm>
#include <cctype>

#include "compiler/host/host_call.h"
#include "compiler/host/strides.h"

namespace systole::host {

namespace {

/// "ij,jk->ik" in its terms, spaces taken out; the result's term is made where it is left out.
struct Equation {
  std::vector<std::string> terms;
  std::string result;
};

Equation parse_equation(std::string text, size_t operands) {
  std::erase_if(text, [](unsigned char c) { return std::isspace(c) != 0; });
  Equation equation;
  const size_t arrow = text.find("->");
  const std::string left = text.substr(0, arrow);
  for (size_t at = 0; at <= left.size();) {
    const size_t comma = std::min(left.find(',', at), left.size());
    equation.terms.push_back(left.substr(at, comma - at));
    at = comma + 1;
  }
  if (equation.terms.size() != operands)
    throw Error(fmt::format("equation '{}' has {} terms, expected {}", text, equation.terms.size(),
                            operands));
  if (arrow != std::string::npos) {
    equation.result = text.substr(arrow + 2);
    return equation;
  }
  std::map<char, int> uses;
  for (const std::string& term : equation.terms)
    for (char c : term) ++uses[c];
  if (uses.count('.') != 0) equation.result = "...";
  for (const auto& [c, count] : uses)
    if (c != '.' && count == 1) equation.result += c;
  return equation;
}

/// Letters of a term; the dimensions of an ellipsis are called 0, 1, ... from the last one on.
std::vector<int> labels_of(const std::string& term, size_t rank) {
  std::vector<int> labels;
  const size_t dots = term.find("...");
  const size_t letters = dots == std::string::npos ? term.size() : term.size() - 3;
  const size_t rest = rank > letters ? rank - letters : 0;
  for (size_t i = 0; i < term.size(); ++i) {
    if (i == dots) {
      for (size_t k = rest; k-- > 0;) labels.push_back(static_cast<int>(k));
      i += 2;
    } else {
      if (std::isalpha(static_cast<unsigned char>(term[i])) == 0)
        throw Error(fmt::format("equation: '{}' is no letter", term[i]));
      labels.push_back(term[i]);
    }
  }
  return labels;
}

/// All letters with their sizes, those of the result first.
struct Space {
  std::vector<int> labels;
  values::Dims sizes;
  size_t outer = 0;  ///< how many are of the result
};

Space space_of(const HostCall& call, const std::vector<std::vector<int>>& terms,
               const std::vector<int>& result) {
  std::map<int, int64_t> size;
  for (size_t i = 0; i < terms.size(); ++i) {
    const values::Dims& dims = call.at(i).dims;
    if (terms[i].size() != dims.size())
      throw Error(fmt::format("equation: a term of {} letters for {}", terms[i].size(),
                              values::dims_text(dims)));
    for (size_t d = 0; d < dims.size(); ++d) {
      int64_t& known = size.emplace(terms[i][d], dims[d]).first->second;
      if (known == 1) known = dims[d];
      if (dims[d] != known && dims[d] != 1)
        throw Error(fmt::format("equation: a letter stands for {} and {}", known, dims[d]));
    }
  }
  Space space{result, {}, result.size()};
  for (int label : result)
    if (size.count(label) == 0) throw Error("equation: the result has a letter of its own");
  for (const auto& [label, count] : size) {
    if (std::find(result.begin(), result.end(), label) == result.end())
      space.labels.push_back(label);
  }
  for (int label : space.labels) space.sizes.push_back(size.at(label));
  return space;
}

/// The strides of an operand over all letters; a letter that it has twice walks its diagonal.
values::Dims strides_over(const Space& space, const std::vector<int>& term,
                          const values::Dims& dims) {
  const values::Dims dense = dense_strides(dims);
  values::Dims strides(space.labels.size(), 0);
  for (size_t d = 0; d < dims.size(); ++d) {
    const auto at = std::find(space.labels.begin(), space.labels.end(), term[d]);
    if (dims[d] != 1) strides[static_cast<size_t>(at - space.labels.begin())] += dense[d];
  }
  return strides;
}

HostResults einsum(const HostCall& call) {
  const size_t count = call.inputs.size();
  const Equation equation =
      parse_equation(values::string_attribute(call.node, "equation", ""), count);
  size_t dotted = 0;  // dimensions of the longest ellipsis
  std::vector<std::vector<int>> terms;
  for (size_t i = 0; i < count; ++i) {
    terms.push_back(labels_of(equation.terms[i], call.at(i).dims.size()));
    for (int label : terms.back()) {
      if (label < 'A') dotted = std::max(dotted, static_cast<size_t>(label) + 1);
    }
  }
  const bool dots = equation.result.find("...") != std::string::npos;
  const std::vector<int> result =
      labels_of(equation.result, equation.result.size() - (dots ? 3 - dotted : 0));
  const Space space = space_of(call, terms, result);
  const values::Dims outer(space.sizes.begin(),
                           space.sizes.begin() + static_cast<std::ptrdiff_t>(space.outer));
  const values::Dims inner(space.sizes.begin() + static_cast<std::ptrdiff_t>(space.outer),
                           space.sizes.end());
  values::Literal sums = zeros(outer, call.at(0).is_float);
  std::vector<values::Dims> strides;
  for (size_t i = 0; i < count; ++i)
    strides.push_back(strides_over(space, terms[i], call.at(i).dims));
  // One operand after the other would need an order of contraction; the space of all letters does
  // not.
  values::Dims index(space.sizes.size(), 0);
  const int64_t total = values::element_count(space.sizes, "equation", values::kMaxBatchElements);
  const int64_t folded = values::element_count(inner, "equation", values::kMaxBatchElements);
  std::vector<int64_t> at(count, 0);
  double sum = 0;
  int64_t whole = 0;
  for (int64_t n = 0; n < total; ++n) {
    double product = 1;
    int64_t integer = 1;
    for (size_t i = 0; i < count; ++i) {
      const values::Literal& in = call.at(i);
      if (in.is_float)
        product *= in.floats[static_cast<size_t>(at[i])];
      else
        integer *= in.ints[static_cast<size_t>(at[i])];
    }
    sum += product;
    whole += integer;
    if ((n + 1) % folded == 0) {
      const auto to = static_cast<size_t>(n / folded);
      if (sums.is_float)
        sums.floats[to] = static_cast<float>(sum);
      else
        sums.ints[to] = whole;
      sum = 0;
      whole = 0;
    }
    for (size_t d = index.size(); d-- > 0;) {
      for (size_t i = 0; i < count; ++i) at[i] += strides[i][d];
      if (++index[d] < space.sizes[d]) break;
      for (size_t i = 0; i < count; ++i) at[i] -= strides[i][d] * space.sizes[d];
      index[d] = 0;
    }
  }
  return {std::move(sums)};
}

}  // namespace

int64_t einsum_macs(const onnx::NodeProto& node, const HostInputs& inputs) {
  const Equation equation =
      parse_equation(values::string_attribute(node, "equation", ""), inputs.size());
  std::map<int, int64_t> size;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const std::vector<int> term = labels_of(equation.terms[i], inputs[i]->dims.size());
    for (size_t d = 0; d < term.size(); ++d)
      size[term[d]] = std::max(size[term[d]], inputs[i]->dims[d]);
  }
  int64_t macs = inputs.size() > 1 ? 1 : 0;
  for (const auto& [label, count] : size) macs *= count;
  return macs;
}

void add_einsum_host_operators(HostOperators& table) { table["Einsum"] = einsum; }

}  // namespace systole::host
