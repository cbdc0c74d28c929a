#include "approval.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "native_connection.hpp"
#include "punktfunk/base/hex.hpp"
#include "punktfunk/wire/device_name.hpp"

namespace punktfunk::native {

namespace {

using Connections = std::vector<std::shared_ptr<NativeConnection>>;

// The list is in the order of arrival. A copy: refusing takes a connection out of it.
template <typename Predicate>
Connections waiting(const ServerContext& context, Predicate&& wanted) {
    Connections found;
    for (const auto& connection : context.connections) {
        if (connection->is_waiting() && wanted(*connection)) found.push_back(connection);
    }
    return found;
}

auto same_device(const crypto::Fingerprint& fingerprint) {
    return [fingerprint](const NativeConnection& connection) { return connection.fingerprint() == fingerprint; };
}

std::unexpected<Error> not_pending(uint32_t id) {
    return fail(ErrorCode::NotAvailable, "no device with the id {} is waiting: see `punktfunk-host pending`", id);
}

}  // namespace

void bound_waiting(const ServerContext& context, const NativeConnection& newcomer) {
    for (const auto& earlier : waiting(context, same_device(newcomer.fingerprint().value_or(crypto::Fingerprint{}))))
        earlier->refuse({quic::CloseCode::Superseded, "the same device has asked again"});
    const auto keep_below = [](const Connections& list, size_t bound) {
        for (size_t i = 0; i + bound <= list.size(); ++i)
            list[i]->refuse({quic::CloseCode::Busy, "too many devices are waiting to be approved"});
    };
    keep_below(waiting(context, [&](const NativeConnection& other) { return other.address() == newcomer.address(); }),
               kMaxWaitingPerAddress);
    keep_below(waiting(context, [](const NativeConnection&) { return true; }), kMaxWaiting);
}

bool is_waiting_for_approval(const ServerContext& context, const crypto::Fingerprint& device) {
    return !waiting(context, same_device(device)).empty();
}

std::vector<PendingClient> pending_clients(const ServerContext& context) {
    std::vector<PendingClient> list;
    const auto now = SteadyClock::now();
    for (const Knock& knock : context.knocks.list(now)) {
        list.push_back({.id = knock.id,
                        .name = knock.name,
                        .fingerprint = knock.fingerprint,
                        .age = std::chrono::duration_cast<std::chrono::seconds>(now - knock.at),
                        .waiting = is_waiting_for_approval(context, knock.fingerprint)});
    }
    return list;
}

Result<PairedClient> approve(ServerContext& context, uint32_t id, const std::string& name) {
    const auto knock = context.knocks.find(id, SteadyClock::now());
    if (!knock) return not_pending(id);
    PairedClient client{.name = name.empty() ? knock->name : wire::sanitize_device_name(name, knock->fingerprint),
                        .fingerprint = knock->fingerprint,
                        .terms = {}};
    if (auto added = context.paired.add(client); !added) return std::unexpected(added.error());
    spdlog::info("approved {} ({})", client.name, to_hex(client.fingerprint));
    let_in(context, client.fingerprint);
    context.tell_change();
    return client;
}

Result<PairedClient> deny(ServerContext& context, uint32_t id) {
    const auto knock = context.knocks.find(id, SteadyClock::now());
    if (!knock) return not_pending(id);
    context.knocks.forget(knock->fingerprint);
    spdlog::info("denied {} ({})", knock->name, to_hex(knock->fingerprint));
    for (const auto& connection : waiting(context, same_device(knock->fingerprint)))
        connection->refuse({quic::CloseCode::Denied, "this device was denied at the host"});
    context.tell_change();
    return PairedClient{.name = knock->name, .fingerprint = knock->fingerprint, .terms = {}};
}

void let_in(ServerContext& context, const crypto::Fingerprint& fingerprint) {
    context.knocks.forget(fingerprint);
    for (const auto& connection : waiting(context, same_device(fingerprint))) connection->resume();
}

}  // namespace punktfunk::native
