// All that clients can start: what scans found, and what was made by hand. One thread (control), or a copy on another;
// scan() itself runs elsewhere and its result is handed in.
#pragma once

#include <vector>

#include "punktfunk/library/custom_library.hpp"
#include "punktfunk/library/entry.hpp"

namespace punktfunk::library {

class Library {
  public:
    explicit Library(CustomLibrary custom) : custom_(std::move(custom)) {}

    // True when the list has changed by it.
    bool set_installed(std::vector<Entry> installed);

    [[nodiscard]] std::vector<Entry> list() const;  // by lower-case title; asks the disk for pictures
    [[nodiscard]] size_t size() const { return installed_.size() + custom_.entries().size(); }
    [[nodiscard]] std::optional<Entry> find(std::string_view id) const;
    [[nodiscard]] CustomLibrary& custom() { return custom_; }

  private:
    [[nodiscard]] Entry entry_of(const CustomEntry& entry) const;

    CustomLibrary custom_;
    std::vector<Entry> installed_;
};

}  // namespace punktfunk::library
