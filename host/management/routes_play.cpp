#include <openssl/sha.h>

#include "answers.hpp"
#include "api.hpp"
#include "punktfunk/base/hex.hpp"

namespace punktfunk::management {

namespace {

constexpr size_t kMaxMessage = 1024;  // bytes, from a page

void play(Api& api, const Call& call) {
    PageVisitor visitor{.name = {},
                        .credential = visit_credential(call.caller, call.request()),
                        .address = call.request().peer.address(),
                        .fingerprint = {}};
    if (call.caller.credential == Credential::Certificate)
        visitor.fingerprint = crypto::fingerprint_from_hex(call.caller.device_fingerprint);
    auto socket = call.exchange->upgrade(kMaxMessage);
    if (!socket) return call.respond(error_answer(426, "this is for WebSockets: see docs/browser.md"));
    api.host.play(std::move(socket), std::move(visitor));
}

}  // namespace

std::string visit_credential(const Caller& caller, const http::Request& request) {
    switch (caller.credential) {
        case Credential::Cookie: {
            const std::string cookie = cookie_of(request, kSessionCookie);
            std::array<uint8_t, SHA256_DIGEST_LENGTH> hash{};
            ::SHA256(reinterpret_cast<const uint8_t*>(cookie.data()), cookie.size(), hash.data());
            return std::string(kByCookie) + to_hex(hash);
        }
        case Credential::Token:
            return "token";
        case Credential::Certificate:
            return "device:" + caller.device_fingerprint;
        case Credential::None:
            break;
    }
    return {};
}

void add_play_routes(Router& router, Api& api) {
    router.add({"GET", "/api/v1/play", "play", Access::Read, false, [&api](const Call& call) { play(api, call); }});
}

}  // namespace punktfunk::management
