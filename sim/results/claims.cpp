// SPDX-License-Identifier: Apache-2.0
// Reads and writes the tables `claimants` and `execution`.
#include "sim/results/claims.h"

namespace systole::results {

Claims::Claims(Connection& database, int64_t version)
    : database_(database),
      version_(version),
      holder_(
          database,
          "SELECT host, boot, process, started, renewed, claimant FROM execution JOIN claimants "
          "ON id = claimant WHERE configuration = ? AND version = ? AND claimed"),
      claim_(database,
             "INSERT INTO execution (configuration, version, claimant, claimed, attempts) VALUES "
             "(?, ?, ?, 1, 1) ON CONFLICT DO UPDATE SET claimant = excluded.claimant, claimed = 1, "
             "attempts = attempts + 1"),
      end_(database,
           "INSERT INTO execution (configuration, version, claimant, claimed, attempts, seconds, "
           "peak_kib) VALUES (?, ?, ?, 0, 1, ?, ?) ON CONFLICT DO UPDATE SET claimant = "
           "excluded.claimant, claimed = 0, seconds = excluded.seconds, peak_kib = "
           "excluded.peak_kib") {
  const Claimant own = this_claimant();
  Transaction entering(database_);
  Statement(database_,
            "INSERT INTO claimants (host, boot, process, started, renewed) VALUES (?, ?, ?, ?, ?)")
      .with(own.host, own.boot, own.process, own.started, own.renewed)
      .run();
  id_ = database_.last_id();
  entering.commit();
  renewed_ = own.renewed;
}

bool Claims::take(const std::string& configuration) {
  if (holder_.with(configuration, version_).step()) {
    const Claimant holder{holder_.text(0), holder_.text(1), holder_.integer(2), holder_.integer(3),
                          holder_.real(4)};
    const bool ours = holder_.integer(5) == id_;
    holder_.reset();
    if (!ours && is_alive(holder, this_claimant())) return false;
  }
  claim_.with(configuration, version_, id_).run();
  return true;
}

void Claims::end(const std::string& configuration, double seconds, int64_t peak_kib) {
  end_.with(configuration, version_, id_, seconds, peak_kib).run();
}

void Claims::release(const std::string& configuration) {
  Transaction releasing(database_);
  Statement(database_, "UPDATE execution SET claimed = 0 WHERE configuration = ? AND version = ?")
      .with(configuration, version_)
      .run();
  Statement(database_,
            "DELETE FROM execution WHERE configuration = ? AND version = ? AND seconds IS NULL")
      .with(configuration, version_)
      .run();
  releasing.commit();
}

void Claims::renew() {
  const double now = this_claimant().renewed;
  if (now - renewed_ < kRenewalSeconds) return;
  renewed_ = now;
  Statement(database_, "UPDATE claimants SET renewed = ? WHERE id = ?").with(now, id_).run();
}

void Claims::close(double inserting) {
  Statement(database_, "UPDATE claimants SET inserting = ? WHERE id = ?")
      .with(inserting, id_)
      .run();
}

}  // namespace systole::results
