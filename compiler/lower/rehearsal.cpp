// SPDX-License-Identifier: Apache-2.0
// An event-driven sketch of the core: five units in order, one DRAM bus, a ring of weight tiles.
#include "compiler/lower/rehearsal.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <queue>

#include "compiler/lower/cost.h"

namespace systole::lower {
namespace {

constexpr double kIssue = 3;    // take, lock, run
constexpr double kRequest = 3;  // arbitration and the registers on the way to the memory
constexpr int kLda = static_cast<int>(isa::Unit::kLda);
constexpr int kLdw = static_cast<int>(isa::Unit::kLdw);
constexpr int kMxu = static_cast<int>(isa::Unit::kMxu);
constexpr int kVpu = static_cast<int>(isa::Unit::kVpu);
constexpr int kSto = static_cast<int>(isa::Unit::kSto);
constexpr int kLots = 4;            // of bursts that a DMA has in flight
constexpr double kRounding = 1e-6;  // of sums that are compared
constexpr uint64_t kUbPorts = (uint64_t{1} << 32) - 1;

/// Cycles that operations keep the array, the vector unit and the data bus busy for.
struct Busy {
  double mxu = 0, vpu = 0, bus = 0;

  void add(int unit, const OpCost& cost, double beat) {
    if (unit == kMxu) mxu += kIssue + cost.tile_rows * static_cast<double>(cost.tiles);
    if (unit == kVpu) vpu += kIssue + cost.steps;
    bus += cost.beats * beat;
  }
  double most() const { return std::max({mxu, vpu, bus}); }
};

class Rehearsal {
 public:
  Rehearsal(const TileProgram& program, const std::vector<OpCost>& costs,
            const std::vector<Dependencies>& dependencies, const std::vector<OpIndex>& order,
            const arch::ArchConfig& arch, double limit)
      : costs_(costs),
        dependencies_(dependencies),
        order_(order),
        limit_(limit + kRounding),
        hw_(arch.hw),
        geometry_(arch.hw),
        begins_(program.ops.size()),
        ends_(program.ops.size()) {
    beat_ = beat_cycles(arch, geometry_);
    latency_ = arch::memory_latency_cycles(arch) + kRequest;
    lot_bursts_ = std::max(1.0, hw_.outstanding / static_cast<double>(kLots));
    lot_tiles_ = std::max<int64_t>(1, hw_.wb_tiles / 2);
    credits_ = hw_.wb_tiles;
    done_.fill(kNoOp);
    op_units_.reserve(program.ops.size());
    for (const TileOp& op : program.ops) {
      const auto unit = static_cast<uint8_t>(unit_of(op.instruction));
      left_.add(unit, costs_[op_units_.size()], beat_);
      op_units_.push_back(unit);
    }
    for (const OpIndex op : order) unit_for(op).ops.push_back(op);
  }

  std::optional<RehearsalResult> run() {
    if (left_.most() > limit_) return std::nullopt;
    advance();
    while (next())
      if (least_ > limit_) return std::nullopt;
    if (*std::max_element(ends_.begin(), ends_.end()) > limit_) return std::nullopt;
    return RehearsalResult{std::move(begins_), std::move(ends_), first_compute_, bus_work_};
  }

 private:
  enum class What { kWake, kEnd, kRelease };
  /// Those of one time come in the order in which they were made.
  struct Moment {
    double time = kNoTime;
    int64_t number = 0;
    bool before(const Moment& o) const {
      return time != o.time ? time < o.time : number < o.number;
    }
  };
  struct Event {
    Moment at;
    What what;
    int unit;
    OpIndex op;
    uint64_t ports;
    bool operator<(const Event& o) const { return o.at.before(at); }
  };
  struct UnitState {
    std::vector<OpIndex> ops;   ///< in the order of the program
    size_t queued = 0;          ///< of `ops`: dispatched
    size_t taken = 0;           ///< of those: begun
    int64_t tried = -1;         ///< at which state of the others the next one had to wait
    OpIndex op = kNoOp;         ///< that the unit's front works on
    double begin = 0;           ///< of that
    int64_t lots = 0, lot = 0;  ///< DMA: of the operation, and how many were asked for
    double slots[kLots] = {};   ///< DMA: when each lot of bursts may be asked for again
    int slot = 0;
    double drained = 0;  ///< DMA: end of the unit's own work so far
    double wake = -1;    ///< when the last wake for a slot is
    int holders[64] = {};
    uint64_t held = 0;  ///< ports
  };
  /// Weight tiles on their way from DRAM or, having arrived, waiting for room in the ring.
  struct Lot {
    Moment arrival;
    OpIndex op;
    int64_t tiles;
    double steps;
    int slot;
    bool last;
  };
  /// Something that the ring or the array does, one at a time.
  struct Step {
    Moment end;
    int64_t tiles = 0;
    bool under_way() const { return end.time < kNoTime; }
  };

