// SPDX-License-Identifier: Apache-2.0
// Invariants of the quantised graph: what the machine can do, and what leaves no doubt.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "compiler/graph/limits.h"
#include "compiler/graph/qgraph.h"
#include "model/base/error.h"
#include "model/base/overloaded.h"
#include "model/isa/rounding.h"

namespace systole::graph {

namespace {

constexpr int64_t kMaxSize = 65535;      // 16-bit size fields
constexpr double kMaxBytes = 0x1p32;     // 32-bit DRAM addresses
constexpr int64_t kMaxSummed = 1 << 23;  // differences of two bytes within 32 bits
constexpr int64_t kMaxPad = 32767;       // 16-bit two's complement start rows and columns

[[noreturn]] void fail(const std::string& message) {
  throw Error(message, ExitCode::kCannotCompile);
}

bool is_byte(int v) { return v >= -128 && v <= 127; }
bool in_range(int64_t v, int64_t lo, int64_t hi) { return v >= lo && v <= hi; }
/// Positions first, first + step, ... of a dimension.
struct Steps {
  int64_t first, step, count;
  int64_t last() const { return first + (count - 1) * step; }
};

/// How many positions of `a` lie within `b`, whose step is 1.
int64_t common(const Steps& a, const Steps& b) {
  const auto before = [&](int64_t end) {  // positions of `a` below `end`
    return std::clamp<int64_t>((end - a.first + a.step - 1) / a.step, 0, a.count);
  };
  return before(b.last() + 1) - before(b.first);
}

/// Whether no position is in both, as far as ends and steps tell.
bool apart(const Steps& a, const Steps& b) {
  if (a.last() < b.first || b.last() < a.first) return true;
  const int64_t every = std::gcd(a.count > 1 ? a.step : 0, b.count > 1 ? b.step : 0);
  return every != 0 && (a.first - b.first) % every != 0;
}

Steps rows(const QTensor& t) { return {t.place->h, t.place->step_h, t.h}; }
Steps columns(const QTensor& t) { return {t.place->w, t.place->step_w, t.w}; }
Steps channels(const QTensor& t) { return {t.place->c, 1, t.c}; }

/// Whether two tensors with places in one base share no byte of it.
bool apart(const QTensor& a, const QTensor& b) {
  if (a.place->reshaped || b.place->reshaped) return false;
  return apart(rows(a), rows(b)) || apart(columns(a), columns(b)) ||
         apart(channels(a), channels(b));
}

/// How many elements of `a` are elements of `b` as well, whose rows and columns do not lie apart.
int64_t common(const QTensor& a, const QTensor& b) {
  if (a.place->reshaped) return b.elements();
  return a.n * common(rows(a), rows(b)) * common(columns(a), columns(b)) *
         common(channels(a), channels(b));
}

/// Checks one operator; every message names it.
class OpVerifier {
 public:
  OpVerifier(const QGraph& graph, const QOp& op, std::vector<bool>& made,
             std::vector<std::vector<TensorId>>& parts_made)
      : graph_(graph), op_(op), made_(made), parts_made_(parts_made) {}

  void verify() {
    std::visit(Overloaded{
                   [&](const QConv& conv) { verify_conv(conv); },
                   [&](const QPool& pool) { verify_pool(pool); },
                   [&](const QEltwise& eltwise) { verify_eltwise(eltwise); },
               },
               op_.body);
  }

 private:
  void expect(bool condition, const std::string& what) const {
    if (!condition) fail(fmt::format("layer '{}' ({}): {}", op_.name, op_.kind, what));
  }
  const QTensor& tensor(TensorId id) const { return graph_.tensors[static_cast<size_t>(id)]; }
  bool known(TensorId id) const {
    return id >= 0 && id < static_cast<TensorId>(graph_.tensors.size());
  }
  /// Whether an operator has made it or what it lies in, or others have made all of it.
  bool available(TensorId id) const {
    if (!known(id)) return false;
    if (made_[static_cast<size_t>(id)]) return true;
    const TensorId base = graph_.storage(id);
    if (made_[static_cast<size_t>(base)]) return true;
    const QTensor& part = tensor(id);
    const bool whole = !part.place || part.place->reshaped;
    if (!whole && (part.place->step_h != 1 || part.place->step_w != 1)) return false;
    int64_t elements = 0;
    for (const TensorId made : parts_made_[static_cast<size_t>(base)])
      elements += whole ? tensor(made).elements() : common(tensor(made), part);
    return elements == part.elements();
  }

