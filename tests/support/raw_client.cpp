#include "raw_client.hpp"

#include <stdexcept>

#include "punktfunk/base/clock.hpp"

namespace punktfunk::test {

using namespace std::chrono_literals;

crypto::Identity any_identity() {
    return *crypto::generate_identity(crypto::IdentityKind::Client);
}

RawClient::RawClient(uint16_t port, std::optional<crypto::Identity> identity, Bytes first,
                     std::chrono::milliseconds idle_timeout) {
    quic::Connection::Handlers handlers;
    handlers.established = [this, first = std::move(first)] { connection_->send_message(first); };
    handlers.message = [this](Bytes payload) { messages.push_back(std::move(payload)); };
    handlers.closed = [this](const quic::CloseInfo& info) { closed = info; };
    auto made = quic::connect(io_,
                              {.remote = {boost::asio::ip::make_address("127.0.0.1"), port},
                               .identity = std::move(identity),
                               .idle_timeout = idle_timeout},
                              std::move(handlers));
    if (!made) throw std::runtime_error(made.error().message);
    connection_ = std::move(*made);
}

RawClient::~RawClient() {
    connection_->set_handlers({});
}

bool RawClient::until(std::chrono::milliseconds timeout, const std::function<bool()>& condition) {
    const auto deadline = SteadyClock::now() + timeout;
    while (!condition()) {
        if (SteadyClock::now() >= deadline) return false;
        io_.restart();
        io_.run_one_for(20ms);
    }
    return true;
}

Bytes RawClient::next_message(std::chrono::milliseconds timeout) {
    if (!until(timeout, [this] { return !messages.empty() || closed; }) || messages.empty()) return {};
    Bytes first = std::move(messages.front());
    messages.erase(messages.begin());
    return first;
}

}  // namespace punktfunk::test
