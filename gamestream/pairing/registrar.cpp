#include "registrar.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "punktfunk/crypto/identity.hpp"
#include "punktfunk/wire/device_name.hpp"

namespace punktfunk::pairing {

namespace {

using nvhttp::pair_accepted;
using nvhttp::pair_refused;
using nvhttp::Response;

constexpr size_t kMaxRememberedAddresses = 256;

// Whose an address is: of IPv6 a home has 64 bits full of them.
std::string network_of(const std::string& address) {
    in6_addr six{};
    if (::inet_pton(AF_INET6, address.c_str(), &six) != 1) return address;
    std::fill(std::begin(six.s6_addr) + 8, std::end(six.s6_addr), 0);
    std::array<char, INET6_ADDRSTRLEN> text{};
    return ::inet_ntop(AF_INET6, &six, text.data(), text.size());
}

ByteView bytes_of(std::string_view text) {
    return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace

Response Registrar::host_certificate() const {
    return pair_accepted("plaincert", bytes_of(host_.certificate_pem()));
}

Registrar::Entries::iterator Registrar::find(uint64_t id) {
    return std::ranges::find_if(entries_, [&](const Entry& e) { return e.id == id && e.ceremony.awaits_pin(); });
}

Registrar::Entries::iterator Registrar::find(std::string_view unique_id, std::string_view peer_address) {
    return std::ranges::find_if(
        entries_, [&](const Entry& e) { return e.unique_id == unique_id && e.peer_address == peer_address; });
}

void Registrar::drop(Entries::iterator entry, std::string_view why) {
    if (entry->ceremony.awaits_pin()) released_.push_back({entry->id, pair_refused(400, why)});
    entries_.erase(entry);
}

void Registrar::expire(TimePoint now) {
    for (size_t i = 0; i < entries_.size();) {
        if (now < entries_[i].expires) {
            ++i;
        } else {
            drop(entries_.begin() + static_cast<ptrdiff_t>(i), "the PIN was not entered in time");
        }
    }
    if (one_time_ && one_time_->expired(now)) one_time_.reset();
}

bool Registrar::cooled_down(std::string_view peer_address, TimePoint now) {
    std::erase_if(last_begun_, [&](const auto& last) { return now - last.second >= kCooldown; });
    // Full of addresses of the last second is an attack, and the map must not grow with it.
    if (last_begun_.contains(peer_address) || last_begun_.size() >= kMaxRememberedAddresses) return false;
    last_begun_.emplace(peer_address, now);
    return true;
}

Outcome Registrar::begin(const nvhttp::PairCall& call, const nvhttp::pair_phase::GetServerCertificate& phase,
                         std::string_view peer_address, TimePoint now) {
    if (!cooled_down(peer_address, now)) return pair_refused(400, "too many attempts: try again in a moment");
    if (const auto old = find(call.unique_id, peer_address); old != entries_.end())
        drop(old, "the client began to pair anew");
    const auto of = [&](std::string_view network) {
        return std::ranges::count(entries_, network, [](const Entry& entry) { return network_of(entry.peer_address); });
    };
    // Without a certificate clients say "already pairing".
    if (of(network_of(std::string(peer_address))) >= static_cast<ptrdiff_t>(kMaxPerAddress)) return pair_accepted();
    if (entries_.size() >= kMaxCeremonies) {
        // Who holds more than one place gives one up: a few that hold them all keep nobody out.
        const auto second = std::ranges::find_if(entries_, [&](const Entry& entry) {
            return entry.ceremony.awaits_pin() && of(network_of(entry.peer_address)) > 1;
        });
        if (second == entries_.end()) return pair_accepted();
        drop(second, "others want to pair too");
    }
    auto certificate = parse_client_certificate(phase.client_certificate_pem);
    if (!certificate) return pair_refused(400, certificate.error().message);
    std::string name = wire::sanitize_device_name(call.device_name, crypto::fingerprint_of(certificate->der));
    entries_.push_back({next_id_++, call.unique_id, std::string(peer_address), std::move(name), now + kPinPatience,
                        Ceremony(host_, std::move(*certificate), phase.salt)});
    if (phase.otpauth.empty()) return Held{entries_.back().id};

    const auto one_time = std::exchange(one_time_, std::nullopt);
    if (!one_time || !one_time->matches(phase.otpauth, phase.salt_text) ||
        !entries_.back().ceremony.enter_pin(one_time->pin())) {
        entries_.pop_back();
        return pair_refused(503, "no one-time PIN is armed for this client");
    }
    entries_.back().expires = now + kPhasePatience;
    return host_certificate();
}

Outcome Registrar::handle(const nvhttp::PairCall& call, std::string_view peer_address, TimePoint now) {
    expire(now);
    namespace phase = nvhttp::pair_phase;
    if (const auto* first = std::get_if<phase::GetServerCertificate>(&call.phase))
        return begin(call, *first, peer_address, now);
    // Whoever gets here came over TLS with a paired certificate: route() sees to it.
    if (std::holds_alternative<phase::PairChallenge>(call.phase)) return pair_accepted();

    const auto entry = find(call.unique_id, peer_address);
    const auto* malformed = std::get_if<phase::Malformed>(&call.phase);
    if (entry == entries_.end()) return pair_refused(400, malformed ? malformed->why : "no pairing was begun");
    if (malformed) {
        drop(entry, malformed->why);
        return pair_refused(400, malformed->why);
    }
    if (entry->ceremony.awaits_pin()) {
        drop(entry, "the client did not wait for the PIN");
        return pair_refused(400, "no PIN was entered yet");
    }
    Ceremony& ceremony = entry->ceremony;
    const auto failed = [&](const Error& error) {
        entries_.erase(entry);
        // A wrong PIN is an answer; anything else is a fault of the client.
        return pair_refused(error.code == ErrorCode::Crypto ? 200 : 400, error.message);
    };
    if (const auto* second = std::get_if<phase::ClientChallenge>(&call.phase)) {
        const auto answer = ceremony.client_challenge(second->encrypted);
        if (!answer) return failed(answer.error());
        return pair_accepted("challengeresponse", *answer);
    }
    if (const auto* third = std::get_if<phase::ServerChallengeResponse>(&call.phase)) {
        const auto answer = ceremony.server_challenge_response(third->encrypted);
        if (!answer) return failed(answer.error());
        return pair_accepted("pairingsecret", *answer);
    }
    const auto& fourth = std::get<phase::ClientPairingSecret>(call.phase);
    auto certificate = ceremony.client_pairing_secret(fourth.secret, fourth.signature);
    if (!certificate) return failed(certificate.error());
    Paired paired{{std::move(*certificate), entry->name},
                  pair_accepted(),
                  pair_refused(500, "the host could not store the pairing")};
    entries_.erase(entry);
    // Whoever guessed right is no guesser: another device at that address need not wait.
    if (const auto last = last_begun_.find(peer_address); last != last_begun_.end()) last_begun_.erase(last);
    return paired;
}

std::vector<WaitingClient> Registrar::waiting() const {
    std::vector<WaitingClient> clients;
    for (const Entry& entry : entries_) {
        if (entry.ceremony.awaits_pin()) clients.push_back({entry.id, entry.peer_address, entry.name, entry.expires});
    }
    return clients;
}

Result<void> Registrar::enter_pin(uint64_t id, std::string_view pin, TimePoint now, std::string_view name) {
    expire(now);
    const auto entry = find(id);
    if (entry == entries_.end()) return fail(ErrorCode::NotAvailable, "that client no longer waits for a PIN");
    if (auto entered = entry->ceremony.enter_pin(pin); !entered) return entered;
    if (!name.empty()) entry->name = wire::sanitize_device_name(name, {});
    entry->expires = now + kPhasePatience;
    released_.push_back({id, host_certificate()});
    return {};
}

Result<void> Registrar::reject(uint64_t id) {
    const auto entry = find(id);
    if (entry == entries_.end()) return fail(ErrorCode::NotAvailable, "that client no longer waits for a PIN");
    drop(entry, "pairing was refused at the host");
    return {};
}

Result<void> Registrar::arm_one_time_pin(std::string pin, std::string passphrase, TimePoint now) {
    if (!is_pin(pin)) return fail(ErrorCode::InvalidArgument, "a PIN is four digits");
    if (passphrase.empty()) return fail(ErrorCode::InvalidArgument, "a one-time PIN needs a passphrase");
    one_time_.emplace(std::move(pin), std::move(passphrase), now);
    return {};
}

void Registrar::connection_closed(uint64_t id) {
    if (const auto entry = find(id); entry != entries_.end()) entries_.erase(entry);
}

void Registrar::abort(std::string_view unique_id, std::string_view peer_address) {
    if (const auto entry = find(unique_id, peer_address); entry != entries_.end()) drop(entry, "the client gave up");
}

}  // namespace punktfunk::pairing