  void verify_ends(TensorId in, TensorId out) {
    expect(available(in) && !tensor(in).sums(), "its input is not made before it");
    expect(known(out) && !made_[static_cast<size_t>(out)], "its output is made twice or not known");
    made_[static_cast<size_t>(out)] = true;
    const TensorId base = graph_.storage(out);
    expect(base == out || !made_[static_cast<size_t>(base)],
           "what its output lies in is made twice");
    if (base != out) parts_made_[static_cast<size_t>(base)].push_back(out);
  }

  template <typename Op>
  void verify_window(const Op& op) const {
    expect(in_range(op.kh, 1, kMaxStep) && in_range(op.kw, 1, kMaxStep), "kernel outside 1..65535");
    expect(in_range(op.stride_h, 1, kMaxStep) && in_range(op.stride_w, 1, kMaxStep),
           "stride outside 1..65535");
    for (int64_t pad : {op.pad_top, op.pad_left, op.pad_bottom, op.pad_right}) {
      expect(in_range(pad, -kMaxPad, kMaxPad), "pad outside 16 bits");
    }
  }

  void verify_conv(const QConv& conv) {
    verify_ends(conv.in, conv.out);
    verify_window(conv);
    expect(in_range(conv.dil_h, 1, kMaxStep) && in_range(conv.dil_w, 1, kMaxStep),
           "dilation outside 1..65535");
    const QTensor &in = tensor(conv.in), &out = tensor(conv.out);
    expect(in.type == isa::ElementType::kInt8 || conv.group == 1, "narrow activations in groups");
    expect(
        in.type.bits() > 1 || conv.weight_type.bits() > 1 || in.zero_point == -1 || !conv.padded(),
        "padding of one-bit activations that meet one-bit weights is not -1");
    const bool tail = in.c * in.type.bits() % 8 != 0;
    expect(in.type.bits() == 1 || in.type.bits() == 8 || conv.weight_type.bits() > 1 ||
               in.zero_point == 0 || !tail || !conv.padded(),
           "padding meets one-bit weights beyond the last channel");
    expect(conv.group >= 1 && in.c % conv.group == 0 && out.c % conv.group == 0,
           fmt::format("{} groups do not divide {} and {} channels", conv.group, in.c, out.c));
    const auto weights = static_cast<size_t>(out.c * conv.kh * conv.kw * (in.c / conv.group));
    expect(conv.weights.size() == weights,
           fmt::format("{} weights, expected {}", conv.weights.size(), weights));
    expect(std::all_of(conv.weights.begin(), conv.weights.end(),
                       [&](int8_t w) { return conv.weight_type.holds(w); }),
           fmt::format("a weight needs more than {} bits", conv.weight_type.bits()));
    const int64_t room_h = in.h + conv.pad_top + conv.pad_bottom - conv.dil_h * (conv.kh - 1) - 1;
    const int64_t room_w = in.w + conv.pad_left + conv.pad_right - conv.dil_w * (conv.kw - 1) - 1;
    expect(room_h >= 0 && room_w >= 0, "kernel larger than the padded input");
    const bool fits =
        out.n == in.n && out.h == room_h / conv.stride_h + 1 && out.w == room_w / conv.stride_w + 1;
    expect(fits, fmt::format("output {} does not fit input {}", size_text(out), size_text(in)));
    verify_post(conv.post, conv.out);
    if (!out.sums()) return;
    expect(!conv.post.residual && !conv.post.table && !out.place,
           "sums have a residual, a table or another's place");
    expect(out.channel_scale.size() == conv.post.scale.size(), "sums without a scale a channel");
    expect(std::all_of(conv.post.scale.begin(), conv.post.scale.end(),
                       [](float scale) { return scale == 1.0f; }) &&
               conv.post.out_zero == 0 && conv.post.clamp_lo == -128 && conv.post.clamp_hi == 127,
           "sums are scaled or clamped");
  }

