// Delegated approval (spec §3.5): devices that are not paired knock, somebody at the host lets them in or does not.
// Those that can wait do so on their open connection. Control thread only.
#pragma once

#include "server_context.hpp"

namespace punktfunk::native {

// At most so many connections wait at a time, over all and from one address; the one that has waited longest makes
// room. They take none of the places of sessions.
inline constexpr size_t kMaxWaiting = 16, kMaxWaitingPerAddress = 4;

// Before `newcomer` begins to wait: another one of the same device is superseded.
void bound_waiting(const ServerContext& context, const NativeConnection& newcomer);

[[nodiscard]] bool is_waiting_for_approval(const ServerContext& context, const crypto::Fingerprint& device);
[[nodiscard]] std::vector<PendingClient> pending_clients(const ServerContext& context);
// NotAvailable for an id that is not pending (any more).
Result<PairedClient> approve(ServerContext& context, uint32_t id, const std::string& name);
Result<PairedClient> deny(ServerContext& context, uint32_t id);
// The device is paired now, however it came to be: whoever waits for it is let in.
void let_in(ServerContext& context, const crypto::Fingerprint& fingerprint);

}  // namespace punktfunk::native
