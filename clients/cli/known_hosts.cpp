#include "known_hosts.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "punktfunk/base/atomic_file.hpp"
#include "punktfunk/base/hex.hpp"

namespace punktfunk::cli {

using nlohmann::json;

Result<KnownHosts> KnownHosts::load(const std::filesystem::path& directory) {
    KnownHosts known;
    known.file_ = directory / "client-known-hosts.json";
    const auto text = read_file(known.file_);
    if (!text) {
        if (text.error().code == ErrorCode::NotAvailable) return known;
        return std::unexpected(text.error());
    }
    const auto unreadable = [&] {
        return fail(ErrorCode::Io, "{} is damaged: correct it, or move it away and pair again", known.file_.string());
    };
    const json stored = json::parse(*text, nullptr, false);
    if (!stored.is_object() || !stored.contains("hosts") || !stored["hosts"].is_array()) return unreadable();
    for (const json& entry : stored["hosts"]) {
        if (!entry.is_object()) return unreadable();
        const auto text_of = [&](const char* key) {
            return entry.contains(key) && entry[key].is_string() ? entry[key].get<std::string>() : "";
        };
        const auto fingerprint = crypto::fingerprint_from_hex(text_of("fp_hex"));
        const auto port =
            entry.contains("port") && entry["port"].is_number_unsigned() ? entry["port"].get<uint64_t>() : 0;
        if (!fingerprint || port == 0 || port > 65535) return unreadable();
        known.hosts_.push_back(
            {.name = text_of("name"),
             .address = text_of("addr"),
             .port = static_cast<uint16_t>(port),
             .fingerprint = *fingerprint,
             .paired = entry.contains("paired") && entry["paired"].is_boolean() && entry["paired"].get<bool>()});
    }
    return known;
}

const KnownHost* KnownHosts::find(const std::string& address, uint16_t port) const {
    const auto found = std::ranges::find_if(
        hosts_, [&](const KnownHost& host) { return host.address == address && host.port == port; });
    return found == hosts_.end() ? nullptr : &*found;
}

Result<void> KnownHosts::add(KnownHost host) {
    auto next = hosts_;
    for (const KnownHost& old : next) {
        if (old.fingerprint == host.fingerprint) host.paired = host.paired || old.paired;
    }
    std::erase_if(next, [&](const KnownHost& old) {
        return old.fingerprint == host.fingerprint || (old.address == host.address && old.port == host.port);
    });
    next.push_back(std::move(host));
    json list = json::array();
    for (const KnownHost& entry : next) {
        list.push_back({{"name", entry.name},
                        {"addr", entry.address},
                        {"port", entry.port},
                        {"fp_hex", to_hex(entry.fingerprint)},
                        {"paired", entry.paired}});
    }
    const auto text = json{{"hosts", std::move(list)}}.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
    if (auto written = write_file_atomic(file_, text); !written) return written;
    hosts_ = std::move(next);
    return {};
}

}  // namespace punktfunk::cli