  void verify_pool(const QPool& pool) {
    verify_ends(pool.in, pool.out);
    verify_window(pool);
    const QTensor& in = tensor(pool.in);
    const int64_t room_h = in.h + pool.pad_top + pool.pad_bottom - pool.kh;
    const int64_t room_w = in.w + pool.pad_left + pool.pad_right - pool.kw;
    expect(room_h >= 0 && room_w >= 0, "window larger than the padded input");
    expect(!pool.sum || pool.kh * pool.kw <= kMaxSummed,
           fmt::format("the sum of {} bytes may leave 32 bits", pool.kh * pool.kw));
    expect(!pool.pad_byte || (pool.sum && !pool.exclude_pad && *pool.pad_byte >= in.type.least() &&
                              *pool.pad_byte <= in.type.greatest()),
           "a byte of padding that does not count or fit");
    check_result(pool.in, pool.out, room_h / pool.stride_h + 1, room_w / pool.stride_w + 1);
    verify_post(pool.post, pool.out);
  }

  void verify_eltwise(const QEltwise& eltwise) {
    verify_ends(eltwise.in, eltwise.out);
    check_result(eltwise.in, eltwise.out, tensor(eltwise.in).h, tensor(eltwise.in).w);
    verify_post(eltwise.post, eltwise.out);
  }

  void check_result(TensorId in, TensorId out, int64_t h, int64_t w) const {
    const QTensor &i = tensor(in), &o = tensor(out);
    expect(o.n == i.n && o.c == i.c && o.h == h && o.w == w,
           fmt::format("output {} does not fit input {}", size_text(o), size_text(i)));
  }

  void verify_post(const QPost& post, TensorId out) const {
    const QTensor& y = tensor(out);
    const auto channels = static_cast<size_t>(y.c);
    const auto fits = [&y](int v) { return v >= y.type.least() && v <= y.type.greatest(); };
    expect(post.table ? std::all_of(post.table->begin(), post.table->end(), fits)
                      : fits(post.clamp_lo) && fits(post.clamp_hi),
           fmt::format("results need more than {} bits", y.type.bits()));
    expect(post.bias.size() == channels && post.scale.size() == channels,
           "bias or scale is not one a channel");
    expect(std::all_of(post.scale.begin(), post.scale.end(), isa::legal_scale),
           "scale outside [2^-64, 2^64)");
    expect(is_byte(post.out_zero) && is_byte(post.clamp_lo) && is_byte(post.clamp_hi),
           "zero or clamp outside a byte");
    expect(post.clamp_lo <= post.clamp_hi, "clamp bounds in the wrong order");
    if (!post.residual) return;
    const QResidual& r = *post.residual;
    expect(available(r.tensor) && r.tensor != out && !tensor(r.tensor).sums(),
           "its residual is not made before it");
    const QTensor& other = tensor(r.tensor);
    const bool pixel = other.h == 1 && other.w == 1;
    expect(other.n == y.n && ((other.h == y.h && other.w == y.w) || pixel) && other.c == y.c,
           "residual of another shape");
    expect(is_byte(r.zero) && is_byte(r.mid_zero) && is_byte(r.mid_lo) && is_byte(r.mid_hi),
           "residual outside a byte");
    expect(r.mid_lo <= r.mid_hi, "residual bounds in the wrong order");
    expect(isa::legal_scale(r.scale) && isa::legal_scale(r.mid_scale),
           "residual scale outside [2^-64, 2^64)");
  }

