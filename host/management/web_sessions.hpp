// Who is logged in to the console: random cookies, of which only hashes are kept, in <config-dir>/web-sessions.json so
// that a restart of the host logs nobody out. One thread; no clock of its own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace punktfunk::management {

class WebSessions {
  public:
    static constexpr int64_t kLifeS = 7 * 24 * 3600;
    static constexpr size_t kMost = 64;  // the oldest goes

    // Called for every session that ends, however it does, with its cookie's SHA-256 in hex.
    using Ended = std::function<void(const std::string& cookie_hash)>;

    // What cannot be read is forgotten: its owners log in again.
    explicit WebSessions(const std::filesystem::path& config_dir);
    void on_end(Ended ended) { ended_ = std::move(ended); }

    // `password_hash` is the one that it was begun with: another one ends it.
    [[nodiscard]] std::string begin(std::string_view password_hash, int64_t now);  // the cookie's value
    [[nodiscard]] bool knows(std::string_view cookie, std::string_view password_hash, int64_t now) const;
    void end(std::string_view cookie);
    void end_all();
    // Those that have expired, and those of another password.
    void end_stale(std::string_view password_hash, int64_t now);

  private:
    struct Session {
        std::string cookie, password;  // SHA-256 in hex of either
        int64_t expires = 0;
    };
    template <typename Which>
    bool end_if(Which which);
    void store() const;
    std::filesystem::path file_;
    Ended ended_;
    std::vector<Session> sessions_;  // the oldest first
};

}  // namespace punktfunk::management
