// The client's list of trusted hosts, in any state: it is read for what it says or refused and left alone, and what is
// added is found after reading it again.
#include "known_hosts.hpp"

#include <nlohmann/json.hpp>

#include "folder.hpp"

using namespace punktfunk;
using nlohmann::json;

namespace {

constexpr std::string_view kFile = "client-known-hosts.json";

// What the file says about the entries that a host is found by.
void check_found(const cli::KnownHosts& known, const json& hosts) {
    for (const json& entry : hosts) {
        const std::string address = entry.contains("addr") && entry["addr"].is_string() ? entry["addr"] : json("");
        REQUIRE(entry["port"] >= 1 && entry["port"] <= 65535);
        const auto* host = known.find(address, entry["port"].get<uint16_t>());
        REQUIRE(host != nullptr && host->address == address && host->port == entry["port"]);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static const Folder folder;
    const std::string content(reinterpret_cast<const char*>(data), size);
    folder.write(kFile, content);
    auto known = cli::KnownHosts::load(folder.path());
    if (!known) {
        REQUIRE(known.error().code == ErrorCode::Io && folder.read(kFile) == content);
        return 0;
    }
    check_found(*known, json::parse(content)["hosts"]);

    // The name may be any bytes: it is what the user typed or what a peer called itself.
    const cli::KnownHost added{content.substr(0, 20), "192.0.2.7", 9777, crypto::Fingerprint{0xAB}, true};
    REQUIRE(known->add(added));
    const std::string stored = folder.read(kFile);
    auto again = cli::KnownHosts::load(folder.path());
    REQUIRE(again);
    const auto* found = again->find(added.address, added.port);
    REQUIRE(found != nullptr && found->fingerprint == added.fingerprint && found->paired);
    // Nothing got lost or changed on the way through the file.
    REQUIRE(again->add(*found) && folder.read(kFile) == stored);
    return 0;
}
