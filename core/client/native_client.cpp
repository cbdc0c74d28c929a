#include "punktfunk/client/native_client.hpp"

#include <pthread.h>

#include "native_client_state.hpp"

namespace punktfunk::client {

namespace asio = boost::asio;

NativeClient::NativeClient(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<NativeClient>> NativeClient::connect(const ConnectOptions& options) {
    std::unique_ptr<NativeClient> client(new NativeClient(std::make_unique<State>(options)));
    State* state = client->state_.get();
    asio::post(state->io, [state] { state->open(); });
    state->control = std::jthread([state] { state->contained([state] { state->io.run(); }); });
    pthread_setname_np(state->control.native_handle(), "pf-control");
    if (auto ready = state->await_ready(); !ready) return std::unexpected(ready.error());
    return client;
}

NativeClient::~NativeClient() {
    State* state = state_.get();
    asio::post(state->io, [state] {
        if (state->connection) state->connection->close(quic::CloseCode::Ok, "client closed");
        state->io.stop();
    });
    if (state->control.joinable()) state->control.join();
    state->receive.request_stop();
    (void)::eventfd_write(state->wake.get(), 1);
    if (state->receive.joinable()) state->receive.join();
}

const wire::Welcome& NativeClient::welcome() const {
    return state_->welcome;
}
crypto::Fingerprint NativeClient::host_fingerprint() const {
    return state_->fingerprint;
}
size_t NativeClient::receive_buffer_bytes() const {
    return state_->receive_buffer_bytes;
}
std::optional<wire::ClockEstimate> NativeClient::clock() const {
    return state_->clock;
}

wire::Mode NativeClient::mode() const {
    const std::lock_guard lock(state_->mutex);
    return state_->mode;
}

Result<ReceivedFrame> NativeClient::next_frame(std::chrono::milliseconds timeout) {
    return state_->frames.pop(timeout);
}
Result<ReceivedAudio> NativeClient::next_audio(std::chrono::milliseconds timeout) {
    return state_->audio.pop(timeout);
}
Result<wire::Rumble> NativeClient::next_rumble(std::chrono::milliseconds timeout) {
    return state_->rumble.pop(timeout);
}
Result<wire::HidOutput> NativeClient::next_hid_output(std::chrono::milliseconds timeout) {
    return state_->hid.pop(timeout);
}

std::optional<HostTiming> NativeClient::take_host_timing(uint64_t pts_ns) {
    const std::lock_guard lock(state_->mutex);
    for (HostTiming& timing : state_->timings) {
        if (timing.pts_ns == pts_ns && pts_ns != 0) return std::exchange(timing, {});
    }
    return std::nullopt;
}

bool NativeClient::send_input(const wire::InputEvent& event) {
    const auto bytes = wire::encode_input(event);
    return state_->send_datagram(Bytes(bytes.begin(), bytes.end()));
}
bool NativeClient::send_mic(const wire::MicPacket& packet) {
    return state_->send_datagram(wire::encode(packet));
}
bool NativeClient::send_rich_input(const wire::RichInput& input) {
    return state_->send_datagram(wire::encode(input));
}
bool NativeClient::request_keyframe() {
    return state_->request_keyframe();
}
bool NativeClient::request_mode(const wire::Mode& mode) {
    return state_->send(wire::Reconfigure{mode});
}
bool NativeClient::set_bitrate(uint32_t kbps) {
    return state_->send(wire::SetBitrate{kbps});
}
uint32_t NativeClient::bitrate_kbps() const {
    const std::lock_guard lock(state_->mutex);
    return state_->bitrate_kbps;
}
bool NativeClient::start_probe(const wire::ProbeRequest& request) {
    {
        const std::lock_guard lock(state_->mutex);
        state_->probe.start();
    }
    return state_->send(request);
}
ProbeReport NativeClient::probe_report() const {
    const std::lock_guard lock(state_->mutex);
    return state_->probe.report();
}

session::ReassemblyStats NativeClient::stats() const {
    const std::lock_guard lock(state_->mutex);
    return state_->stats;
}

PipelineGaps NativeClient::pipeline_gaps() const {
    const std::lock_guard lock(state_->mutex);
    return state_->gaps;
}

uint64_t NativeClient::frames_dropped_in_queue() const {
    return state_->frames.dropped();
}

}  // namespace punktfunk::client
