// SPDX-License-Identifier: Apache-2.0
// Draws points, sorts them by the simulator that they need, fills a budget.
#include "sim/verify/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "model/base/error.h"
#include "sim/engine/rtl_builder.h"
#include "sim/report/provenance.h"
#include "sim/sweep/identity.h"
#include "sim/sweep/stored_point.h"

namespace systole::verify {
namespace {

constexpr size_t kLooked = 2000;  // points that a budget chooses from, each with its parameters

/// Microseconds of a cycle on the RTL, from runs of 4x4, 16x16 and 32x32.
double cycle_us(const isa::HwParams& hw) { return 1.5 + 0.006 * hw.rows * hw.cols; }

/// In the order that `seed` makes of them, whatever their numbers are.
void draw(std::vector<results::FinishedPoint>& points, uint64_t seed) {
  std::vector<std::pair<std::string, size_t>> order;
  for (size_t i = 0; i < points.size(); ++i)
    order.emplace_back(report::sha256_of(fmt::format("{} {}", seed, points[i].configuration)), i);
  std::sort(order.begin(), order.end());
  std::vector<results::FinishedPoint> drawn;
  drawn.reserve(order.size());
  for (const auto& [hash, i] : order) drawn.push_back(std::move(points[i]));
  points = std::move(drawn);
}

/// Finds the files of networks, and looks once at each whether it is the one that ran.
class Networks {
 public:
  explicit Networks(std::filesystem::path folder) : folder_(std::move(folder)) {}

  std::filesystem::path find(const results::Network& network) {
    std::filesystem::path file =
        folder_.empty() ? std::filesystem::path(network.path) : folder_ / network.name;
    if (!known_.insert(network.identity).second) return file;
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error))
      throw Error(
          fmt::format("{}: no such file, expected the network that the points ran; "
                      "--networks DIR says where it is now",
                      file.string()));
    if (sweep::network_identity(file) != network.identity)
      throw Error(
          fmt::format("{}: is not the network that the points ran, expected one whose content "
                      "has the SHA-256 {}...",
                      file.string(), network.identity));
    return file;
  }

 private:
  const std::filesystem::path folder_;
  std::set<std::string> known_;  ///< identities
};

class Planner {
 public:
  Planner(results::Connection& database, const Request& request)
      : database_(database), request_(request), networks_(request.networks) {}

  Plan plan(std::vector<results::FinishedPoint> points) {
    plan_.finished = points.size();
    draw(points, request_.seed);
    const bool timed = request_.budget_seconds > 0;
    const size_t wanted = timed ? points.size() : request_.count;
    for (size_t i = 0; i < std::min(wanted, points.size()); ++i) {
      if (timed && looked_ == kLooked) break;
      if (points[i].checked.empty())
        add(points[i]);
      else
        ++plan_.before;
    }
    std::sort(plan_.lots.begin(), plan_.lots.end(),
              [&](const Lot& a, const Lot& b) { return cost(a) < cost(b); });
    if (timed) fill();
    for (const Lot& lot : plan_.lots)
      for (const Item& item : lot.items)
        if (!lot.on_rtl) ++(is_large(item) ? plan_.large_array : plan_.long_run);
    return std::move(plan_);
  }

 private:
  static bool is_large(const Item& item) {
    const results::Machine& machine = item.stored.configuration.machine;
    return std::max(machine.array_rows, machine.array_cols) > kLargestSide;
  }

  void add(const results::FinishedPoint& point) {
    ++looked_;
    Item item{point, results::stored_configuration(database_, point.id), {}, point.seconds};
    const results::Configuration& configuration = item.stored.configuration;
    item.network = networks_.find(configuration.network);
    const isa::HwParams hw = sweep::arch_of(configuration.machine).hw;
    const double on_rtl = static_cast<double>(point.cycles) * cycle_us(hw) * 1e-6;
    const bool rtl = !is_large(item) && on_rtl <= kLongestRun;
    if (rtl) item.seconds += on_rtl;
    lot_of(rtl, configuration.machine.parameters, hw).items.push_back(std::move(item));
  }

  Lot& lot_of(bool rtl, const std::string& parameters, const isa::HwParams& hw) {
    const auto [known, fresh] = lots_.try_emplace(rtl ? parameters : "", plan_.lots.size());
    if (fresh) {
      if (rtl && !builder_) builder_.emplace();
      const double build = !rtl || builder_->has(hw) ? 0 : engine::build_seconds(hw);
      plan_.lots.push_back({rtl, hw, build, {}});
    }
    return plan_.lots[known->second];
  }

  /// RTL before the model; then by the time of a point.
  std::pair<bool, double> cost(const Lot& lot) const {
    return {!lot.on_rtl, lot.seconds(request_.jobs) / static_cast<double>(lot.items.size())};
  }

  /// Leaves what the budget holds.
  void fill() {
    double left = request_.budget_seconds;
    size_t more = request_.count == 0 ? looked_ : request_.count;
    double least = -1;
    for (Lot& lot : plan_.lots) {
      std::sort(lot.items.begin(), lot.items.end(), [](const Item& a, const Item& b) {
        return std::pair(a.seconds, a.point.configuration) <
               std::pair(b.seconds, b.point.configuration);
      });
      const double first = lot.build_seconds + lot.items[0].seconds;
      if (least < 0 || first < least) least = first;
      double spent = lot.build_seconds;
      size_t kept = 0;
      for (; kept < std::min(more, lot.items.size()); ++kept) {
        const double one = lot.items[kept].seconds / (kept == 0 ? 1 : request_.jobs);
        if (spent + one > left) break;
        spent += one;
      }
      lot.items.resize(kept);
      more -= kept;
      if (kept > 0) left -= spent;
    }
    std::erase_if(plan_.lots, [](const Lot& lot) { return lot.items.empty(); });
    if (plan_.lots.empty() && looked_ > 0)
      throw Error(fmt::format(
          "--budget: no point fits into {:.0f} s, the cheapest takes about {:.0f} s with its build",
          request_.budget_seconds, std::max(1.0, least)));
  }

  results::Connection& database_;
  const Request& request_;
  Networks networks_;
  std::optional<engine::RtlBuilder> builder_;  ///< once it is asked
  std::map<std::string, size_t> lots_;
  size_t looked_ = 0;
  Plan plan_;
};

}  // namespace

double Lot::seconds(int jobs) const {
  double sum = 0, longest = 0;
  for (const Item& item : items) {
    sum += item.seconds;
    longest = std::max(longest, item.seconds);
  }
  return build_seconds + std::max(longest, sum / jobs);
}

size_t Plan::points() const {
  return std::accumulate(lots.begin(), lots.end(), size_t{0},
                         [](size_t sum, const Lot& lot) { return sum + lot.items.size(); });
}

double Plan::seconds(int jobs) const {
  return std::accumulate(lots.begin(), lots.end(), 0.0,
                         [&](double sum, const Lot& lot) { return sum + lot.seconds(jobs); });
}

Plan make_plan(results::Connection& database, const std::string& version, const Request& request) {
  std::vector<results::FinishedPoint> points = results::finished_points(database, version);
  if (points.empty()) {
    const std::string file = database.file().string();
    results::Statement other(database, "SELECT name FROM versions WHERE name <> ? LIMIT 1");
    if (other.with(version).step())
      throw Error(
          fmt::format("{}: has no finished points of version {}, but of {}, expected the "
                      "program that ran them",
                      file, version, other.text(0)));
    throw Error(fmt::format("{}: has no finished points, expected some to run again", file));
  }
  return Planner(database, request).plan(std::move(points));
}

}  // namespace systole::verify
