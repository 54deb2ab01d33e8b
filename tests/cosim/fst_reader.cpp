// SPDX-License-Identifier: Apache-2.0
// Walks hierarchy and value changes.
#include "tests/cosim/fst_reader.h"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "gtkwave/fstapi.h"

namespace systole {
namespace {

std::set<std::string> texts_of(const char* table) {
  std::set<std::string> texts;
  fstETab* entries = fstUtilityExtractEnumTableFromString(table);
  if (entries == nullptr) return texts;
  for (uint32_t i = 0; i < entries->elem_count; ++i) texts.insert(entries->literal_arr[i]);
  fstUtilityFreeEnumTable(entries);
  return texts;
}

}  // namespace

FstContents read_fst(const std::filesystem::path& file) {
  void* reader = fstReaderOpen(file.c_str());
  if (reader == nullptr) throw std::runtime_error(file.string() + ": no FST");
  FstContents contents;
  std::map<fstHandle, std::vector<std::string>> names;
  std::vector<std::string> scopes;
  std::map<uint64_t, std::set<std::string>> tables;
  uint64_t next_table = 0;  // of the variable that follows
  while (const fstHier* item = fstReaderIterateHier(reader)) {
    if (item->htyp == FST_HT_SCOPE) scopes.emplace_back(item->u.scope.name);
    if (item->htyp == FST_HT_UPSCOPE) scopes.pop_back();
    if (item->htyp == FST_HT_ATTRBEGIN && item->u.attr.subtype == FST_MT_ENUMTABLE) {
      if (item->u.attr.name_length > 0)
        tables[item->u.attr.arg] = texts_of(item->u.attr.name);
      else
        next_table = item->u.attr.arg;
    }
    if (item->htyp != FST_HT_VAR) continue;
    std::string name;
    for (const std::string& scope : scopes) name += scope + ".";
    name += item->u.var.name;
    std::erase(name, ' ');
    contents.signals[name] = 0;
    names[item->u.var.handle].push_back(name);
    if (next_table != 0) contents.texts[name] = tables[next_table];
    next_table = 0;
  }
  std::map<fstHandle, int> changes;
  fstReaderSetFacProcessMaskAll(reader);
  fstReaderIterBlocks(
      reader,
      [](void* counts, uint64_t, fstHandle handle, const unsigned char*) {
        ++(*static_cast<std::map<fstHandle, int>*>(counts))[handle];
      },
      &changes, nullptr);
  for (const auto& [handle, all] : names)
    for (const std::string& name : all) contents.signals[name] = std::max(0, changes[handle] - 1);
  fstReaderClose(reader);
  return contents;
}

}  // namespace systole
