#include "answers.hpp"
#include "api.hpp"

namespace punktfunk::management {

namespace {

constexpr size_t kMaxMessage = 1024;  // bytes, from a page

void play(Api& api, const Call& call) {
    PageVisitor visitor{.name = {},
                        .credential = credential_of(call.caller, call.request()),
                        .address = call.request().peer.address(),
                        .fingerprint = {}};
    if (call.caller.credential == Credential::Certificate)
        visitor.fingerprint = crypto::fingerprint_from_hex(call.caller.device_fingerprint);
    auto socket = call.exchange->upgrade(kMaxMessage);
    if (!socket) return call.respond(error_answer(426, "this is for WebSockets: see docs/browser.md"));
    api.host.play(std::move(socket), std::move(visitor));
}

}  // namespace

void add_play_routes(Router& router, Api& api) {
    router.add({"GET", "/api/v1/play", "play", Access::Read, false, [&api](const Call& call) { play(api, call); }});
}

}  // namespace punktfunk::management
