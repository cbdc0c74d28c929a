#include "punktfunk/browser/browser_session.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "mode_limit.hpp"
#include "outbox.hpp"
#include "path_rate.hpp"
#include "play_messages.hpp"
#include "punktfunk/wire/input.hpp"

namespace punktfunk::browser {

using namespace std::chrono_literals;

namespace {

constexpr auto kStartWait = 10s;                                                  // for the page to say what it wants
constexpr uint16_t kNormal = 1000, kProtocolError = 1002, kInternalError = 1011;  // RFC 6455 §7.4.1

template <typename... Handlers>
struct Overloaded : Handlers... {
    using Handlers::operator()...;
};

class PageVideo final : public stream::VideoSink {
  public:
    explicit PageVideo(std::shared_ptr<Outbox> outbox) : outbox_(std::move(outbox)) {}
    Result<void> open(int wake_fd) override {
        wake_fd_ = wake_fd;
        return {};
    }
    Result<uint64_t> send(const stream::EncodedFrame& frame) override { return outbox_->send_frame(frame, wake_fd_); }

  private:
    std::shared_ptr<Outbox> outbox_;
    int wake_fd_ = -1;
};

class PageSound final : public stream::SoundSink {
  public:
    explicit PageSound(std::shared_ptr<Outbox> outbox) : outbox_(std::move(outbox)) {}
    void send(ByteView opus, uint64_t pts_ns) override { outbox_->send_sound(opus, pts_ns); }

  private:
    std::shared_ptr<Outbox> outbox_;
};

}  // namespace

struct BrowserSession::State : std::enable_shared_from_this<State> {
    State(const SessionContext& session_context, stream::PipelineParts session_parts, uint64_t session_id, Visitor who,
          std::function<void()> on_ended)
        : context(session_context),
          parts(std::move(session_parts)),
          id(session_id),
          visitor(std::move(who)),
          ended(std::move(on_ended)),
          timer(context.io) {}

    void open(std::shared_ptr<http::WebSocket> socket);
    void on_message(bool text, ByteView message);
    void on_start(const Start& start);
    void on_resize(const Resize& resize);
    void on_ready(Result<std::string> name);
    void on_mode(bool accepted, const display::Mode& now);
    void on_closed();
    void tick();
    void end(uint16_t code, const std::string& reason);
    void stop();
    void tell_change() const {
        if (context.changed) context.changed();
    }
    [[nodiscard]] stream::StreamCallbacks callbacks();

