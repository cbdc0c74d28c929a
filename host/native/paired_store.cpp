#include "punktfunk/native/paired_store.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "punktfunk/base/atomic_file.hpp"
#include "punktfunk/base/hex.hpp"

namespace punktfunk::native {

namespace {

std::optional<std::vector<PairedClient>> parse(const std::string& text) {
    const auto document = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!document.is_object() || !document.contains("clients") || !document["clients"].is_array()) return std::nullopt;
    std::vector<PairedClient> clients;
    for (const auto& entry : document["clients"]) {
        if (!entry.is_object() || !entry.contains("name") || !entry["name"].is_string() ||
            !entry.contains("fingerprint") || !entry["fingerprint"].is_string()) {
            return std::nullopt;
        }
        const auto fingerprint = crypto::fingerprint_from_hex(entry["fingerprint"].get<std::string>());
        if (!fingerprint) return std::nullopt;
        auto terms = devices::read_terms(entry);
        if (!terms) return std::nullopt;
        clients.push_back({entry["name"].get<std::string>(), *fingerprint, *terms});
    }
    return clients;
}

std::string serialize(const std::vector<PairedClient>& clients) {
    auto list = nlohmann::json::array();
    for (const auto& client : clients) {
        list.push_back({{"name", client.name}, {"fingerprint", to_hex(client.fingerprint)}});
        devices::write_terms(list.back(), client.terms);
    }
    return nlohmann::json{{"clients", std::move(list)}}.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) +
           "\n";
}

}  // namespace

Result<PairedStore> PairedStore::open(std::filesystem::path file) {
    PairedStore store(std::move(file));
    auto text = read_file(store.file_);
    if (!text) {
        if (text.error().code == ErrorCode::NotAvailable) return store;
        return std::unexpected(std::move(text.error()).in("the list of paired clients"));
    }
    if (auto clients = parse(*text)) {
        store.clients_ = std::move(*clients);
        return store;
    }
    const auto aside = store.file_.string() + ".malformed";
    std::error_code ec;
    std::filesystem::rename(store.file_, aside, ec);
    if (ec)
        return fail(ErrorCode::Io, "{} is malformed and cannot be moved aside: {}", store.file_.string(), ec.message());
    spdlog::warn("{} is malformed: moved to {}; no client is paired now", store.file_.string(), aside);
    return store;
}

const PairedClient* PairedStore::find(const crypto::Fingerprint& fingerprint) const {
    const auto found = std::ranges::find(clients_, fingerprint, &PairedClient::fingerprint);
    return found == clients_.end() ? nullptr : &*found;
}

Result<void> PairedStore::add(PairedClient client) {
    const PairedClient* known = find(client.fingerprint);
    if (known != nullptr && !known->terms.expired(devices::unix_now())) client.terms = known->terms;
    client.terms.paired_at = devices::unix_now();
    auto next = clients_;
    std::erase_if(next, [&](const PairedClient& c) { return c.fingerprint == client.fingerprint; });
    next.push_back(std::move(client));
    return commit(std::move(next));
}

Result<void> PairedStore::change(const crypto::Fingerprint& fingerprint, const devices::Change& change) {
    auto next = clients_;
    const auto found = std::ranges::find(next, fingerprint, &PairedClient::fingerprint);
    if (found == next.end())
        return fail(ErrorCode::NotAvailable, "no paired client has the fingerprint {}", to_hex(fingerprint));
    if (change.name) found->name = *change.name;
    change.apply_to(found->terms);
    return commit(std::move(next));
}

void PairedStore::seen(const crypto::Fingerprint& fingerprint) {
    auto next = clients_;
    const auto found = std::ranges::find(next, fingerprint, &PairedClient::fingerprint);
    if (found == next.end()) return;
    found->terms.last_seen = devices::unix_now();
    if (auto stored = commit(std::move(next)); !stored) spdlog::debug("last seen: {}", stored.error().message);
}

Result<void> PairedStore::remove(const crypto::Fingerprint& fingerprint) {
    auto next = clients_;
    if (std::erase_if(next, [&](const PairedClient& c) { return c.fingerprint == fingerprint; }) == 0) {
        return fail(ErrorCode::NotAvailable, "no paired client has the fingerprint {}", to_hex(fingerprint));
    }
    return commit(std::move(next));
}

Result<void> PairedStore::commit(std::vector<PairedClient> next) {
    if (auto written = write_file_atomic(file_, serialize(next)); !written) return written;
    clients_ = std::move(next);
    return {};
}

}  // namespace punktfunk::native
