#include "event_hub.hpp"

#include <fmt/format.h>

#include <charconv>

#include "answers.hpp"

namespace punktfunk::management {

namespace {

std::string topic_of(const std::string& type) {
    return type.substr(0, type.find('.'));
}

std::string event_text(const std::string& type, const nlohmann::json& data) {
    return fmt::format("event: {}\ndata: {}\n\n", type, dump(data));
}

}  // namespace

EventHub::EventHub(boost::asio::io_context& io, std::string boot) : boot_(std::move(boot)), timer_(io) {
    tick();
}

void EventHub::publish(const std::string& type, const nlohmann::json& data) {
    ++newest_;
    Event event{newest_, topic_of(type), fmt::format("id: {}-{}\n{}", boot_, newest_, event_text(type, data))};
    send(event.topic, event.text);
    kept_bytes_ += event.text.size();
    kept_.push_back(std::move(event));
    while (kept_.size() > kKept || kept_bytes_ > kKeptBytes) {
        kept_bytes_ -= kept_.front().text.size();
        kept_.pop_front();
    }
}

void EventHub::publish_live(const std::string& type, const nlohmann::json& data) {
    const std::string topic = topic_of(type);
    if (heard(topic)) send(topic, event_text(type, data));
}

bool EventHub::heard(std::string_view topic) const {
    return std::ranges::any_of(listeners_, [&](const auto& listener) { return listener->wants(topic); });
}

std::string EventHub::greeting(std::string_view last_id, const Topics& topics) const {
    // The id alone is no event, but is what a listener comes back with that has seen none yet.
    std::string text = fmt::format("retry: 1000\nid: {}-{}\n\n", boot_, newest_);
    if (last_id.empty()) return text;
    const std::string prefix = boot_ + "-";
    uint64_t seen = 0;
    const std::string_view number = last_id.starts_with(prefix) ? last_id.substr(prefix.size()) : std::string_view();
    const auto [end, ec] = std::from_chars(number.data(), number.data() + number.size(), seen);
    const bool ours = !number.empty() && ec == std::errc() && end == number.data() + number.size() && seen <= newest_;
    const uint64_t oldest = kept_.empty() ? newest_ + 1 : kept_.front().id;
    if (!ours || seen + 1 < oldest) {
        const char* why = ours ? "more was missed than is kept" : "the host was started anew";
        return fmt::format("retry: 1000\nid: {}-{}\n{}", boot_, newest_, event_text("reset", {{"reason", why}}));
    }
    text = "retry: 1000\n\n";
    for (const Event& event : kept_) {
        if (event.id > seen && (topics.empty() || topics.contains(event.topic))) text += event.text;
    }
    return text;
}

bool EventHub::listen(const std::shared_ptr<http::Exchange>& exchange, std::string credential, Topics topics,
                      std::string_view last_id, http::Response head) {
    if (listeners_.size() >= kMostListeners) return false;
    head.body = greeting(last_id, topics);
    auto listener = std::make_shared<Listener>(nullptr, std::move(credential), std::move(topics), turn_);
    exchange->on_gone([this, weak = std::weak_ptr(listener)] {
        if (const auto gone = weak.lock()) gone->gone = true;
        if (!sending_) prune();
    });
    listener->stream = exchange->stream(std::move(head));
    listeners_.push_back(std::move(listener));
    return true;
}

void EventHub::send(std::string_view topic, const std::string& text) {
    sending_ = true;
    for (const auto& listener : listeners_) {
        if (!listener->gone && listener->wants(topic)) listener->gone = !listener->stream->write(text);
    }
    sending_ = false;
    prune();
}

void EventHub::prune() {
    std::erase_if(listeners_, [](const auto& listener) { return listener->gone; });
}

void EventHub::close(std::string_view credential) {
    for (const auto& listener : listeners_) {
        if (listener->credential != credential) continue;
        listener->stream->close();
        listener->gone = true;
    }
    if (!sending_) prune();
}

// Every listener hears something every kKeepAlive, each in its own turn, so that a thousand of them are not a burst.
void EventHub::tick() {
    turn_ = (turn_ + 1) % static_cast<uint32_t>(kKeepAlive.count());
    sending_ = true;
    for (const auto& listener : listeners_) {
        if (!listener->gone && listener->turn == turn_) listener->gone = !listener->stream->write(":\n\n");
    }
    sending_ = false;
    prune();
    timer_.expires_after(std::chrono::seconds(1));
    timer_.async_wait([this](boost::system::error_code cancelled) {
        if (!cancelled) tick();
    });
}

}  // namespace punktfunk::management
