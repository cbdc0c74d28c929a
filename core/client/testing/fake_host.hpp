// A punktfunk/1 host without a desktop, for tests of clients: made from the same parts as the real one, and able to
// misbehave on purpose.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "punktfunk/base/clock.hpp"
#include "punktfunk/crypto/identity.hpp"
#include "punktfunk/crypto/spake2.hpp"
#include "punktfunk/quic/quic.hpp"
#include "punktfunk/session/video_sender.hpp"
#include "punktfunk/wire/control.hpp"
#include "punktfunk/wire/datagram.hpp"

namespace punktfunk::testing {

inline constexpr uint32_t kFrames = 12;  // fit the client's queue: they may all come before connect() returns
inline constexpr uint32_t kProbeUnits = 10, kProbeUnitBytes = 20'000;

[[nodiscard]] const crypto::Identity& host_identity();
// What frame `index` holds; its pts is 1000 + index.
[[nodiscard]] Bytes picture(uint32_t index);

// Answers every Hello. After Start: sends a greeting on the side planes, and kFrames pictures.
class FakeHost {
  public:
    struct Script {
        std::function<Bytes(wire::Welcome)> welcome = [](const wire::Welcome& w) { return wire::encode(w); };
        std::optional<quic::CloseCode> refuse_with;
        std::vector<Bytes> greeting;
        std::string pin = "0427";
        bool pairs_without_proof = false;  // says "paired" without having shown that it knows the PIN
        // A ProbeRequest is answered with kProbeUnits units and a result that claims this many.
        uint32_t claimed_probe_units = kProbeUnits;
    };
    // What the clients said so far.
    struct Journal {
        std::optional<wire::Hello> hello;
        std::vector<Bytes> datagrams;
        int keyframe_requests = 0;
    };

    FakeHost();
    ~FakeHost();
    // How to behave from now on.
    void play(Script script);
    [[nodiscard]] uint16_t port() const { return port_; }
    void send(Bytes datagram);  // on a side plane, to the last client
    void close();
    // False when `condition` does not hold within 5 s.
    bool wait_until(const std::function<bool(const Journal&)>& condition);

  private:
    void run(std::promise<uint16_t>& port);
    void serve(const std::shared_ptr<quic::Connection>& connection);
    void on_message(const Bytes& payload);
    void on_typed(const wire::TypedMessage& message);
    void on_pairing(const wire::TypedMessage& message);
    void on_hello(const wire::Hello& hello);
    void run_video(const std::stop_token& stop, net::UdpSocket socket, const session::SessionConfig& config);
    void reply(const wire::TypedMessage& message) { connection_->send_message(wire::encode(message)); }
    Script script();
    template <typename Change>
    void note(Change&& change) {
        const std::lock_guard lock(mutex_);
        change(journal_);
        noted_.notify_all();
    }

    boost::asio::io_context io_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{io_.get_executor()};
    std::shared_ptr<quic::Connection> connection_;
    std::optional<net::UdpSocket> socket_;
    session::SessionConfig config_;
    std::optional<crypto::Spake2Key> pair_key_;
    uint16_t port_ = 0;
    std::mutex mutex_;
    std::condition_variable_any noted_;
    Journal journal_;
    Script script_;
    int probes_ = 0;
    std::jthread video_;
    std::jthread thread_;
};

}  // namespace punktfunk::testing
