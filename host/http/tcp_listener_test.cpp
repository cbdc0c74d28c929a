#include "punktfunk/http/tcp_listener.hpp"

#include <gtest/gtest.h>

namespace punktfunk::http {
namespace {

using namespace std::chrono_literals;

struct Waiting final : TcpConnection {
    explicit Waiting(asio::io_context& io) : TcpConnection(io.get_executor()), socket_(io) {}
    void start() override {}
    [[nodiscard]] bool idle() const override { return true; }
    [[nodiscard]] Tcp::socket& socket() override { return socket_; }
    using TcpConnection::closed;

  private:
    Tcp::socket socket_;
};

// Runs what comes first of several that are due: the others are queued then.
void run_first(asio::io_context& io) {
    ASSERT_EQ(io.run_one(), 1u);
}

TEST(TcpConnection, EndsWhenItsTimeIsUp) {
    asio::io_context io;
    const auto connection = std::make_shared<Waiting>(io);
    connection->be_patient(0s);
    io.run();
    EXPECT_TRUE(connection->closed());
}

TEST(TcpConnection, AnExpiryThatIsQueuedDoesNotEndOneThatGotMoreTime) {
    asio::io_context io;
    const auto first = std::make_shared<Waiting>(io), second = std::make_shared<Waiting>(io);
    first->be_patient(-2s);
    second->be_patient(-1s);
    run_first(io);
    ASSERT_TRUE(first->closed());
    second->be_patient(1h);
    io.poll();
    EXPECT_FALSE(second->closed());
    second->finish();
}

TEST(TcpConnection, NorOneThatMayTakeAnyTime) {
    asio::io_context io;
    const auto first = std::make_shared<Waiting>(io), second = std::make_shared<Waiting>(io);
    first->be_patient(-2s);
    second->be_patient(-1s);
    run_first(io);
    second->wait_no_longer();
    io.poll();
    EXPECT_FALSE(second->closed());
}

}  // namespace
}  // namespace punktfunk::http
