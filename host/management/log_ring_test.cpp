#include "punktfunk/management/log_ring.hpp"

#include <gtest/gtest.h>
#include <spdlog/logger.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <future>
#include <thread>

#include "punktfunk/management/worker.hpp"

namespace punktfunk::management {

namespace {

struct Logging {
    std::shared_ptr<LogRing> ring = std::make_shared<LogRing>();
    spdlog::logger log{"test", ring};
    Logging() { log.set_level(spdlog::level::debug); }
};

}  // namespace

TEST(LogRing, KeepsTheNewestLines) {
    Logging logging;
    for (size_t i = 0; i < LogRing::kLines + 5; ++i) logging.log.info("line {}", i);
    logging.log.warn("the last");
    const auto page = logging.ring->read(spdlog::level::debug, 0, 3);
    ASSERT_EQ(page.entries.size(), 3u);
    EXPECT_EQ(page.entries[2].message, "the last");
    EXPECT_EQ(page.entries[2].id, LogRing::kLines + 6);
    EXPECT_EQ(page.last_id, LogRing::kLines + 6);
    EXPECT_TRUE(page.truncated);
    const auto warnings = logging.ring->read(spdlog::level::warn, 0, 10);
    ASSERT_EQ(warnings.entries.size(), 1u);
    EXPECT_TRUE(logging.ring->read(spdlog::level::debug, page.last_id, 10).entries.empty());
    EXPECT_FALSE(logging.ring->read(spdlog::level::debug, page.last_id - 1, 10).truncated);
}

TEST(LogRing, ALineIsCut) {
    Logging logging;
    logging.log.info("{}", std::string(LogRing::kLongest * 2, 'x'));
    EXPECT_EQ(logging.ring->read(spdlog::level::debug, 0, 1).entries[0].message.size(), LogRing::kLongest);
}

TEST(LogRing, TellsOnceUntilItIsRead) {
    Logging logging;
    int told = 0;
    logging.ring->on_news([&] { ++told; });
    logging.log.info("a");
    logging.log.info("b");
    EXPECT_EQ(told, 1);
    (void)logging.ring->read(spdlog::level::off, 0, 0);
    logging.log.info("c");
    EXPECT_EQ(told, 2);
    logging.ring->on_news(nullptr);
    logging.log.info("d");
    EXPECT_EQ(told, 2);
}

TEST(Worker, WorksElsewhereAndAnswersHere) {
    boost::asio::io_context io;
    Worker worker(io, "pf-test", 2);
    std::thread::id there;
    int answer = 0;
    ASSERT_TRUE(worker.run(
        [&] {
            there = std::this_thread::get_id();
            return 7;
        },
        [&](int result) { answer = result; }));
    auto guard = boost::asio::make_work_guard(io);
    while (answer == 0) io.run_one();
    EXPECT_EQ(answer, 7);
    EXPECT_NE(there, std::this_thread::get_id());
}

TEST(Worker, IsBoundedAndDropsWhatWaitsWhenItGoes) {
    boost::asio::io_context io;
    int answered = 0;
    {
        std::promise<void> started, go;
        Worker worker(io, "pf-test", 2);
        ASSERT_TRUE(worker.run(
            [&] {
                started.set_value();
                go.get_future().wait();
                return 0;
            },
            [&](int) { ++answered; }));
        started.get_future().wait();
        EXPECT_TRUE(worker.run([] { return 0; }, [&](int) { ++answered; }));
        EXPECT_TRUE(worker.run([] { return 0; }, [&](int) { ++answered; }));
        EXPECT_FALSE(worker.run([] { return 0; }, [&](int) { ++answered; })) << "two wait already";
        go.set_value();
    }
    io.run();
    EXPECT_EQ(answered, 0) << "who asked is gone";
}

}  // namespace punktfunk::management
