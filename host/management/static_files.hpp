// The console, as it was built: read into memory when the host starts, so that no request can name a file. Single-page:
// a path that is none of its files and looks like a page is its index.html.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "punktfunk/http/server.hpp"

namespace punktfunk::management {

class StaticFiles {
  public:
    static constexpr size_t kMostFiles = 2000, kMostBytes = 64 << 20;

    // No directory: a page that says how to build the console. Symbolic links and hidden files are left out.
    static Result<StaticFiles> load(const std::filesystem::path& directory);

    // For a GET or HEAD of a path as it was sent; 404 for what is not there, 405 for other methods.
    [[nodiscard]] http::Response answer(const http::Request& request) const;
    [[nodiscard]] bool built() const { return files_.contains("/index.html"); }

  private:
    struct File {
        std::string type, etag, body, gzipped;  // gzipped: empty when that is no smaller
        bool immutable = false;                 // its name changes with its content
    };
    [[nodiscard]] static http::Response send(const File& file, const http::Request& request);
    std::map<std::string, File, std::less<>> files_;  // by path, "/index.html"
};

}  // namespace punktfunk::management
