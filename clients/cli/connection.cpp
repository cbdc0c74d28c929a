#include "connection.hpp"

#include "known_hosts.hpp"
#include "punktfunk/base/hex.hpp"

namespace punktfunk::cli {

namespace {

constexpr std::chrono::minutes kApprovalWait{10};  // as long as a host remembers a request (spec §3.5)

void announce_waiting(const std::string& host, const crypto::Fingerprint& own) {
    fmt::print(stderr,
               "{} has not let this device in yet; if it has to be approved there: `punktfunk-host pending`, then "
               "`punktfunk-host approve ID`\nthis device's fingerprint: {}\n",
               host, to_hex(own));
}

}  // namespace

Result<std::unique_ptr<client::NativeClient>> connect(const Target& target, wire::Hello hello, int stop_fd) {
    const auto address = resolve(target.host);
    if (!address) return std::unexpected(address.error());
    const auto identity = crypto::load_or_create_identity(target.config_dir, "client-cert.pem", "client-key.pem",
                                                          crypto::IdentityKind::Client);
    if (!identity) return std::unexpected(identity.error());
    auto known = KnownHosts::load(target.config_dir);
    if (!known) return std::unexpected(known.error());
    const KnownHost* trusted = known->find(address->ip, address->port);
    if (trusted == nullptr && !target.trust_on_first_use) {
        return fail(ErrorCode::Rejected,
                    "{} is not known here: pair with it (punktfunk-client pair {} --pin PIN), or trust whoever answers "
                    "(--tofu; it may have to approve this device first)",
                    target.host, target.host);
    }
    auto connection =
        client::NativeClient::connect({.host = address->ip,
                                       .port = address->port,
                                       .hello = std::move(hello),
                                       .identity = *identity,
                                       .pin = trusted != nullptr ? std::optional(trusted->fingerprint) : std::nullopt,
                                       .approval_wait = kApprovalWait,
                                       .on_waiting = [&] { announce_waiting(target.host, identity->fingerprint); },
                                       .follow_path = target.follow_path,
                                       .cancel_fd = stop_fd});
    if (!connection) return std::unexpected(std::move(connection.error()).in(target.host));
    if (trusted == nullptr) {
        const auto fingerprint = (*connection)->host_fingerprint();
        if (auto stored = known->add({address->text, address->ip, address->port, fingerprint, false}); !stored)
            return std::unexpected(stored.error());
        fmt::print(stderr, "trusting {} from now on: fingerprint {}\n", target.host, to_hex(fingerprint));
    }
    return connection;
}

}  // namespace punktfunk::cli