  static void drained(Lot& lot, int64_t tiles) {
    lot.steps *=
        lot.tiles > 0 ? 1 - static_cast<double>(tiles) / static_cast<double>(lot.tiles) : 0;
    lot.tiles -= tiles;
    if (lot.tiles == 0) lot.steps = 0;
  }

  Moment moment(double time) { return {std::max(time, now_), number_++}; }
  void at(double time, What what, int unit, OpIndex op = kNoOp, uint64_t ports = 0) {
    events_.push({moment(time), what, unit, op, ports});
  }

  /// Goes on to what comes next, and begins what can begin then; false: nothing comes.
  bool next() {
    // While one lot is drained into the ring others only queue up behind it.
    const bool dispatches = can_dispatch();
    const bool counts = arrived_ < lots_there_ && (!drain_.under_way() || dispatches);
    const Moment arrival = counts ? lot(arrived_).arrival : Moment{};
    const Moment event = events_.empty() ? Moment{} : events_.top().at;
    const bool drains = drain_.end.before(arrival);
    const Moment weights = drains ? drain_.end : arrival;
    const bool computes = work_.end.before(weights);
    const Moment others = computes ? work_.end : weights;
    if (event.before(others)) {
      go_to(event);
      const Event top = events_.top();
      events_.pop();
      handle(top);
      advance();
      return true;
    }
    if (others.time == kNoTime) return false;
    go_to(others);
    if (computes)
      end_tiles();
    else if (drains)
      end_drain();
    else
      ++arrived_;
    dispatches ? advance() : advance_weights();
    return true;
  }

  /// Lots on their way until `moment` have arrived then.
  void go_to(const Moment& moment) {
    now_ = moment.time;
    while (arrived_ < lots_there_ && lot(arrived_).arrival.before(moment)) ++arrived_;
  }

  void handle(const Event& event) {
    UnitState& unit = units_[event.unit];
    switch (event.what) {
      case What::kWake:
        break;
      case What::kEnd:
        ++state_;
        done_[event.unit] = event.op;
        ends_[static_cast<size_t>(event.op)] = now_;
        if (event.unit == kVpu) {
          unit.op = kNoOp;
          left_.vpu -= kIssue + cost(event.op).steps;
          expect(now_ + left_.vpu);
        }
        break;
      case What::kRelease:
        ++state_;
        hold(unit, event.ports, -1);
        break;
    }
  }

  void end_drain() {
    ready_ += drain_.tiles;
    drained(lot(0), drain_.tiles);
    drain_ = {};
  }

  void end_tiles() {
    const OpIndex op = units_[kMxu].op;
    tiles_left_ -= work_.tiles;
    if (!cost(op).keep) credits_ += work_.tiles;
    work_ = {};
    if (tiles_left_ == 0) finish_matmul(op);
  }

  /// The same when nothing has ended but loads and uses of weight tiles: then no other unit begins
  /// an operation.
  void advance_weights() {
    drain_weights();
    if (units_[kLda].op != kNoOp) step_dma(kLda);
    step_dma(kLdw);
    if (units_[kSto].op != kNoOp) step_dma(kSto);
    step_mxu();
  }

  void advance() {
    dispatch();
    drain_weights();
    for (const int unit : {kLda, kLdw, kSto}) step_dma(unit);
    step_mxu();
    step_vpu();
  }

  /// It cannot end before `cycles`.
  void expect(double cycles) { least_ = std::max(least_, cycles); }

  const OpCost& cost(OpIndex op) const { return costs_[static_cast<size_t>(op)]; }

  /// The unit that `op` is for.
  UnitState& unit_for(OpIndex op) { return units_[op_units_[static_cast<size_t>(op)]]; }

  Lot& lot(size_t index) { return lots_[(first_lot_ + index) % kLots]; }

