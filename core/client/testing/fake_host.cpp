#include "fake_host.hpp"

#include <boost/asio/post.hpp>

namespace punktfunk::testing {

using namespace std::chrono_literals;
namespace asio = boost::asio;

const crypto::Identity& host_identity() {
    static const auto identity = crypto::generate_identity(crypto::IdentityKind::Host).value();
    return identity;
}

Bytes picture(uint32_t index) {
    Bytes bytes(1000 + 7000 * index);
    for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i * 31 + index);
    return bytes;
}

FakeHost::FakeHost() {
    std::promise<uint16_t> port;
    thread_ = std::jthread([this, &port] { run(port); });
    port_ = port.get_future().get();
}

FakeHost::~FakeHost() {
    asio::post(io_, [this] { io_.stop(); });
}

void FakeHost::play(Script script) {
    const std::lock_guard lock(mutex_);
    script_ = std::move(script);
}

FakeHost::Script FakeHost::script() {
    const std::lock_guard lock(mutex_);
    return script_;
}

void FakeHost::send(Bytes datagram) {
    asio::post(io_, [this, datagram = std::move(datagram)] { (void)connection_->send_datagram(datagram); });
}

void FakeHost::close() {
    asio::post(io_, [this] { connection_->close(quic::CloseCode::Ok, "the show is over"); });
}

bool FakeHost::wait_until(const std::function<bool(const Journal&)>& condition) {
    std::unique_lock lock(mutex_);
    return noted_.wait_for(lock, 5s, [&] { return condition(journal_); });
}

void FakeHost::run(std::promise<uint16_t>& port) {
    auto server =
        quic::Server::listen(io_, {.bind = {asio::ip::make_address("127.0.0.1"), 0}, .identity = host_identity()},
                             [this](const std::shared_ptr<quic::Connection>& connection) { serve(connection); })
            .value();
    port.set_value(server->local().port());
    io_.run();
    video_ = {};
    connection_.reset();
}

void FakeHost::serve(const std::shared_ptr<quic::Connection>& connection) {
    connection_ = connection;
    connection->set_handlers(
        {.established = {},
         .message = [this](const Bytes& payload) { on_message(payload); },
         .stream_end = {},
         .datagram = [this](ByteView d) { note([d](Journal& j) { j.datagrams.emplace_back(d.begin(), d.end()); }); },
         .closed = [](const quic::CloseInfo&) {}});
}

void FakeHost::on_message(const Bytes& payload) {
    if (const auto typed = wire::decode_typed(payload)) {
        on_typed(*typed);
    } else if (const auto hello = wire::decode_hello(payload)) {
        if (const auto code = script().refuse_with) return connection_->close(*code, "no, and this is why");
        on_hello(*hello);
    } else {
        for (const Script now = script(); const Bytes& datagram : now.greeting)
            (void)connection_->send_datagram(datagram);
        video_ = std::jthread([this, socket = std::move(*socket_), config = config_](
                                  const std::stop_token& stop) mutable { run_video(stop, std::move(socket), config); });
    }
}

void FakeHost::on_typed(const wire::TypedMessage& message) {
    if (const auto* clock = std::get_if<wire::ClockProbe>(&message)) {
        reply(wire::ClockEcho{clock->t1_ns, realtime_ns(), realtime_ns()});
    } else if (const auto* mode = std::get_if<wire::Reconfigure>(&message)) {
        const bool good = mode->mode.refresh_hz > 0;
        reply(wire::Reconfigured{good, good ? mode->mode : wire::Mode{640, 360, 30}});
    } else if (std::holds_alternative<wire::RequestKeyframe>(message)) {
        note([](Journal& j) { ++j.keyframe_requests; });
    } else if (std::holds_alternative<wire::ProbeRequest>(message)) {
        note([this](Journal&) { ++probes_; });
    } else {
        on_pairing(message);
    }
}

void FakeHost::on_pairing(const wire::TypedMessage& message) {
    const auto client = connection_->peer_fingerprint().value_or(crypto::Fingerprint{});
    const auto& own = host_identity().fingerprint;
    if (const auto* request = std::get_if<wire::PairRequest>(&message)) {
        if (const auto code = script().refuse_with) return connection_->close(*code, "no, and this is why");
        if (script().pairs_without_proof) return reply(wire::PairResult{true});
        const crypto::Spake2 exchange(crypto::Spake2Side::Host, script().pin, client, own);
        auto key = exchange.finish(request->spake);
        if (!key) return connection_->close(quic::CloseCode::Failed, "not a SPAKE2 message");
        pair_key_ = *key;
        const auto& answer = exchange.message();
        reply(wire::PairChallenge{Bytes(answer.begin(), answer.end()), key->host_confirmation(client, own)});
    } else if (const auto* proof = std::get_if<wire::PairProof>(&message); proof != nullptr && pair_key_) {
        reply(wire::PairResult{proof->confirm == pair_key_->client_confirmation(client, own)});
    }
}

void FakeHost::on_hello(const wire::Hello& hello) {
    note([&](Journal& j) { j.hello = hello; });
    socket_.emplace(net::UdpSocket::bind(*net::Endpoint::parse("127.0.0.1", 0)).value());
    config_ = {.scheme = fec::Scheme::Gf16,
               .fec_percent = 20,
               .max_data_per_block = 4096,
               .shard_payload = 1408,
               .encrypt = true,
               .key = crypto::random_session_key()};
    connection_->send_message(script().welcome({.udp_port = socket_->local_endpoint()->port(),
                                                .mode = hello.mode,
                                                .key = config_.key.key,
                                                .salt = config_.key.salt,
                                                .compositor = wire::Compositor::Wlroots,
                                                .gamepad = wire::Gamepad::DualSense,
                                                .bitrate_kbps = 20'000}));
}

void FakeHost::run_video(const std::stop_token& stop, net::UdpSocket socket, const session::SessionConfig& config) {
    if (!session::await_punch(socket, *net::Endpoint::parse("127.0.0.1", 9), 2s, -1)) return;
    auto sender = session::VideoSender::create(config, std::move(socket)).value();
    for (uint32_t i = 0; i < kFrames; ++i) {
        const uint32_t flags = i == 0 ? session::kKeyframe : session::kDeltaFrame;
        (void)sender.send(picture(i), 1000 + i, flags);
    }
    const Bytes filler(kProbeUnitBytes);
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            if (!noted_.wait(lock, stop, [this] { return probes_ > 0; })) return;
            --probes_;
        }
        for (uint32_t i = 0; i < kProbeUnits; ++i) (void)sender.send(filler, realtime_ns(), session::kFlagProbe);
        asio::post(io_, [this, claimed = script().claimed_probe_units] {
            reply(wire::ProbeResult{uint64_t{claimed} * kProbeUnitBytes, claimed, 50, {}});
        });
    }
}

}  // namespace punktfunk::testing
