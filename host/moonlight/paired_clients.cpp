#include "paired_clients.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "punktfunk/base/atomic_file.hpp"
#include "punktfunk/base/hex.hpp"
#include "punktfunk/crypto/x509.hpp"
#include "punktfunk/pairing/paired_list.hpp"
#include "punktfunk/wire/device_name.hpp"

namespace punktfunk::moonlight {

namespace {

constexpr size_t kMaxFile = 32 << 20;  // kMax certificates of 8 KiB in hex, and their names

PairedClient entry_of(const std::string& name, Bytes certificate_der) {
    const auto fingerprint = crypto::fingerprint_of(certificate_der);
    return {wire::sanitize_device_name(name, fingerprint), std::move(certificate_der), fingerprint, {}};
}

std::optional<std::vector<PairedClient>> parse(const std::string& text) {
    const auto document = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!document.is_object() || !document.contains("clients") || !document["clients"].is_array()) return std::nullopt;
    std::vector<PairedClient> clients;
    for (const auto& entry : document["clients"]) {
        const auto text_of = [&](const char* key) {
            return entry.is_object() && entry.contains(key) && entry[key].is_string()
                       ? std::optional(entry[key].get<std::string>())
                       : std::nullopt;
        };
        const auto name = text_of("name"), hex = text_of("certificate");
        auto certificate = hex ? from_hex(*hex) : std::nullopt;
        if (!name || !certificate || !crypto::read_certificate(*certificate) || clients.size() == PairedClients::kMax)
            return std::nullopt;
        const auto terms = devices::read_terms(entry);
        if (!terms) return std::nullopt;
        clients.push_back(entry_of(*name, std::move(*certificate)));
        clients.back().terms = *terms;
    }
    return clients;
}

}  // namespace

Result<PairedClients> PairedClients::open(const std::filesystem::path& directory) {
    PairedClients store(directory / "gs-paired.json");
    if (auto text = read_file(store.file_, kMaxFile)) {
        auto clients = parse(*text);
        if (!clients)
            return fail(ErrorCode::InvalidArgument,
                        "{} is not a list of paired clients: correct it, or delete it and pair again",
                        store.file_.string());
        store.clients_ = std::move(*clients);
        return store;
    } else if (text.error().code != ErrorCode::NotAvailable) {
        return std::unexpected(std::move(text.error()).in("the list of paired Moonlight clients"));
    }
    const auto other = directory / "paired.json";
    auto text = read_file(other, kMaxFile);
    if (!text && text.error().code == ErrorCode::NotAvailable) return store;
    auto certificates = text ? pairing::decode_paired_list(*text) : std::unexpected(std::move(text.error()));
    if (!certificates) return std::unexpected(std::move(certificates.error()).in(other.string()));
    for (Bytes& certificate : *certificates) store.clients_.push_back(entry_of("", std::move(certificate)));
    return store;
}

const PairedClient* PairedClients::find(ByteView certificate_der) const {
    const auto found = std::ranges::find_if(
        clients_, [&](const PairedClient& c) { return std::ranges::equal(c.certificate_der, certificate_der); });
    return found == clients_.end() || found->terms.expired(devices::unix_now()) ? nullptr : &*found;
}

const PairedClient* PairedClients::find(const crypto::Fingerprint& fingerprint) const {
    const auto found = std::ranges::find(clients_, fingerprint, &PairedClient::fingerprint);
    return found == clients_.end() || found->terms.expired(devices::unix_now()) ? nullptr : &*found;
}

Result<void> PairedClients::change(const crypto::Fingerprint& fingerprint, const devices::Change& change) {
    auto next = clients_;
    const auto found = std::ranges::find(next, fingerprint, &PairedClient::fingerprint);
    if (found == next.end())
        return fail(ErrorCode::NotAvailable, "no paired client has the fingerprint {}", to_hex(fingerprint));
    if (change.name) found->name = *change.name;
    change.apply_to(found->terms);
    return commit(std::move(next));
}

void PairedClients::seen(const crypto::Fingerprint& fingerprint) {
    auto next = clients_;
    const auto found = std::ranges::find(next, fingerprint, &PairedClient::fingerprint);
    if (found == next.end()) return;
    found->terms.last_seen = devices::unix_now();
    if (auto stored = commit(std::move(next)); !stored) spdlog::debug("last seen: {}", stored.error().message);
}

Result<void> PairedClients::add(std::string name, Bytes certificate_der) {
    PairedClient client = entry_of(name, std::move(certificate_der));
    if (const PairedClient* known = find(client.fingerprint)) client.terms = known->terms;
    client.terms.paired_at = devices::unix_now();
    auto next = clients_;
    std::erase_if(next, [&](const PairedClient& c) { return c.fingerprint == client.fingerprint; });
    if (next.size() == kMax) return fail(ErrorCode::Exhausted, "{} clients are paired: unpair one first", kMax);
    next.push_back(std::move(client));
    return commit(std::move(next));
}

Result<void> PairedClients::remove(const crypto::Fingerprint& fingerprint) {
    auto next = clients_;
    if (std::erase_if(next, [&](const PairedClient& c) { return c.fingerprint == fingerprint; }) == 0)
        return fail(ErrorCode::NotAvailable, "no paired client has the fingerprint {}", to_hex(fingerprint));
    return commit(std::move(next));
}

Result<void> PairedClients::commit(std::vector<PairedClient> next) {
    auto list = nlohmann::json::array();
    for (const auto& client : next) {
        list.push_back({{"name", client.name}, {"certificate", to_hex(client.certificate_der)}});
        devices::write_terms(list.back(), client.terms);
    }
    const std::string text = nlohmann::json{{"clients", std::move(list)}}.dump(2) + "\n";
    if (auto written = write_file_atomic(file_, text); !written) return written;
    clients_ = std::move(next);
    return {};
}

}  // namespace punktfunk::moonlight
