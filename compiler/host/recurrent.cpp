// SPDX-License-Identifier: Apache-2.0
// RNN, GRU and LSTM on the host: both directions, any activations, sequences of several lengths.
#include "compiler/host/recurrent.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "compiler/host/activations.h"
#include "compiler/host/integers.h"
#include "compiler/host/strides.h"

namespace systole::host {

namespace {

using RowMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Row = Eigen::Matrix<float, 1, Eigen::Dynamic>;

/// What all three cells share.
struct Cells {
  int64_t steps, batch, features, hidden, directions, gates;
  bool batch_first, input_forget, reset_after, rounds_states;
  std::optional<float> clip;
  std::string direction;
  std::vector<Activation> f;  ///< per direction: as many as the cell has
};

/// Parameters and state of one direction of one sequence.
struct Cell {
  RowMatrix w, r;  ///< [gates * hidden, features or hidden]
  Row wb, rb;      ///< biases of both
  Row peephole;    ///< LSTM: of i, o, f
  const Activation* f = nullptr;
  Row h, c;
};

float clipped(float v, const Cells& all) {
  return all.clip ? std::clamp(v, -*all.clip, *all.clip) : v;
}

/// f of every element, clipped before.
Row applied(const Activation& f, Row v, const Cells& all) {
  for (Eigen::Index i = 0; i < v.size(); ++i) v[i] = f(clipped(v[i], all));
  return v;
}

void step_rnn(Cell& cell, const Row& x, const Cells& all) {
  const Row sum = x * cell.w.transpose() + cell.wb + cell.h * cell.r.transpose() + cell.rb;
  cell.h = applied(cell.f[0], sum, all);
}

void step_gru(Cell& cell, const Row& x, const Cells& all) {
  const Eigen::Index n = all.hidden;
  const Row in = x * cell.w.transpose() + cell.wb;
  const RowMatrix& r = cell.r;
  const Row both = in.head(2 * n) + cell.h * r.topRows(2 * n).transpose() + cell.rb.head(2 * n);
  const Row update = applied(cell.f[0], both.head(n), all);
  const Row reset = applied(cell.f[0], both.segment(n, n), all);
  Row inner;
  if (all.reset_after)
    inner = reset.cwiseProduct(cell.h * r.bottomRows(n).transpose() + cell.rb.tail(n));
  else
    inner = reset.cwiseProduct(cell.h) * r.bottomRows(n).transpose() + cell.rb.tail(n);
  const Row fresh = applied(cell.f[1], in.tail(n) + inner, all);
  cell.h = (Row::Ones(n) - update).cwiseProduct(fresh) + update.cwiseProduct(cell.h);
}

void step_lstm(Cell& cell, const Row& x, const Cells& all) {
  const Eigen::Index n = all.hidden;
  if (all.rounds_states) round_dynamically(cell.h.data(), static_cast<size_t>(n));
  const Row sum = x * cell.w.transpose() + cell.wb + cell.h * cell.r.transpose() + cell.rb;
  const auto peep = [&](Eigen::Index gate, const Row& state) -> Row {
    return cell.peephole.segment(gate * n, n).cwiseProduct(state);
  };
  const Row input = applied(cell.f[0], sum.head(n) + peep(0, cell.c), all);
  const Row forget = all.input_forget
                         ? Row(Row::Ones(n) - input)
                         : applied(cell.f[0], sum.segment(2 * n, n) + peep(2, cell.c), all);
  const Row fresh = applied(cell.f[1], sum.tail(n), all);
  cell.c = forget.cwiseProduct(cell.c) + input.cwiseProduct(fresh);
  const Row output = applied(cell.f[0], sum.segment(n, n) + peep(1, cell.c), all);
  Row shown = cell.c;
  for (Eigen::Index i = 0; i < n; ++i) shown[i] = cell.f[2](shown[i]);
  cell.h = output.cwiseProduct(shown);
}

using Step = void (*)(Cell&, const Row&, const Cells&);

/// The activations of all directions, with their alpha and beta, which are given to those that
/// have one in turn.
std::vector<Activation> read_activations(const HostCall& call, const std::vector<std::string>& base,
                                         int64_t directions) {
  std::vector<std::string> names = strings_attribute(call.node, "activations");
  if (names.empty())
    for (int64_t d = 0; d < directions; ++d) names.insert(names.end(), base.begin(), base.end());
  // The stated default of RNN names those of two directions, also for one.
  const size_t count = base.size() * static_cast<size_t>(directions);
  if (directions == 1 && names.size() == 2 * count) names.resize(count);
  if (names.size() != count)
    throw Error(
        fmt::format("{} activations, expected {} for each direction", names.size(), base.size()));
  const std::vector<float> alphas = floats_attribute(call.node, "activation_alpha"),
                           betas = floats_attribute(call.node, "activation_beta");
  size_t alpha = 0, beta = 0;
  const auto takes = [](const std::string& name, std::initializer_list<const char*> with) {
    return std::any_of(with.begin(), with.end(), [&](const char* n) {
      return std::equal(name.begin(), name.end(), n, n + std::string(n).size(), [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) == b;
      });
    });
  };
  std::vector<Activation> all;
  for (const std::string& name : names) {
    std::optional<float> a, b;
    if (takes(name,
              {"affine", "leakyrelu", "thresholdedrelu", "scaledtanh", "hardsigmoid", "elu"}) &&
        alpha < alphas.size())
      a = alphas[alpha++];
    if (takes(name, {"affine", "scaledtanh", "hardsigmoid"}) && beta < betas.size())
      b = betas[beta++];
    all.push_back(activation(name, a, b));
  }
  return all;
}

Cells read_cells(const HostCall& call, int64_t gates, const std::vector<std::string>& base) {
  const values::Dims& x = call.floats(0).dims;
  const values::Dims& w = call.floats(1).dims;
  if (x.size() != 3 || w.size() != 3) throw Error("expected x and w of three dimensions");
  Cells all{};
  all.batch_first = call.attribute("layout", 0) != 0;
  all.steps = x[all.batch_first ? 1 : 0];
  all.batch = x[all.batch_first ? 0 : 1];
  all.features = x[2];
  all.gates = gates;
  all.hidden = call.attribute("hidden_size", w[1] / gates);
  all.direction = values::string_attribute(call.node, "direction", "forward");
  all.directions = all.direction == "bidirectional" ? 2 : 1;
  all.input_forget = call.attribute("input_forget", 0) != 0;
  all.reset_after = call.attribute("linear_before_reset", 0) != 0;
  if (values::find_attribute(call.node, "clip") != nullptr)
    all.clip = values::float_attribute(call.node, "clip", 0.0f);
  if (all.clip && !(*all.clip >= 0))
    throw graph::Unsupported(fmt::format("clip of {}, expected 0 or more", *all.clip));
  if (w != values::Dims{all.directions, gates * all.hidden, all.features} ||
      call.floats(2).dims != values::Dims{all.directions, gates * all.hidden, all.hidden})
    throw Error(fmt::format("w is {} and r {}, expected [{}, {}, {}] and [.., {}]",
                            values::dims_text(w), values::dims_text(call.at(2).dims),
                            all.directions, gates * all.hidden, all.features, all.hidden));
  all.f = read_activations(call, base, all.directions);
  return all;
}

/// Elements [first, first + count) of optional input `i`, zeros without it.
Row part(const HostCall& call, size_t i, int64_t first, int64_t count) {
  if (!call.has(i)) return Row::Zero(count);
  if (first + count > call.floats(i).size()) throw Error(fmt::format("input {} is too short", i));
  return Eigen::Map<const Row>(call.at(i).floats.data() + first, count);
}

Cell make_cell(const HostCall& call, const Cells& all, int64_t direction, bool lstm) {
  const int64_t rows = all.gates * all.hidden;
  Cell cell;
  cell.w = Eigen::Map<const RowMatrix>(call.at(1).floats.data() + direction * rows * all.features,
                                       rows, all.features);
  cell.r = Eigen::Map<const RowMatrix>(call.at(2).floats.data() + direction * rows * all.hidden,
                                       rows, all.hidden);
  cell.wb = part(call, 3, direction * 2 * rows, rows);
  cell.rb = part(call, 3, direction * 2 * rows + rows, rows);
  if (lstm) cell.peephole = part(call, 7, direction * 3 * all.hidden, 3 * all.hidden);
  cell.f = all.f.data() + direction * static_cast<int64_t>(all.f.size()) / all.directions;
  return cell;
}

/// All directions of all sequences. Y is [steps, directions, batch, hidden], or with the batch
/// first [batch, steps, directions, hidden]; states are [directions, batch, hidden], or [batch,
/// directions, hidden].
HostResults recurrent(const HostCall& call, const Cells& all, Step step, bool lstm) {
  const int64_t n = all.hidden;
  const values::Dims state = all.batch_first ? values::Dims{all.batch, all.directions, n}
                                             : values::Dims{all.directions, all.batch, n};
  HostResults results = {
      zeros(all.batch_first ? values::Dims{all.batch, all.steps, all.directions, n}
                            : values::Dims{all.steps, all.directions, all.batch, n},
            true),
      zeros(state, true), zeros(state, true)};
  for (int64_t d = 0; d < all.directions; ++d) {
    Cell cell = make_cell(call, all, d, lstm);
    const bool backward = d == 1 || all.direction == "reverse";
    for (int64_t b = 0; b < all.batch; ++b) {
      const int64_t at = (all.batch_first ? b * all.directions + d : d * all.batch + b) * n;
      cell.h = part(call, 5, at, n);
      cell.c = lstm ? part(call, 6, at, n) : Row();
      const int64_t length =
          call.has(4) ? std::min(call.at(4).ints.at(static_cast<size_t>(b)), all.steps) : all.steps;
      for (int64_t i = 0; i < length; ++i) {
        const int64_t t = backward ? length - 1 - i : i;
        const int64_t row = all.batch_first ? b * all.steps + t : t * all.batch + b;
        step(cell,
             Eigen::Map<const Row>(call.at(0).floats.data() + row * all.features, all.features),
             all);
        const int64_t to = all.batch_first ? (b * all.steps + t) * all.directions + d
                                           : (t * all.directions + d) * all.batch + b;
        std::copy_n(cell.h.data(), n, results[0].floats.begin() + to * n);
      }
      std::copy_n(cell.h.data(), n, results[1].floats.begin() + at);
      if (lstm) std::copy_n(cell.c.data(), n, results[2].floats.begin() + at);
    }
  }
  if (!lstm) results.pop_back();
  return results;
}

HostResults rnn_operator(const HostCall& call) {
  return recurrent(call, read_cells(call, 1, {"Tanh"}), step_rnn, false);
}

HostResults gru_operator(const HostCall& call) {
  return recurrent(call, read_cells(call, 3, {"Sigmoid", "Tanh"}), step_gru, false);
}

HostResults lstm_operator(const HostCall& call) { return lstm_of(call, false); }

}  // namespace

HostResults lstm_of(const HostCall& call, bool rounds_states) {
  Cells cells = read_cells(call, 4, {"Sigmoid", "Tanh", "Tanh"});
  cells.rounds_states = rounds_states;
  return recurrent(call, cells, step_lstm, true);
}

void round_dynamically(float* values, size_t count) {
  float least = 0, most = 0;
  for (size_t i = 0; i < count; ++i) {
    least = std::min(least, values[i]);
    most = std::max(most, values[i]);
  }
  const float scale = most == least ? 1.0f : (most - least) / 255.0f;
  const IntegerLimits limits = integer_limits(onnx::TensorProto::UINT8);
  const int64_t zero = limits.rounded(0.0f - least / scale, 0);
  for (size_t i = 0; i < count; ++i)
    values[i] = static_cast<float>(limits.rounded(values[i] / scale, zero) - zero) * scale;
}

void add_recurrent_host_operators(HostOperators& table) {
  table["RNN"] = rnn_operator;
  table["GRU"] = gru_operator;
  table["LSTM"] = lstm_operator;
}

}  // namespace systole::host
