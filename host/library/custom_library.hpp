// The entries that somebody made by hand: library.json (spec §7.2), a JSON array of {id, title, art, launch}, and the
// pictures that were given for them, beside it in library-art/. One thread (control).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "punktfunk/base/error.hpp"
#include "punktfunk/library/entry.hpp"

namespace punktfunk::library {

struct CustomInput {
    std::string title;
    std::array<std::string, kArtKindNames.size()> art;  // addresses of pictures elsewhere, as they were given
    std::optional<Launch> launch;
};

struct CustomEntry : CustomInput {
    std::string id;  // 12 hex digits
};

class CustomLibrary {
  public:
    static constexpr size_t kMax = 1024;  // entries

    // A missing file is an empty library. InvalidArgument, naming the file, for one with a fault: it is not
    // overwritten.
    static Result<CustomLibrary> open(const std::filesystem::path& config_dir);

    [[nodiscard]] const std::vector<CustomEntry>& entries() const { return entries_; }
    [[nodiscard]] const CustomEntry* find(std::string_view id) const;

    // InvalidArgument names the field; NotAvailable: no such entry; Exhausted: kMax. Written before it returns.
    Result<CustomEntry> create(CustomInput input);
    Result<CustomEntry> update(std::string_view id, CustomInput input);
    Result<void> remove(std::string_view id);

    // PNG, JPEG or WebP. Empty bytes take the picture away.
    Result<void> set_picture(std::string_view id, ArtKind kind, std::string_view bytes);
    [[nodiscard]] std::filesystem::path picture(std::string_view id, ArtKind kind) const;  // empty: none was given

  private:
    explicit CustomLibrary(const std::filesystem::path& config_dir)
        : file_(config_dir / "library.json"), art_dir_(config_dir / "library-art") {}
    Result<void> keep(std::vector<CustomEntry> entries);
    [[nodiscard]] std::filesystem::path picture_file(std::string_view id, ArtKind kind) const;

    std::filesystem::path file_, art_dir_;
    std::vector<CustomEntry> entries_;
};

}  // namespace punktfunk::library
