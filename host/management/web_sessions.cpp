#include "web_sessions.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "punktfunk/base/atomic_file.hpp"
#include "punktfunk/base/hex.hpp"
#include "punktfunk/crypto/random.hpp"
#include "punktfunk/management/password.hpp"

namespace punktfunk::management {

using nlohmann::json;

WebSessions::WebSessions(const std::filesystem::path& config_dir) : file_(config_dir / "web-sessions.json") {
    const auto text = read_file(file_);
    const auto list = json::parse(text.value_or("[]"), nullptr, false);
    if (!list.is_array()) return;
    for (const json& entry : list) {
        const auto is = [&](const char* key, auto kind) { return entry.contains(key) && (entry[key].*kind)(); };
        if (!entry.is_object() || !is("cookie", &json::is_string) || !is("password", &json::is_string) ||
            !is("expires", &json::is_number_integer) || sessions_.size() == kMost) {
            continue;
        }
        sessions_.push_back({entry["cookie"], entry["password"], entry["expires"].get<int64_t>()});
    }
}

template <typename Which>
bool WebSessions::end_if(Which which) {
    std::vector<std::string> ended;
    std::erase_if(sessions_, [&](const Session& session) {
        if (!which(session)) return false;
        ended.push_back(session.cookie);
        return true;
    });
    if (ended_) std::ranges::for_each(ended, ended_);
    return !ended.empty();
}

std::string WebSessions::begin(std::string_view password_hash, int64_t now) {
    std::array<uint8_t, 32> random{};
    crypto::random_bytes(random);
    std::string cookie = to_hex(random);
    end_if([&](const Session& s) { return s.expires <= now; });
    if (sessions_.size() >= kMost)
        end_if([oldest = sessions_.front().cookie](const Session& s) { return s.cookie == oldest; });
    sessions_.push_back({sha256_hex(cookie), sha256_hex(password_hash), now + kLifeS});
    store();
    return cookie;
}

bool WebSessions::knows(std::string_view cookie, std::string_view password_hash, int64_t now) const {
    // By hashes of random values: how long a comparison takes tells nothing that could be used.
    const std::string wanted = sha256_hex(cookie);
    const auto found = std::ranges::find(sessions_, wanted, &Session::cookie);
    return found != sessions_.end() && found->expires > now && found->password == sha256_hex(password_hash);
}

void WebSessions::end(std::string_view cookie) {
    const std::string wanted = sha256_hex(cookie);
    if (end_if([&](const Session& s) { return s.cookie == wanted; })) store();
}

void WebSessions::end_all() {
    end_if([](const Session&) { return true; });
    store();
}

void WebSessions::end_stale(std::string_view password_hash, int64_t now) {
    const std::string password = sha256_hex(password_hash);
    if (end_if([&](const Session& s) { return s.expires <= now || s.password != password; })) store();
}

void WebSessions::store() const {
    auto list = json::array();
    for (const Session& s : sessions_)
        list.push_back({{"cookie", s.cookie}, {"password", s.password}, {"expires", s.expires}});
    if (auto written = write_file_atomic(file_, list.dump() + "\n"); !written)
        spdlog::warn("console sessions will not survive a restart: {}", written.error().message);
}

}  // namespace punktfunk::management
