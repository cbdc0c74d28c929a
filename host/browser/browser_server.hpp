// The pages that play on this host: one BrowserSession each. Everything here runs on the control thread; slow work is
// the sessions' own threads'.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "punktfunk/browser/browser_session.hpp"

namespace punktfunk::browser {

struct BrowserConfig {
    size_t max_concurrent = 4;               // streaming sessions; 0 = no limit
    std::function<size_t()> other_sessions;  // those of the host's protocols count too; may be empty
    std::function<void()> changed;           // sessions have; may be empty; never called from inside a call
};

class BrowserServer {
  public:
    // What `parts` points to must outlive the server.
    BrowserServer(boost::asio::io_context& io, BrowserConfig config, stream::PipelineParts parts);
    ~BrowserServer();  // ends every session and waits for their displays to be gone
    BrowserServer(const BrowserServer&) = delete;

    // Takes over a socket that was not opened yet. One too many is told so, and closed.
    void welcome(std::shared_ptr<http::WebSocket> socket, Visitor visitor);

    [[nodiscard]] std::vector<SessionInfo> sessions() const;
    void set_max_concurrent(size_t most) { config_.max_concurrent = most; }
    // NotAvailable when there is no such session (any more).
    Result<void> stop_session(uint64_t id);
    Result<void> request_keyframe(uint64_t id);
    void take_thumbnail(uint64_t id, stream::ThumbnailRequests::Done done);
    // Ends the sessions of those who may not come any more: a logged-out visitor's, an unpaired device's.
    void drop(const std::function<bool(const Visitor&)>& who, const std::string& reason);
    void set_rights(const crypto::Fingerprint& device, const devices::Rights& rights);

  private:
    [[nodiscard]] BrowserSession* find(uint64_t id) const;
    void forget(uint64_t id);
    void tell_change() const;

    boost::asio::io_context& io_;
    BrowserConfig config_;
    const stream::PipelineParts parts_;
    stream::Reaper reaper_;
    struct Running {
        uint64_t id;
        std::unique_ptr<BrowserSession> session;
    };
    std::vector<Running> running_;
    uint64_t next_id_ = 1;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // what was posted outlives the server
};

}  // namespace punktfunk::browser
