// For tests: a private directory that goes with the object.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace punktfunk::moonlight {

class TestDirectory {
  public:
    TestDirectory() {
        std::string name = std::filesystem::temp_directory_path() / "punktfunk-moonlight-XXXXXX";
        if (::mkdtemp(name.data()) != nullptr) path_ = name;
    }
    ~TestDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TestDirectory(const TestDirectory&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

}  // namespace punktfunk::moonlight
