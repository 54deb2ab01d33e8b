// SPDX-License-Identifier: Apache-2.0
// Which process works on which point, so that several share a database.
#pragma once

#include <string>

#include "sim/results/claimant.h"
#include "sim/results/sqlite.h"

namespace systole::results {

class Claims {
 public:
  /// Claims of this process on points of `version`.
  Claims(Connection& database, int64_t version);

  /// Within a transaction: true if nobody else who is alive works on the point; it is ours then.
  bool take(const std::string& configuration);
  /// Within a transaction: the point's result stands in the database.
  void end(const std::string& configuration, double seconds, int64_t peak_kib);
  /// The point has no result and is nobody's.
  void release(const std::string& configuration);
  /// Tells those on other machines, now and then, that this process is alive.
  void renew();
  /// This process has nothing more to do, and took so long to put points in.
  void close(double inserting);

 private:
  Connection& database_;
  const int64_t version_;
  int64_t id_ = 0;
  double renewed_ = 0;
  Statement holder_, claim_, end_;
};

}  // namespace systole::results