  const QGraph& graph_;
  const QOp& op_;
  std::vector<bool>& made_;
  std::vector<std::vector<TensorId>>& parts_made_;  ///< by tensor: what operators made in it
};

void verify_place(const QGraph& graph, const QTensor& t) {
  const auto expect = [&](bool condition, const char* what) {
    if (!condition) fail(fmt::format("tensor '{}': {}", t.name, what));
  };
  const QPlace& p = *t.place;
  expect(p.base >= 0 && static_cast<size_t>(p.base) < graph.tensors.size(), "lies in no tensor");
  const QTensor& base = graph.tensors[static_cast<size_t>(p.base)];
  expect(!base.place, "what it lies in lies in another tensor");
  expect(base.scale == t.scale && base.zero_point == t.zero_point,
         "scale and zero point differ from what it lies in");
  if (p.reshaped) return expect(base.elements() == t.elements(), "reshaped to another size");
  expect(p.h >= 0 && p.w >= 0 && p.c >= 0 && p.step_h >= 1 && p.step_w >= 1 &&
             p.h + (t.h - 1) * p.step_h < base.h && p.w + (t.w - 1) * p.step_w < base.w &&
             p.c + t.c <= base.c,
         "lies partly outside its place");
}

/// Places are where they can be, and no two operators write to the same bytes.
void verify_places(const QGraph& graph) {
  for (const QTensor& t : graph.tensors)
    if (t.place) verify_place(graph, t);
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    const TensorId a = graph.ops[i].out();
    if (a < 0 || static_cast<size_t>(a) >= graph.tensors.size() || graph.storage(a) == a) continue;
    for (size_t k = 0; k < i; ++k) {
      const TensorId b = graph.ops[k].out();
      if (b == a || graph.storage(b) == b || graph.storage(a) != graph.storage(b)) continue;
      const QTensor &s = graph.tensors[static_cast<size_t>(a)],
                    &t = graph.tensors[static_cast<size_t>(b)];
      if (!apart(s, t))
        fail(fmt::format("tensors '{}' and '{}' lie in the same place", s.name, t.name));
    }
  }
  for (const auto* list : {&graph.inputs, &graph.outputs}) {
    for (TensorId id : *list) {
      const QTensor& t = graph.tensors[static_cast<size_t>(id)];
      if (t.type.bits() < 8 && !graph.timing_only)
        fail(fmt::format("tensor '{}': the network's, but not of 8 bits", t.name));
      if (t.place && (list == &graph.inputs || !t.place->reshaped))
        fail(fmt::format("tensor '{}': the network's, but it lies in another", t.name));
    }
  }
}

}  // namespace

void verify(const QGraph& graph) {
  if (!in_range(graph.batch, 1, kMaxSize))
    fail(fmt::format("batch {} is outside 1..{}", graph.batch, kMaxSize));
  for (const QTensor& t : graph.tensors) {
    const bool sizes = t.n == graph.batch && in_range(t.h, 1, kMaxSize) &&
                       in_range(t.w, 1, kMaxSize) && in_range(t.c, 1, kMaxSize);
    if (!sizes) {
      fail(fmt::format("tensor '{}' is {} at batch {}, expected sizes in 1..{}", t.name,
                       size_text(t), graph.batch, kMaxSize));
    }
    // In floating point: the product of four sizes may leave 64 bits.
    const double bytes = static_cast<double>(t.n * t.h) * static_cast<double>(t.w * t.c);
    if (bytes > kMaxBytes) {
      fail(
          fmt::format("tensor '{}' takes {} bytes, expected at most {}", t.name, bytes, kMaxBytes));
    }
    if (const std::string_view why = t.type.reserved(); !why.empty())
      fail(fmt::format("tensor '{}': {} is reserved: {}", t.name, t.type.name(), why));
    if (t.type.bits() < 8 && t.place)
      fail(fmt::format("tensor '{}': {} bits are not legal here", t.name, t.type.bits()));
    if (!is_byte(t.zero_point) || !(t.scale > 0 && t.scale < INFINITY)) {
      fail(fmt::format("tensor '{}': scale {} or zero point {} is not legal", t.name, t.scale,
                       t.zero_point));
    }
  }
  std::vector<bool> made(graph.tensors.size(), false);
  const auto check_id = [&](TensorId id) {
    if (id < 0 || static_cast<size_t>(id) >= made.size())
      fail(fmt::format("graph '{}': no tensor {}", graph.name, id));
    return static_cast<size_t>(id);
  };
  for (TensorId id : graph.inputs) made[check_id(id)] = true;
  for (TensorId id : graph.outputs) check_id(id);
  verify_places(graph);
  std::vector<std::vector<TensorId>> parts_made(graph.tensors.size());
  for (const QOp& op : graph.ops) OpVerifier(graph, op, made, parts_made).verify();
  for (size_t i = 0; i < made.size(); ++i) {
    int64_t elements = 0;
    for (const TensorId part : parts_made[i])
      elements += graph.tensors[static_cast<size_t>(part)].elements();
    if (!made[i] && !graph.tensors[i].place && elements != graph.tensors[i].elements())
      fail(fmt::format("tensor '{}' is made by no operator", graph.tensors[i].name));
  }
  if (graph.inputs.empty() || graph.outputs.empty())
    fail(fmt::format("graph '{}': no input or no output", graph.name));
}

}  // namespace systole::graph
