#include "commands.hpp"
#include "connection.hpp"
#include "known_hosts.hpp"
#include "punktfunk/base/hex.hpp"
#include "punktfunk/client/pairing_client.hpp"

namespace punktfunk::cli {

namespace {
constexpr std::chrono::seconds kPairingPatience{30};
}

Result<void> pair_with_host(const PairOptions& options) {
    const auto address = resolve(options.host);
    if (!address) return std::unexpected(address.error());
    const auto identity = crypto::load_or_create_identity(options.config_dir, "client-cert.pem", "client-key.pem",
                                                          crypto::IdentityKind::Client);
    if (!identity) return std::unexpected(identity.error());
    auto known = KnownHosts::load(options.config_dir);
    if (!known) return std::unexpected(known.error());
    const auto fingerprint =
        client::pair(address->ip, address->port, *identity, options.pin, options.name, kPairingPatience);
    if (!fingerprint) return std::unexpected(Error(fingerprint.error()).in("pairing with " + options.host));
    if (auto stored = known->add({.name = address->text,
                                  .address = address->ip,
                                  .port = address->port,
                                  .fingerprint = *fingerprint,
                                  .paired = true});
        !stored) {
        return stored;
    }
    fmt::print("paired with {}, fingerprint {}\n", options.host, to_hex(*fingerprint));
    return {};
}

}  // namespace punktfunk::cli
