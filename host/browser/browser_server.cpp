#include "punktfunk/browser/browser_server.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/post.hpp>

#include "outbox.hpp"

namespace punktfunk::browser {

namespace {
constexpr uint16_t kTryAgainLater = 1013;  // as registered with IANA
constexpr size_t kMostEnding = 8;          // desktops that are being taken down
}  // namespace

BrowserServer::BrowserServer(boost::asio::io_context& io, BrowserConfig config, stream::PipelineParts parts)
    : io_(io), config_(std::move(config)), parts_(std::move(parts)) {}

BrowserServer::~BrowserServer() {
    alive_.reset();
    running_.clear();
}

void BrowserServer::welcome(std::shared_ptr<http::WebSocket> socket, Visitor visitor) {
    const size_t others = config_.other_sessions ? config_.other_sessions() : 0;
    // Ended ones keep their desktops for a while: pages that come and go must not pile them up.
    const bool full = config_.max_concurrent != 0 && running_.size() + others >= config_.max_concurrent;
    if (full || reaper_.pending() >= kMostEnding) {
        socket->open({});
        if (auto outbox = Outbox::create(io_, socket))
            (*outbox)->close(kTryAgainLater,
                             ended_message("the host streams to as many clients as it may: see max_concurrent"));
        return;
    }
    const uint64_t id = next_id_++;
    const SessionContext context{.io = io_, .reaper = reaper_, .changed = [this] { tell_change(); }};
    auto session =
        BrowserSession::start(context, parts_, std::move(socket), id, std::move(visitor), [this, id] { forget(id); });
    if (!session) return spdlog::warn("a page could not be served: {}", session.error().message);
    running_.push_back({id, std::move(*session)});
    tell_change();
}

std::vector<SessionInfo> BrowserServer::sessions() const {
    std::vector<SessionInfo> list;
    for (const auto& [id, session] : running_) list.push_back(session->info());
    return list;
}

BrowserSession* BrowserServer::find(uint64_t id) const {
    const auto found = std::ranges::find(running_, id, &Running::id);
    return found == running_.end() ? nullptr : found->session.get();
}

void BrowserServer::forget(uint64_t id) {
    std::erase_if(running_, [&](const Running& one) { return one.id == id; });
    tell_change();
}

void BrowserServer::tell_change() const {
    if (!config_.changed) return;
    boost::asio::post(io_, [this, weak = std::weak_ptr(alive_)] {
        if (weak.lock()) config_.changed();
    });
}

namespace {
std::unexpected<Error> no_session(uint64_t id) {
    return fail(ErrorCode::NotAvailable, "there is no session {}", id);
}
}  // namespace

Result<void> BrowserServer::stop_session(uint64_t id) {
    BrowserSession* session = find(id);
    if (session == nullptr) return no_session(id);
    session->end("somebody at the host ended it");
    return {};
}

Result<void> BrowserServer::request_keyframe(uint64_t id) {
    BrowserSession* session = find(id);
    if (session == nullptr) return no_session(id);
    session->request_keyframe();
    return {};
}

void BrowserServer::take_thumbnail(uint64_t id, stream::ThumbnailRequests::Done done) {
    BrowserSession* session = find(id);
    if (session == nullptr) return done(no_session(id));
    session->take_thumbnail(std::move(done));
}

void BrowserServer::drop(const std::function<bool(const Visitor&)>& who, const std::string& reason) {
    for (const auto& [id, session] : running_) {
        if (who(session->info().visitor)) session->end(reason);
    }
}

void BrowserServer::set_rights(const crypto::Fingerprint& device, const devices::Rights& rights) {
    for (const auto& [id, session] : running_) {
        if (session->info().visitor.fingerprint == device) session->set_rights(rights);
    }
}

}  // namespace punktfunk::browser
