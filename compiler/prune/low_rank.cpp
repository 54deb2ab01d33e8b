// SPDX-License-Identifier: Apache-2.0
// Splits layers by their singular value decomposition.
#include "compiler/prune/low_rank.h"

#include <fmt/format.h>

#include <Eigen/Eigenvalues>
#include <cmath>

namespace systole::prune {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using FloatMap = Eigen::Map<Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;

struct Factors {
  Matrix a, b;
};

/// The closest a * b to `w` of rank `rank`; the singular values go half to each. They are found by
/// the smaller of w * w^T and w^T * w.
Factors factorise(const Matrix& w, int64_t rank) {
  const bool wide = w.rows() <= w.cols();
  const Matrix gram = wide ? Matrix(w * w.transpose()) : Matrix(w.transpose() * w);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(gram);
  const Matrix vectors = solver.eigenvectors().rightCols(rank);  // ascending
  // The square roots of the singular values, which are the roots of the eigenvalues.
  const Eigen::VectorXd root =
      solver.eigenvalues().tail(rank).cwiseMax(1e-30).cwiseSqrt().cwiseSqrt();
  const Eigen::VectorXd inverse = root.cwiseInverse();
  if (wide) return {vectors * root.asDiagonal(), inverse.asDiagonal() * (vectors.transpose() * w)};
  return {(w * vectors) * inverse.asDiagonal(), root.asDiagonal() * vectors.transpose()};
}

std::vector<float> floats(const Matrix& matrix) {
  std::vector<float> result(static_cast<size_t>(matrix.size()));
  FloatMap(result.data(), matrix.rows(), matrix.cols()) = matrix.cast<float>();
  return result;
}

int64_t rank_of(const PruneLayer& layer, const PruneSpec& spec) {
  const double depth = static_cast<double>(layer.in * layer.area);
  const auto out = static_cast<double>(layer.out);
  return static_cast<int64_t>((1 - spec.amount) * out * depth / (out + depth));
}

void split(const PruneLayer& layer, int64_t rank) {
  graph::Graph& graph = *layer.graph;
  const graph::Node& whole = layer.node();
  const int64_t depth = layer.in * layer.area, macs = layer.conv().dense_macs;
  const Matrix weights = FloatMap(layer.weights().data(), layer.out, depth).cast<double>();
  const Factors factors = factorise(weights, rank);
  const graph::ValueId middle = graph.add_like(whole.output, "/lowrank");
  graph::Value& value = graph.values[static_cast<size_t>(middle)];
  value.shape.c = rank;
  value.onnx_shape = {1, rank, value.shape.h, value.shape.w};
  value.channels_last = false;
  value.codes.reset();
  value.integer_zero.reset();

  graph::Conv first;  // what the first half keeps of the layer
  first.window = layer.conv().window;
  first.weights = floats(factors.b);
  first.bias.assign(static_cast<size_t>(rank), 0.0f);

  first.dense_macs = macs - macs * layer.out / (layer.out + depth);
  graph::Node before = graph::make_node(std::move(first), {whole.inputs[0]});
  before.name = whole.name + "/lowrank";
  before.op_type = whole.op_type;
  before.output = middle;

  graph::Conv& second = layer.conv();
  second.weights = floats(factors.a);
  second.window = {};
  second.dense_macs = macs * layer.out / (layer.out + depth);
  layer.node().inputs[0] = middle;
  graph.nodes.insert(graph.nodes.begin() + static_cast<std::ptrdiff_t>(layer.index),
                     std::move(before));
}

}  // namespace

std::string unfit_for_low_rank(const PruneLayer& layer, const PruneSpec& spec) {
  if (layer.conv().states_integers())
    return "states its weights as integers, which have no factors";
  if (rank_of(layer, spec) >= 1) return "";
  return fmt::format("of {} x {} weights the amount leaves no rank", layer.out,
                     layer.in * layer.area);
}

void split_low_rank(const std::vector<PruneLayer>& layers, const PruneSpec& spec) {
  for (size_t i = layers.size(); i-- > 0;)  // indices before it hold
    split(layers[i], rank_of(layers[i], spec));
}

}  // namespace systole::prune
