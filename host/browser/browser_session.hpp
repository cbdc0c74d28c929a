// A page that plays: one StreamSession, at the size of the page's window, over one WebSocket. Control thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "punktfunk/crypto/identity.hpp"
#include "punktfunk/devices/device_terms.hpp"
#include "punktfunk/http/web_socket.hpp"
#include "punktfunk/stream/reaper.hpp"
#include "punktfunk/stream/stream_session.hpp"

namespace punktfunk::browser {

// Who opened the page, as the management API knows them.
struct Visitor {
    std::string name;        // fit to show
    std::string credential;  // by which they may come: a login, the token, a device
    boost::asio::ip::address address;
    std::optional<crypto::Fingerprint> fingerprint;  // a paired device
    devices::Rights rights;
};

struct SessionInfo {
    uint64_t id = 0;  // of one run of the host
    Visitor visitor;
    std::chrono::system_clock::time_point started;
    std::string encoder;  // empty until it is open
    bool streaming = false;
    display::Mode mode;
    uint32_t bitrate_kbps = 0;
    stream::StreamStats stats;
};

// What the sessions share. All of it outlives them.
struct SessionContext {
    boost::asio::io_context& io;
    stream::Reaper& reaper;
    std::function<void()> changed;  // may be empty
};

class BrowserSession {
  public:
    // `ended` is called once, never from inside a call to this object: destroy it then. Not called for one that is
    // destroyed before.
    static Result<std::unique_ptr<BrowserSession>> start(const SessionContext& context, stream::PipelineParts parts,
                                                         std::shared_ptr<http::WebSocket> socket, uint64_t id,
                                                         Visitor visitor, std::function<void()> ended);
    ~BrowserSession();  // everything stops at once; the desktop goes to the reaper
    BrowserSession(const BrowserSession&) = delete;

    void end(std::string reason);  // which the page is told; `ended` follows
    void request_keyframe();
    void take_thumbnail(stream::ThumbnailRequests::Done done);
    void set_rights(const devices::Rights& rights);
    [[nodiscard]] SessionInfo info() const;

  private:
    struct State;
    explicit BrowserSession(std::shared_ptr<State> state) : state_(std::move(state)) {}
    std::shared_ptr<State> state_;  // what is posted from the session's threads holds it too
};

}  // namespace punktfunk::browser