  /// Whether the queue of the next operation's unit has room.
  bool can_dispatch() {
    if (dispatched_ == order_.size()) return false;
    const UnitState& unit = unit_for(order_[dispatched_]);
    return unit.queued - unit.taken < static_cast<size_t>(hw_.queue_depth);
  }

  void dispatch() {
    while (can_dispatch()) {
      ++unit_for(order_[dispatched_]).queued;
      ++dispatched_;
      const double service = isa::kInstructionBytes * beat_ / geometry_.axi_bytes;
      bus_ = std::max(bus_, now_) + service;
      bus_work_ += service;
    }
  }

  static void hold(UnitState& unit, uint64_t ports, int change) {
    for (; ports != 0; ports &= ports - 1) {
      const int bit = std::countr_zero(ports);
      unit.holders[bit] += change;
      const uint64_t mask = uint64_t{1} << bit;
      unit.held = unit.holders[bit] > 0 ? unit.held | mask : unit.held & ~mask;
    }
  }

  /// Begins the operation at the head of a unit's queue, if it may.
  bool take(int index) {
    UnitState& unit = units_[index];
    // What the others begin does not let it begin, only what they end.
    if (unit.taken == unit.queued || unit.tried == state_) return false;
    unit.tried = state_;
    const OpIndex op = unit.ops[unit.taken];
    const uint64_t ports = cost(op).ports;
    for (int other = 0; other < isa::kUnits; ++other) {
      if (done_[other] < dependencies_[static_cast<size_t>(op)][other]) return false;
      if (other != index && (units_[other].held & ports) != 0) return false;
    }
    hold(unit, ports, 1);
    ++unit.taken;
    unit.tried = -1;
    unit.op = op;
    unit.begin = now_ + kIssue;
    begins_[static_cast<size_t>(op)] = unit.begin;
    at(unit.begin, What::kWake, index);
    if (index == kLdw || index == kLda || index == kSto) {
      unit.lots = std::max<int64_t>(1, std::llround(std::ceil(cost(op).bursts / lot_bursts_)));
      unit.lot = 0;
    }
    return true;
  }

  /// Asks for lots of bursts while slots are free.
  void step_dma(int index) {
    UnitState& unit = units_[index];
    while (unit.op != kNoOp || take(index)) {
      if (unit.begin > now_) return;
      double& slot = unit.slots[unit.slot];
      if (slot > now_) {
        if (slot < kNoTime && unit.wake != slot) at(unit.wake = slot, What::kWake, index);
        return;
      }
      const OpCost& c = cost(unit.op);
      const double share = 1.0 / static_cast<double>(unit.lots);
      const bool last = unit.lot + 1 == unit.lots;
      const double steps = c.steps * share;
      double request = now_;
      if (index == kSto) request = unit.drained = std::max(now_, unit.drained) + steps;
      const double service = c.beats * share * beat_;
      bus_ = std::max(bus_, request + latency_) + service;
      bus_work_ += service;
      left_.bus -= service;
      expect(bus_ + left_.bus);
      if (index == kLdw) {
        slot = kNoTime;  // until there was room in the ring
        const int64_t tiles = c.tiles * (unit.lot + 1) / unit.lots - c.tiles * unit.lot / unit.lots;
        // It arrives when the bus is through with it.
        lot(lots_there_++) = {moment(bus_), unit.op, tiles, steps, unit.slot, last};
      } else {
        if (index == kLda) {
          const double tail = steps / std::min(lot_bursts_, std::max(1.0, c.bursts * share));
          unit.drained = std::max(bus_ + tail, unit.drained + steps);
        }
        slot = index == kLda ? unit.drained : bus_;
        if (last) {
          at(unit.drained + 1, What::kRelease, index, unit.op, c.ports);
          at(slot + 2, What::kEnd, index, unit.op);
        }
      }
      unit.slot = (unit.slot + 1) % kLots;
      if (last)
        unit.op = kNoOp;
      else
        ++unit.lot;
    }
  }

