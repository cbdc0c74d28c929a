// gs-paired.json in any state: it is refused and left alone, or whoever is in it is found, also after the next change.
#include <algorithm>

#include "folder.hpp"
#include "paired_clients.hpp"
#include "punktfunk/crypto/identity.hpp"
#include "punktfunk/crypto/x509.hpp"

using namespace punktfunk;

namespace {

constexpr std::string_view kFile = "gs-paired.json";

bool same(const moonlight::PairedClient& a, const moonlight::PairedClient& b) {
    return a.name == b.name && a.certificate_der == b.certificate_der && a.fingerprint == b.fingerprint &&
           a.terms == b.terms;
}

const Bytes& certificate() {
    static const Bytes der = crypto::generate_identity(crypto::IdentityKind::Client)->certificate_der;
    return der;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static const Folder folder;
    const std::string content(reinterpret_cast<const char*>(data), size);
    folder.write(kFile, content);
    auto clients = moonlight::PairedClients::open(folder.path());
    REQUIRE(folder.read(kFile) == content);
    if (!clients) {
        REQUIRE(clients.error().code == ErrorCode::InvalidArgument);
        return 0;
    }
    const auto before = clients->list();
    REQUIRE(before.size() <= moonlight::PairedClients::kMax);
    for (const auto& client : before) {
        REQUIRE(!client.name.empty());
        const auto* found = clients->find(client.certificate_der);
        REQUIRE(found == clients->find(client.fingerprint));
        // Of two entries of one certificate the first counts.
        const auto first = std::ranges::find(before, client.fingerprint, &moonlight::PairedClient::fingerprint);
        REQUIRE((found == nullptr) == first->terms.expired(devices::unix_now()));
        REQUIRE(found == nullptr || same(*found, *first));
        REQUIRE(crypto::read_certificate(client.certificate_der));
    }
    const auto fingerprint = crypto::fingerprint_of(certificate());
    REQUIRE(clients->add(content.substr(0, 20), certificate()));
    const auto again = moonlight::PairedClients::open(folder.path());
    REQUIRE(again && std::ranges::equal(again->list(), clients->list(), same));
    REQUIRE(again->find(fingerprint) != nullptr);
    REQUIRE(clients->remove(fingerprint) && clients->find(fingerprint) == nullptr);
    return 0;
}
