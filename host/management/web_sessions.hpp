// Who is logged in to the console: random cookies, of which only hashes are kept, in <config-dir>/web-sessions.json so
// that a restart of the host logs nobody out. One thread; no clock of its own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace punktfunk::management {

class WebSessions {
  public:
    static constexpr int64_t kLifeS = 7 * 24 * 3600;
    static constexpr size_t kMost = 64;  // the oldest goes

    // What cannot be read is forgotten: its owners log in again.
    explicit WebSessions(const std::filesystem::path& config_dir);

    // `password_hash` is the one that it was begun with: another one ends it.
    [[nodiscard]] std::string begin(std::string_view password_hash, int64_t now);  // the cookie's value
    [[nodiscard]] bool knows(std::string_view cookie, std::string_view password_hash, int64_t now) const;
    bool end(std::string_view cookie);  // false: there was none
    void end_all();

  private:
    struct Session {
        std::string cookie, password;  // SHA-256 in hex of either
        int64_t expires = 0;
    };
    void store() const;
    std::filesystem::path file_;
    std::vector<Session> sessions_;  // the oldest first
};

}  // namespace punktfunk::management