  /// Moves tiles that have arrived into the ring.
  void drain_weights() {
    while (!drain_.under_way() && arrived_ > 0) {
      const Lot& front = lot(0);
      if (front.steps == 0) {
        units_[kLdw].slots[front.slot] = now_;
        if (front.last) at(now_ + 1, What::kEnd, kLdw, front.op);
        first_lot_ = (first_lot_ + 1) % kLots;
        --lots_there_;
        --arrived_;
        continue;
      }
      const int64_t tiles = std::min({front.tiles, credits_, lot_tiles_});
      if (tiles == 0 && front.tiles > 0) return;
      credits_ -= tiles;
      const double part =
          front.tiles > 0 ? static_cast<double>(tiles) / static_cast<double>(front.tiles) : 1;
      drain_ = {moment(now_ + front.steps * part), tiles};
    }
  }

  void step_mxu() {
    UnitState& unit = units_[kMxu];
    if (unit.op == kNoOp) {
      if (!take(kMxu)) return;
      tiles_left_ = cost(unit.op).tiles;
    }
    if (work_.under_way() || unit.begin > now_) return;
    const int64_t tiles = std::min({tiles_left_, ready_, lot_tiles_});
    if (tiles == 0) return;
    first_compute_ = std::min(first_compute_, now_);
    ready_ -= tiles;
    work_ = {moment(now_ + cost(unit.op).tile_rows * static_cast<double>(tiles)), tiles};
  }

  void finish_matmul(OpIndex op) {
    const OpCost& c = cost(op);
    if (c.keep) ready_ += c.tiles;
    left_.mxu -= kIssue + c.tile_rows * static_cast<double>(c.tiles);
    expect(now_ + left_.mxu);
    units_[kMxu].op = kNoOp;
    at(now_, What::kRelease, kMxu, op, c.ports & kUbPorts);
    at(now_ + c.drain, What::kEnd, kMxu, op);
    at(now_ + c.drain, What::kRelease, kMxu, op, c.ports & ~kUbPorts);
  }

  void step_vpu() {
    UnitState& unit = units_[kVpu];
    if (unit.op != kNoOp || !take(kVpu)) return;
    if (cost(unit.op).steps > 1) first_compute_ = std::min(first_compute_, now_);
    const double end = now_ + kIssue + cost(unit.op).steps;
    at(end, What::kRelease, kVpu, unit.op, cost(unit.op).ports);
    at(end, What::kEnd, kVpu, unit.op);
  }

  const std::vector<OpCost>& costs_;
  const std::vector<Dependencies>& dependencies_;
  const std::vector<OpIndex>& order_;
  const double limit_;
  const isa::HwParams& hw_;
  const arch::Geometry geometry_;
  double beat_ = 1, latency_ = 0, lot_bursts_ = 1;
  int64_t lot_tiles_ = 1;

  std::vector<uint8_t> op_units_;  ///< by operation
  std::vector<double> begins_, ends_;
  std::priority_queue<Event> events_;
  std::array<UnitState, isa::kUnits> units_;
  Dependencies done_;
  /// Lots between their request and their place in the ring, no more than there are slots.
  std::array<Lot, kLots> lots_;
  size_t first_lot_ = 0, lots_there_ = 0;
  size_t arrived_ = 0;  ///< of those
  Step drain_, work_;   ///< of the lot in front into the ring, of the array
  size_t dispatched_ = 0;
  int64_t number_ = 0;
  double first_compute_ = kNoTime, bus_work_ = 0;
  Busy left_;                 ///< with what has not ended, on the bus what was not asked for
  double least_ = 0;          ///< cycles in all, as far as is known
  double now_ = 0, bus_ = 0;  ///< bus_: end of what the DRAM's data bus is promised to
  int64_t credits_ = 0, ready_ = 0, tiles_left_ = 0;
  int64_t state_ = 0;  ///< counts what can let an operation begin
};

}  // namespace

double least_cycles(const TileProgram& program, const std::vector<OpCost>& costs,
                    const arch::ArchConfig& arch) {
  const double beat = beat_cycles(arch, arch::Geometry(arch.hw));
  Busy busy;
  for (size_t k = 0; k < costs.size(); ++k)
    busy.add(static_cast<int>(unit_of(program.ops[k].instruction)), costs[k], beat);
  return busy.most() - kRounding;
}

std::optional<RehearsalResult> rehearse(const TileProgram& program,
                                        const std::vector<OpCost>& costs,
                                        const std::vector<Dependencies>& dependencies,
                                        const std::vector<OpIndex>& order,
                                        const arch::ArchConfig& arch, double limit) {
  return Rehearsal(program, costs, dependencies, order, arch, limit).run();
}

}  // namespace systole::lower
