// What the connections of one server share. Control thread only.
#pragma once

#include <memory>
#include <vector>

#include "pending_knocks.hpp"
#include "probe_budget.hpp"
#include "punktfunk/native/native_server.hpp"
#include "punktfunk/stream/reaper.hpp"

namespace punktfunk::native {

class NativeConnection;

struct ServerContext {
    boost::asio::io_context& io;
    NativeConfig config;
    PairedStore& paired;
    PairingWindow& window;
    stream::PipelineParts parts;
    std::vector<encode::ProbeResult> encoders;
    std::vector<std::shared_ptr<NativeConnection>> connections;
    stream::Reaper reaper;
    PendingKnocks knocks;
    ProbeBudget probe_budget;
    bool warned_of_buffer = false;
    uint64_t sessions_made = 0;

    [[nodiscard]] size_t streaming_count() const;
    void tell_change() const;
};

}  // namespace punktfunk::native
