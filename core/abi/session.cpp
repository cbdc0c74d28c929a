// The functions of spec §9.5.
#include "boundary.hpp"
#include "events.hpp"
#include "plain_session.hpp"

using namespace punktfunk;
using abi::guard;
using abi::PlainSession;
using abi::Role;

struct PunktfunkSession {
    std::unique_ptr<PlainSession> session;
    void (*callback)(const PunktfunkInputEvent* event, void* user) = nullptr;
    void* user = nullptr;
    session::Frame frame;  // what the caller was shown last
};

namespace {

// OK when `session` is there and is this end.
PunktfunkStatus check(const PunktfunkSession* session, Role role) {
    if (session == nullptr) return PUNKTFUNK_STATUS_NULL_POINTER;
    return session->session->role() == role ? PUNKTFUNK_STATUS_OK : PUNKTFUNK_STATUS_INVALID_ARG;
}

std::unique_ptr<PunktfunkSession> make(const abi::PlainConfig& config, std::unique_ptr<abi::Transport> transport) {
    auto session = PlainSession::create(config, std::move(transport));
    if (!session) return nullptr;
    auto handle = std::make_unique<PunktfunkSession>();
    handle->session = std::move(*session);
    return handle;
}

}  // namespace

PunktfunkSession* punktfunk_session_new(const PunktfunkConfig* config, const char* local, const char* peer) {
    return guard(
        [&]() -> PunktfunkSession* {
            if (config == nullptr || local == nullptr || peer == nullptr) return nullptr;
            const auto read = abi::read_config(*config);
            if (!read) return nullptr;
            auto transport = abi::udp_transport(local, peer);
            if (!transport) return nullptr;
            return make(*read, std::move(*transport)).release();
        },
        nullptr);
}

PunktfunkStatus punktfunk_test_loopback_pair(const PunktfunkConfig* host_cfg, const PunktfunkConfig* client_cfg,
                                             PunktfunkSession** out_host, PunktfunkSession** out_client) {
    return guard([&]() -> PunktfunkStatus {
        abi::store_if(out_host, nullptr);
        abi::store_if(out_client, nullptr);
        if (host_cfg == nullptr || client_cfg == nullptr || out_host == nullptr || out_client == nullptr)
            return PUNKTFUNK_STATUS_NULL_POINTER;
        const auto host = abi::read_config(*host_cfg), client = abi::read_config(*client_cfg);
        if (!host || !client || host->role != Role::Host || client->role != Role::Client)
            return PUNKTFUNK_STATUS_INVALID_ARG;
        auto ends = abi::loopback_pair(host->loopback_drop_period, client->loopback_drop_period);
        auto host_session = make(*host, std::move(ends.host));
        auto client_session = make(*client, std::move(ends.client));
        if (!host_session || !client_session) return PUNKTFUNK_STATUS_CRYPTO;
        *out_host = host_session.release();
        *out_client = client_session.release();
        return PUNKTFUNK_STATUS_OK;
    });
}

void punktfunk_session_free(PunktfunkSession* session) {
    delete session;
}

PunktfunkStatus punktfunk_host_submit_frame(PunktfunkSession* session, const uint8_t* data, uintptr_t len,
                                            uint64_t pts_ns, uint32_t flags) {
    return guard([&]() -> PunktfunkStatus {
        if (const auto good = check(session, Role::Host); good != PUNKTFUNK_STATUS_OK) return good;
        if (data == nullptr && len > 0) return PUNKTFUNK_STATUS_NULL_POINTER;
        return abi::status_of(session->session->submit({data, len}, pts_ns, flags));
    });
}

PunktfunkStatus punktfunk_client_poll_frame(PunktfunkSession* session, PunktfunkFrame* out) {
    return guard([&]() -> PunktfunkStatus {
        if (const auto good = check(session, Role::Client); good != PUNKTFUNK_STATUS_OK) return good;
        if (out == nullptr) return PUNKTFUNK_STATUS_NULL_POINTER;
        session->frame = {};
        auto polled = session->session->poll();
        if (!polled) return abi::status_of(polled.error());
        if (!*polled) return PUNKTFUNK_STATUS_NO_FRAME;
        session->frame = std::move(**polled);
        const session::Frame& frame = session->frame;
        *out = {frame.data.data(), frame.data.size(), frame.frame_index, frame.pts_ns, frame.user_flags};
        return PUNKTFUNK_STATUS_OK;
    });
}

PunktfunkStatus punktfunk_send_input(PunktfunkSession* session, const PunktfunkInputEvent* event) {
    return guard([&]() -> PunktfunkStatus {
        if (const auto good = check(session, Role::Client); good != PUNKTFUNK_STATUS_OK) return good;
        if (event == nullptr) return PUNKTFUNK_STATUS_NULL_POINTER;
        const auto known = abi::from_c(*event);
        if (!known) return PUNKTFUNK_STATUS_INVALID_ARG;
        session->session->send_input(*known);
        return PUNKTFUNK_STATUS_OK;
    });
}

PunktfunkStatus punktfunk_set_input_callback(PunktfunkSession* session,
                                             void (*cb)(const PunktfunkInputEvent* event, void* user), void* user) {
    if (session == nullptr) return PUNKTFUNK_STATUS_NULL_POINTER;
    session->callback = cb;
    session->user = user;
    return PUNKTFUNK_STATUS_OK;
}

int32_t punktfunk_host_poll_input(PunktfunkSession* session) {
    return guard(
        [&]() -> int32_t {
            if (const auto good = check(session, Role::Host); good != PUNKTFUNK_STATUS_OK) return good;
            const auto events = session->session->receive_input();
            if (!events) return abi::status_of(events.error());
            for (const wire::InputEvent& event : *events) {
                const PunktfunkInputEvent c_event = abi::to_c(event);
                if (session->callback != nullptr) session->callback(&c_event, session->user);
            }
            return static_cast<int32_t>(events->size());
        },
        int32_t{PUNKTFUNK_STATUS_PANIC});
}

PunktfunkStatus punktfunk_get_stats(const PunktfunkSession* session, PunktfunkStats* out) {
    return guard([&]() -> PunktfunkStatus {
        if (session == nullptr || out == nullptr) return PUNKTFUNK_STATUS_NULL_POINTER;
        *out = session->session->stats();
        return PUNKTFUNK_STATUS_OK;
    });
}
