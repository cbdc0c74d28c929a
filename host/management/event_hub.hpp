// Server-sent events: what happens, to everybody who listens, and what a listener missed while it was away. Control
// thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <list>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "punktfunk/http/server.hpp"

namespace punktfunk::management {

using Topics = std::set<std::string, std::less<>>;  // "session", "log"; empty: all

class EventHub {
  public:
    static constexpr size_t kKept = 512, kKeptBytes = 1 << 20;  // events for those who come back
    static constexpr size_t kMostListeners = 1536;
    static constexpr std::chrono::seconds kKeepAlive{15};

    // `boot` tells the ids of one run of the host from those of another.
    EventHub(boost::asio::io_context& io, std::string boot);

    // `type` is "session.started"; its topic is what comes before the dot. Kept for those who come back.
    void publish(const std::string& type, const nlohmann::json& data);
    // To those who listen now; it has no id. Nothing is serialized when nobody does.
    void publish_live(const std::string& type, const nlohmann::json& data);

    [[nodiscard]] bool heard(std::string_view topic) const;  // somebody listens to it
    [[nodiscard]] size_t listeners() const { return listeners_.size(); }

    // Answers the exchange with a stream that begins with what came after `last_id`, if that is one of ours; with
    // `reset` when it is too old, or of another run. False: there are too many listeners; nothing was answered.
    // `credential` is what let it in.
    bool listen(const std::shared_ptr<http::Exchange>& exchange, std::string credential, Topics topics,
                std::string_view last_id, http::Response head);
    // Ends the streams that it let in.
    void close(std::string_view credential);

  private:
    struct Event {
        uint64_t id;
        std::string topic, text;
    };
    struct Listener {
        std::shared_ptr<http::BodyStream> stream;
        std::string credential;
        Topics topics;
        uint32_t turn;  // of the keep-alive
        bool gone = false;
        [[nodiscard]] bool wants(std::string_view topic) const { return topics.empty() || topics.contains(topic); }
    };
    [[nodiscard]] std::string greeting(std::string_view last_id, const Topics& topics) const;
    void send(std::string_view topic, const std::string& text);
    void prune();
    void tick();

    const std::string boot_;
    boost::asio::steady_timer timer_;
    std::deque<Event> kept_;
    size_t kept_bytes_ = 0;
    uint64_t newest_ = 0;
    std::list<std::shared_ptr<Listener>> listeners_;
    uint32_t turn_ = 0;
    bool sending_ = false;
};

}  // namespace punktfunk::management
