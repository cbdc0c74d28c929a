#include "punktfunk/http/acceptor.hpp"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>

namespace punktfunk::http {
namespace {

using namespace std::chrono_literals;

// Sockets of which the first cannot be had, as when there are no descriptors, the second can, and no third comes.
struct Scarce {
    struct socket {};
    class acceptor {
      public:
        explicit acceptor(boost::asio::io_context& io) : io_(io) {}
        template <typename Handler>
        void async_accept(Handler handler) {
            if (++attempts > 2) return;
            const boost::system::error_code ec =
                attempts == 1 ? boost::asio::error::no_descriptors : boost::system::error_code();
            boost::asio::post(io_, [handler = std::move(handler), ec] { handler(ec, socket{}); });
        }
        int attempts = 0;

      private:
        boost::asio::io_context& io_;
    };
};

TEST(Acceptor, WaitsWhenThereIsNoDescriptorForWhoComes) {
    boost::asio::io_context io;
    int taken = 0;
    Acceptor<Scarce> acceptor(io, "test", [&](Scarce::socket) { ++taken; });
    acceptor.start();
    io.run_for(300ms);
    EXPECT_EQ(acceptor.socket().attempts, 1) << "the next would only be refused at once";
    io.run_for(10s);
    EXPECT_EQ(taken, 1) << "and then it goes on";
    EXPECT_EQ(acceptor.socket().attempts, 3);
}

TEST(Acceptor, TakesNobodyAfterItsEnd) {
    boost::asio::io_context io;
    int taken = 0;
    {
        Acceptor<Scarce> acceptor(io, "test", [&](Scarce::socket) { ++taken; });
        acceptor.socket().attempts = 1;
        acceptor.start();
    }
    io.run();
    EXPECT_EQ(taken, 0);
}

}  // namespace
}  // namespace punktfunk::http
