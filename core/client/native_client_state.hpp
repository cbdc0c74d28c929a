// What a NativeClient consists of: the thread of the connection (control) and that of the data plane (receive), and
// what they hand to who pulls.
#pragma once

#include <sys/eventfd.h>

#include <array>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "plane_queue.hpp"
#include "punktfunk/base/clock.hpp"
#include "punktfunk/base/unique_fd.hpp"
#include "punktfunk/client/feedback.hpp"
#include "punktfunk/client/native_client.hpp"
#include "punktfunk/net/udp_socket.hpp"
#include "punktfunk/quic/quic.hpp"
#include "punktfunk/session/video_receiver.hpp"

namespace punktfunk::client {

struct NativeClient::State {
    explicit State(const ConnectOptions& o) : options(o) {}

    static constexpr size_t kFrameQueue = 16, kAudioQueue = 64, kRumbleQueue = 16, kHidQueue = 32;  // §8.10
    static constexpr size_t kTimings = 512;
    static constexpr size_t kMostPostedDatagrams = 1024;
    static constexpr auto kKeyframeSpacing = std::chrono::milliseconds(5);

    enum class Phase { Connecting, AwaitWelcome, ClockSync, Ready };

    const ConnectOptions options;
    boost::asio::io_context io;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{io.get_executor()};
    boost::asio::steady_timer clock_timer{io};
    boost::asio::posix::stream_descriptor cancel{io};
    std::shared_ptr<quic::Connection> connection;
    net::Endpoint host;

    // Control thread only.
    Phase phase = Phase::Connecting;
    std::vector<wire::ClockSample> samples;

    // Written by the control thread before `ready`, constant after it.
    wire::Welcome welcome;
    crypto::Fingerprint fingerprint{};
    size_t receive_buffer_bytes = 0;
    std::optional<wire::ClockEstimate> clock;

    UniqueFd wake{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    mutable std::mutex mutex;
    std::condition_variable changed;
    bool ready = false;
    std::optional<SteadyClock::time_point> introduced;  // when the host had answered and heard the Hello
    std::optional<Error> over;                          // why nothing more will come
    session::ReassemblyStats stats;
    ProbeMeter probe;
    std::array<HostTiming, kTimings> timings{};
    size_t next_timing = 0;
    wire::Mode mode;
    PipelineGaps gaps;
    uint32_t bitrate_kbps = 0;
    uint64_t rate_answers = 0;

    // Receive thread only.
    std::optional<Feedback> feedback;  // to hosts that understand it: those that answer with a tail
    std::optional<SteadyClock::time_point> rate_asked;

    std::atomic<size_t> posted_datagrams{0};
    std::atomic<int64_t> keyframe_asked{0};  // steady clock, nanoseconds

    // Each with its own lock.
    PlaneQueue<ReceivedFrame, kFrameQueue> frames;
    PlaneQueue<ReceivedAudio, kAudioQueue> audio;
    PlaneQueue<wire::Rumble, kRumbleQueue> rumble;
    PlaneQueue<wire::HidOutput, kHidQueue> hid;

    // Last: joined first.
    std::jthread control;
    std::jthread receive;

    void end(Error reason) {
        {
            const std::lock_guard lock(mutex);
            if (!over) over = reason;
            changed.notify_all();
        }
        if (reason.code == ErrorCode::Timeout) reason.code = ErrorCode::Io;  // Timeout means "not yet" to who pulls
        frames.end(reason);
        audio.end(reason);
        rumble.end(reason);
        hid.end(reason);
    }
    // What a thread of ours runs: nothing thrown leaves it.
    template <typename Work>
    void contained(Work&& run) {
        try {
            run();
        } catch (const std::exception& thrown) {
            end({ErrorCode::Internal, thrown.what()});
        }
    }
    // Runs `run(connection)` on the control thread. False once the session is over.
    template <typename Work>
    bool on_control(Work&& run) {
        {
            const std::lock_guard lock(mutex);
            if (over) return false;
        }
        boost::asio::post(io, [this, run = std::forward<Work>(run)] { run(*connection); });
        return true;
    }
    bool send(const wire::TypedMessage& message) {
        return on_control([bytes = wire::encode(message)](quic::Connection& to) { to.send_message(bytes); });
    }
    // Datagrams may get lost: those that the control thread does not come to are lost at once.
    bool send_datagram(Bytes bytes) {
        if (posted_datagrams.fetch_add(1) >= kMostPostedDatagrams) {
            --posted_datagrams;
            const std::lock_guard lock(mutex);
            return !over;
        }
        return on_control([this, bytes = std::move(bytes)](quic::Connection& to) {
            --posted_datagrams;
            (void)to.send_datagram(bytes);
        });
    }
    // Several within a few milliseconds are one: the answer cannot have come yet.
    bool request_keyframe() {
        const auto now = SteadyClock::now().time_since_epoch().count();
        auto last = keyframe_asked.load();
        const auto spacing = std::chrono::nanoseconds(kKeyframeSpacing).count();
        if ((last == 0 || now - last >= spacing) && keyframe_asked.compare_exchange_strong(last, now))
            return send(wire::RequestKeyframe{});
        const std::lock_guard lock(mutex);
        return !over;
    }
    void give_up(Error reason) {
        connection->close(quic::CloseCode::Failed, reason.message);
        end(std::move(reason));
    }
    void introduce() {
        const std::lock_guard lock(mutex);
        introduced = SteadyClock::now();
        changed.notify_all();
    }
    Result<void> await_ready();
    void open();
    void watch_cancel();
    void on_message(ByteView payload);
    void on_welcome(ByteView payload);
    void on_typed(const wire::TypedMessage& message);
    void on_datagram(ByteView datagram);
    void probe_clock();
    void finish_clock_sync();
    void run_receive(const std::stop_token& stop, session::VideoReceiver& receiver);
    void store(session::Frame frame);
    void give_feedback(session::VideoReceiver& receiver);
};

}  // namespace punktfunk::client
