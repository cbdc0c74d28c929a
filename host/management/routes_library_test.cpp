#include <gtest/gtest.h>

#include <future>

#include "api.hpp"
#include "fake_exchange.hpp"
#include "fake_host.hpp"
#include "punktfunk/testing/temp_directory.hpp"

namespace punktfunk::management {
namespace {

using namespace std::chrono_literals;

class LibraryRoutesTest : public testing::Test {
  protected:
    LibraryRoutesTest() { add_library_routes(router_, api_); }

    std::shared_ptr<FakeExchange> ask() {
        auto exchange = std::make_shared<FakeExchange>();
        const auto match = router_.find("GET", "/api/v1/library");
        match.operation->carry_out({.exchange = exchange, .path = {}, .query = {}, .caller = {}, .body = {}});
        return exchange;
    }
    [[nodiscard]] bool answered(const FakeExchange& exchange) {
        const auto limit = SteadyClock::now() + 10s;
        while (!exchange.answer && SteadyClock::now() < limit) io_.run_one_for(10ms);
        return exchange.answer.has_value();
    }

    test::TempDirectory directory_;
    FakeHost host_;
    boost::asio::io_context io_;
    AccessControl access_{directory_.path(), "s3cret", host_};
    EventHub hub_{io_, "boot"};
    ChangeWatch watch_{host_, hub_};
    LogRing log_;
    library::Library library_{library::CustomLibrary::open(directory_.path()).value()};
    Worker worker_{io_, "pf-test", 1};
    LibraryIndex index_{library_,
                        {.home = directory_.path(),
                         .config_home = directory_.path(),
                         .data_home = directory_.path(),
                         .cache_home = directory_.path(),
                         .data_dirs = {},
                         .program_dirs = {}},
                        worker_,
                        hub_};
    Api api_{.host = host_,
             .access = access_,
             .hub = hub_,
             .watch = watch_,
             .log = log_,
             .worker = worker_,
             .library = index_,
             .changed = {},
             .port = {},
             .without_secrets = {}};
    Router router_;
};

TEST_F(LibraryRoutesTest, TheDiskIsAskedForPicturesOnTheWorkersThread) {
    const auto made = library_.custom().create({.title = "Zebra", .art = {}, .launch = {}});
    ASSERT_TRUE(made);
    ASSERT_TRUE(library_.custom().set_picture(made->id, library::ArtKind::Portrait, "\xff\xd8\xff a JPEG's beginning"));
    const auto scanned = ask();
    ASSERT_TRUE(answered(*scanned));
    EXPECT_NE(scanned->answer->body.find("/art/portrait?v="), std::string::npos) << scanned->answer->body;

    // The list is fresh, and the worker busy: until it is not there is no answer.
    std::promise<void> finish, busy;
    ASSERT_TRUE(worker_.run(
        [&busy, until = finish.get_future().share()] {
            busy.set_value();
            until.wait();
            return 0;
        },
        [](int) {}));
    busy.get_future().wait();
    const auto asked = ask();
    io_.poll();
    EXPECT_FALSE(asked->answer);
    const auto too_many = ask();
    ASSERT_TRUE(too_many->answer);
    EXPECT_EQ(too_many->answer->status, 503u);
    finish.set_value();
    ASSERT_TRUE(answered(*asked));
    EXPECT_EQ(asked->answer->status, 200u);
    EXPECT_EQ(asked->answer->body, scanned->answer->body);
}

}  // namespace
}  // namespace punktfunk::management
