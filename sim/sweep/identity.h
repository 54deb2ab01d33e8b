// SPDX-License-Identifier: Apache-2.0
// Points of a sweep as configurations of a database: what they are, not where they stand.
#pragma once

#include <string>
#include <unordered_map>

#include "sim/results/configuration.h"
#include "sim/sweep/machines.h"

namespace systole::sweep {

/// The architecture and what is changed of it.
std::string hardware_text(const SweepPoint& point);

/// What `content` is told by: 128 bits of its hash, enough for things that nobody forges.
std::string identity_of(const std::string& content);
/// Of a network's file and of those beside it that hold its tensors.
std::string network_identity(const std::filesystem::path& file);

/// Of hardware, whatever it is called.
std::string machine_identity(const arch::ArchConfig& arch);
/// The same where that of its memory is known.
std::string machine_identity(const arch::ArchConfig& arch, const std::string& memory);

/// A table of energies: its name, and what it says.
results::Part energy_table_part(const std::string& name_or_path);

/// Of all that `configuration` is made of: what an Identifier says of the same point.
std::string configuration_identity(const results::Configuration& configuration);

/// Reads every file once.
class Identifier {
 public:
  /// Equal for points that must give equal results: the content of files counts, and what an
  /// architecture comes to. Throws Error if a file cannot be read; hardware that cannot be made is
  /// told by its text.
  results::Configuration configuration(const SweepPoint& point);

  /// The hardware that it has read.
  Machines& machines() { return machines_; }

  /// Its identity alone, in a hundredth of a millisecond.
  std::string identity(const SweepPoint& point);

 private:
  results::Network network(const SweepPoint& point);
  /// Of all that its accuracy depends on; empty: it has none.
  std::string evaluation(const SweepPoint& point, const std::string& network);
  const std::string& dataset(const std::filesystem::path& file);
  /// Name and content of its policy; empty: it has none.
  std::string precision(const SweepPoint& point);
  const results::Part& energy_table(const SweepPoint& point);
  const results::Memory& memory(const arch::ArchConfig& arch);
  results::Machine machine(const SweepPoint& point);
  std::string machine_identity(const SweepPoint& point);
  /// All but network, machine and accuracy.
  void describe(const SweepPoint& point, results::Configuration& made);
  std::string identity(const SweepPoint& point, const std::string& machine);

  Machines machines_;
  std::unordered_map<std::string, std::string> files_;     ///< identities of networks
  std::unordered_map<std::string, std::string> datasets_;  ///< and of data
  std::unordered_map<std::string, std::string> policies_;
  std::unordered_map<std::string, results::Part> tables_;
  std::unordered_map<const arch::ArchConfig*, results::Memory> memories_;
};

}  // namespace systole::sweep