    const SessionContext context;
    const stream::PipelineParts parts;
    const uint64_t id;
    Visitor visitor;
    std::function<void()> ended;
    boost::asio::steady_timer timer;
    std::shared_ptr<Outbox> outbox;
    std::unique_ptr<stream::StreamSession> stream;  // from Start to the end
    std::optional<PathRate> rate;                   // while streaming
    const std::chrono::system_clock::time_point started = std::chrono::system_clock::now();
    std::string encoder;
    display::Mode mode, wanted_mode;  // as it is, and as it is to become
    uint32_t wanted_kbps = 0;
    bool with_sound = false, over = false;
};

void BrowserSession::State::open(std::shared_ptr<http::WebSocket> socket) {
    timer.expires_after(kStartWait);
    timer.async_wait([weak = weak_from_this()](boost::system::error_code cancelled) {
        const auto self = weak.lock();
        if (!cancelled && self) self->end(kProtocolError, "the page never said what it wants");
    });
    socket->open({.message =
                      [weak = weak_from_this()](bool text, ByteView message) {
                          if (const auto self = weak.lock(); self && !self->over) self->on_message(text, message);
                      },
                  .closed =
                      [weak = weak_from_this()] {
                          if (const auto self = weak.lock()) self->on_closed();
                      }});
}

void BrowserSession::State::on_message(bool text, ByteView message) {
    if (!text) {
        const auto event = wire::decode_input(message);
        // Controllers have a channel of their own, which pages do not.
        if (event && stream && !wire::is_gamepad(event->kind)) stream->inject(*event);
        return;
    }
    const auto read = parse_page_message({reinterpret_cast<const char*>(message.data()), message.size()});
    if (!read) return end(kProtocolError, read.error().message);
    std::visit(
        Overloaded{[&](const Start& start) { on_start(start); }, [&](const Resize& resize) { on_resize(resize); },
                   [&](Keyframe) {
                       if (stream) stream->request_keyframe();
                   }},
        *read);
}

void BrowserSession::State::on_start(const Start& start) {
    if (stream) return end(kProtocolError, "start comes once");
    timer.cancel();
    mode = wanted_mode = within_limit(start.mode);
    wanted_kbps = start.bitrate_kbps;
    with_sound = start.sound && parts.open_sound != nullptr;
    // Browsers decode H.264 everywhere, in however many slices.
    stream = std::make_unique<stream::StreamSession>(parts,
                                                     stream::StreamConfig{.mode = mode,
                                                                          .codec = encode::Codec::H264,
                                                                          .bitrate_kbps = wanted_kbps,
                                                                          .more_slices = true,
                                                                          .label = visitor.name,
                                                                          .rights = visitor.rights},
                                                     callbacks());
    tell_change();
}

stream::StreamCallbacks BrowserSession::State::callbacks() {
    // Called on the session's threads: hop to the control thread.
    auto hop = [weak = weak_from_this(), &io = context.io](auto action) {
        boost::asio::post(io, [weak, action = std::move(action)]() mutable {
            if (const auto self = weak.lock(); self && !self->over) action(*self);
        });
    };
    return {
        .ready =
            [hop](Result<std::string> name) {
                hop([name = std::move(name)](State& self) mutable { self.on_ready(std::move(name)); });
            },
        .ended =
            [hop](const Error& reason) { hop([why = reason.message](State& self) { self.end(kInternalError, why); }); },
        .mode_changed = [hop](
                            bool accepted,
                            display::Mode now) { hop([accepted, now](State& self) { self.on_mode(accepted, now); }); },
        .gap = {}};
}

void BrowserSession::State::on_ready(Result<std::string> name) {
    if (!name) return end(kInternalError, name.error().message);
    encoder = std::move(*name);
    spdlog::info("{} at {}: {}x{}@{} by {}, {} kbit/s, in a browser", visitor.name, visitor.address.to_string(),
                 mode.width, mode.height, mode.refresh_hz, encoder, wanted_kbps);
    outbox->say(started_message(mode, encoder, with_sound));
    rate.emplace(wanted_kbps);
    stream->begin(std::make_unique<PageVideo>(outbox), with_sound ? std::make_unique<PageSound>(outbox) : nullptr);
    tick();
    tell_change();
}

void BrowserSession::State::on_resize(const Resize& resize) {
    if (!stream) return end(kProtocolError, "resize comes after start");
    const display::Mode wanted = within_limit(resize.mode);
    if (wanted != wanted_mode) return stream->reconfigure(wanted_mode = wanted);
    // A change that is on its way is told of when it is done.
    if (wanted == mode && wanted != resize.mode)
        outbox->say(mode_message(mode, true));  // else it would never hear what became of it
}

void BrowserSession::State::on_mode(bool accepted, const display::Mode& now) {
    mode = now;
    if (!accepted) wanted_mode = now;
    outbox->say(mode_message(now, accepted));
    tell_change();
}

void BrowserSession::State::tick() {
    if (over) return;
    if (const auto kbps = rate->observe(outbox->take_load().waited)) {
        spdlog::debug("{}: {} kbit/s", visitor.name, *kbps);
        stream->set_bitrate(*kbps);
    }
    timer.expires_after(PathRate::kInterval);
    timer.async_wait([weak = weak_from_this()](boost::system::error_code cancelled) {
        const auto self = weak.lock();
        if (!cancelled && self) self->tick();
    });
}

void BrowserSession::State::on_closed() {
    if (over) return;
    spdlog::info("{}: the page has gone", visitor.name);
    outbox->abandon();
    stop();
}

void BrowserSession::State::end(uint16_t code, const std::string& reason) {
    if (over) return;
    spdlog::info("{}: the session in the browser is over: {}", visitor.name, reason);
    outbox->close(code, ended_message(reason));
    stop();
}

void BrowserSession::State::stop() {
    over = true;
    timer.cancel();
    if (stream) context.reaper.take(std::move(stream));
    boost::asio::post(context.io, [self = shared_from_this()] {
        if (const auto tell = std::exchange(self->ended, nullptr)) tell();
    });
}

Result<std::unique_ptr<BrowserSession>> BrowserSession::start(const SessionContext& context,
                                                              stream::PipelineParts parts,
                                                              std::shared_ptr<http::WebSocket> socket, uint64_t id,
                                                              Visitor visitor, std::function<void()> ended) {
    auto state = std::make_shared<State>(context, std::move(parts), id, std::move(visitor), std::move(ended));
    auto outbox = Outbox::create(context.io, socket);
    if (!outbox) return std::unexpected(outbox.error());
    state->outbox = std::move(*outbox);
    state->open(std::move(socket));
    return std::unique_ptr<BrowserSession>(new BrowserSession(std::move(state)));
}

BrowserSession::~BrowserSession() {
    state_->ended = nullptr;
    state_->end(kNormal, "the host stops");
}

void BrowserSession::end(std::string reason) {
    state_->end(kNormal, reason);
}

void BrowserSession::request_keyframe() {
    if (state_->stream) state_->stream->request_keyframe();
}

void BrowserSession::take_thumbnail(stream::ThumbnailRequests::Done done) {
    if (!state_->stream) return done(fail(ErrorCode::Closed, "it shows no picture yet"));
    state_->stream->take_thumbnail(std::move(done));
}

void BrowserSession::set_rights(const devices::Rights& rights) {
    state_->visitor.rights = rights;
    if (state_->stream) state_->stream->set_rights(rights);
}

SessionInfo BrowserSession::info() const {
    SessionInfo info{.id = state_->id,
                     .visitor = state_->visitor,
                     .started = state_->started,
                     .encoder = state_->encoder,
                     .streaming = state_->rate.has_value(),
                     .mode = state_->mode,
                     .bitrate_kbps = state_->rate ? state_->rate->kbps() : state_->wanted_kbps,
                     .stats = {}};
    if (state_->stream) info.stats = state_->stream->stats();
    return info;
}

}  // namespace punktfunk::browser
