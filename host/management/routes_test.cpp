#include <gtest/gtest.h>

#include <fstream>
#include <future>

#include "api.hpp"
#include "fake_exchange.hpp"
#include "fake_host.hpp"
#include "punktfunk/testing/temp_directory.hpp"

namespace punktfunk::management {
namespace {

using namespace std::chrono_literals;

class RoutesTest : public testing::Test {
  protected:
    RoutesTest() {
        add_access_routes(router_, api_);
        add_library_routes(router_, api_);
    }

    std::shared_ptr<FakeExchange> ask(std::string_view method = "GET", std::string_view path = "/api/v1/library",
                                      nlohmann::json body = {}) {
        auto exchange = std::make_shared<FakeExchange>();
        exchange->asked.headers = {{"Authorization", "Bearer s3cret"}};
        const auto match = router_.find(method, path);
        match.operation->carry_out(
            {.exchange = exchange, .path = match.path, .query = {}, .caller = {}, .body = std::move(body)});
        return exchange;
    }
    [[nodiscard]] bool answered(const FakeExchange& exchange) {
        const auto limit = SteadyClock::now() + 10s;
        while (!exchange.answer && SteadyClock::now() < limit) io_.run_one_for(10ms);
        return exchange.answer.has_value();
    }

    // Until `finish` is set.
    void keep_worker_busy(std::promise<void>& finish) {
        std::promise<void> busy;
        ASSERT_TRUE(worker_.run(
            [&busy, until = finish.get_future().share()] {
                busy.set_value();
                until.wait();
                return 0;
            },
            [](int) {}));
        busy.get_future().wait();
    }

    test::TempDirectory directory_;
    FakeHost host_;
    boost::asio::io_context io_;
    AccessControl access_{directory_.path(), "s3cret", host_};
    EventHub hub_{io_, "boot"};
    ChangeWatch watch_{host_, hub_};
    LogRing log_;
    library::Library library_{library::CustomLibrary::open(directory_.path()).value()};
    Worker worker_{io_, "pf-test", 4};
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

TEST_F(RoutesTest, TheDiskIsAskedForPicturesOnTheWorkersThread) {
    const auto made = library_.custom().create({.title = "Zebra", .art = {}, .launch = {}});
    ASSERT_TRUE(made);
    ASSERT_TRUE(library_.custom().set_picture(made->id, library::ArtKind::Portrait, "\xff\xd8\xff a JPEG's beginning"));
    const auto scanned = ask();
    ASSERT_TRUE(answered(*scanned));
    EXPECT_NE(scanned->answer->body.find("/art/portrait?v="), std::string::npos) << scanned->answer->body;

    // The list is fresh, and the worker busy: until it is not there is no answer.
    std::promise<void> finish;
    keep_worker_busy(finish);
    const auto asked = ask();
    io_.poll();
    EXPECT_FALSE(asked->answer);
    // However many ask meanwhile, up to a bound, one answer is made for all of them.
    std::vector<std::shared_ptr<FakeExchange>> more;
    while (more.size() < LibraryIndex::kMostWaiting) more.push_back(ask());
    const auto too_many = ask();
    ASSERT_TRUE(too_many->answer);
    EXPECT_EQ(too_many->answer->status, 503u);
    EXPECT_NE(too_many->answer->body.find("busy"), std::string::npos);
    finish.set_value();
    ASSERT_TRUE(answered(*asked));
    EXPECT_EQ(asked->answer->status, 200u);
    EXPECT_EQ(asked->answer->body, scanned->answer->body);
    for (const auto& other : more) {
        ASSERT_TRUE(answered(*other));
        EXPECT_EQ(other->answer->body, scanned->answer->body);
    }
}

TEST_F(RoutesTest, AFullLibrarySaysSo) {
    auto list = nlohmann::json::array();
    const std::string command(library::kMaxCommand, 'x');
    const auto add = [&](nlohmann::json entry) {
        entry["id"] = fmt::format("{:012x}", list.size());
        entry["title"] = "x";
        list.push_back(std::move(entry));
    };
    for (int small = 0; small < 8; ++small) add({});
    constexpr size_t kMostBytes = size_t{8} << 20;
    for (size_t bytes = 0; bytes + 2 * command.size() < kMostBytes; bytes += list.back().dump(2).size() + 20)
        add({{"launch", {{"kind", "command"}, {"value", command}}}});
    std::ofstream(directory_.path() / "library.json") << list.dump(2);
    library_.custom() = library::CustomLibrary::open(directory_.path()).value();
    // Each of these is larger than what is left.
    const nlohmann::json large{{"title", "x"}, {"launch", {{"kind", "command"}, {"value", command}}}};
    std::shared_ptr<FakeExchange> refused;
    for (size_t entry = 0; entry < 8 && (!refused || refused->answer->status == 200u); ++entry)
        refused = ask("PUT", fmt::format("/api/v1/library/custom/{:012x}", entry), large);
    for (const auto& full : {refused, ask("POST", "/api/v1/library/custom", large)}) {
        ASSERT_TRUE(full->answer);
        EXPECT_EQ(full->answer->status, 409u) << full->answer->body;
        EXPECT_NE(full->answer->body.find("library_full"), std::string::npos);
    }
}

TEST_F(RoutesTest, APasswordThatWasReplacedMeanwhileLetsNobodyIn) {
    const std::string old = "correct horse", next = "battery staple";
    ASSERT_TRUE(access_.store_password(hash_password(old).value()));
    std::promise<void> finish;
    keep_worker_busy(finish);
    const auto change = ask("POST", "/api/v1/password", {{"current", old}, {"new", next}});
    const auto second = ask("POST", "/api/v1/password", {{"current", old}, {"new", "somebody else's"}});
    const auto login = ask("POST", "/api/v1/login", {{"password", old}});
    finish.set_value();
    for (const auto& asked : {change, second, login}) ASSERT_TRUE(answered(*asked));
    EXPECT_EQ(change->answer->status, 204u);
    EXPECT_EQ(second->answer->status, 403u);
    EXPECT_EQ(login->answer->status, 401u);
    EXPECT_TRUE(password_fits(access_.password_hash().value(), next));
}

}  // namespace
}  // namespace punktfunk::management
