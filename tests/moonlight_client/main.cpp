// moonlight-pair IP PORT PIN: a Moonlight client that shows a PIN, and waits until somebody has typed it at the host.
// For tests that type it somewhere else than in C++.
#include <fmt/format.h>

#include <charconv>
#include <string_view>

#include "punktfunk/crypto/identity.hpp"
#include "punktfunk/moonlight_client/host_api.hpp"

using namespace punktfunk;

int main(int argc, char** argv) {
    uint16_t port = 0;
    const std::string_view given = argc == 4 ? argv[2] : "";
    const auto [end, ec] = std::from_chars(given.data(), given.data() + given.size(), port);
    if (given.empty() || ec != std::errc() || end != given.data() + given.size()) {
        fmt::print(stderr, "usage: moonlight-pair IP PORT PIN\n");
        return 2;
    }
    const auto identity = crypto::generate_identity(crypto::IdentityKind::Host);  // RSA, as those clients have it
    if (!identity) {
        fmt::print(stderr, "{}\n", identity.error().message);
        return 1;
    }
    moonlight_client::HostApi host(argv[1], port, *identity);
    if (const auto paired = host.pair(argv[3]); !paired) {
        fmt::print(stderr, "{}\n", paired.error().message);
        return 1;
    }
    const auto info = host.server_info();
    if (!info || !info->paired) {
        fmt::print(stderr, "the host says that it does not know this client\n");
        return 1;
    }
    fmt::print("paired\n");
    return 0;
}
