#include "punktfunk/management/management_server.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "answers.hpp"
#include "api.hpp"
#include "describe.hpp"
#include "punktfunk/base/hex.hpp"
#include "punktfunk/crypto/random.hpp"
#include "static_files.hpp"
#include "timestamps.hpp"

namespace punktfunk::management {

namespace asio = boost::asio;
using nlohmann::json;

namespace {

constexpr size_t kMaxConnections = 2048, kWorkerBound = 16;
constexpr auto kTick = std::chrono::seconds(1);

std::string random_name() {
    std::array<uint8_t, 6> random{};
    crypto::random_bytes(random);
    return to_hex(random);
}

bool is_json(std::string_view content_type) {
    const std::string_view type = content_type.substr(0, std::min(content_type.find(';'), content_type.size()));
    return type == "application/json" || type == "application/json ";
}

void replace_all(std::string& text, const std::string& what) {
    for (size_t at = 0; (at = text.find(what, at)) != std::string::npos;) text.replace(at, what.size(), "[removed]");
}

class Server final : public ManagementServer {
  public:
    Server(asio::io_context& io, ManagementOptions options, std::string token, StaticFiles files, HostControl& host,
           library::Library& library, std::shared_ptr<LogRing> log)
        : io_(io),
          options_(std::move(options)),
          token_(std::move(token)),
          files_(std::move(files)),
          host_(host),
          log_(std::move(log)),
          access_(options_.config_dir, token_, host),
          worker_(io, "pf-mgmt", kWorkerBound),
          hub_(io, random_name()),
          watch_(host, hub_),
          library_(library, options_.library_places, worker_, hub_),
          api_{.host = host,
               .access = access_,
               .hub = hub_,
               .watch = watch_,
               .log = *log_,
               .worker = worker_,
               .library = library_,
               .changed = [this] { changed(); },
               .port = [this] { return local().port(); },
               .without_secrets = [this](std::string text) { return without_secrets(std::move(text)); }},
          timer_(io) {
        access_.on_session_end([this](const std::string& credential) {
            hub_.close(credential);
            host_.end_visits(credential);
        });
        add_host_routes(router_, api_);
        add_access_routes(router_, api_);
        add_session_routes(router_, api_);
        add_device_routes(router_, api_);
        add_pairing_routes(router_, api_);
        add_display_routes(router_, api_);
        add_setting_routes(router_, api_);
        add_log_routes(router_, api_);
        add_event_routes(router_, api_);
        add_library_routes(router_, api_);
        add_play_routes(router_, api_);
        log_->on_news([this, alive = std::weak_ptr(alive_)] {
            asio::post(io_, [this, alive] {
                if (!alive.expired()) tell_log();
            });
        });
    }
    ~Server() override { log_->on_news(nullptr); }

    Result<void> open() {
        auto listening = http::Server::listen(
            io_,
            {.bind = options_.bind,
             .identity = options_.identity,
             .max_body_bytes = kMaxPictureBody,
             .body_limit = [this](std::string_view method,
                                  std::string_view path) { return router_.max_body(method, path); },
             .max_connections = kMaxConnections,
             .refusal =
                 [](unsigned status, const std::string& why) {
                     auto response = error_answer(status, why);
                     add_security_headers(response, /*cacheable=*/false);
                     return response;
                 }},
            [this](const std::shared_ptr<http::Exchange>& exchange) { handle(exchange); });
        if (!listening) return std::unexpected(std::move(listening.error()));
        http_ = std::move(*listening);
        watch_.look();
        library_.refresh();  // clients may ask for its entries before anybody looks
        tick();
        return {};
    }

    [[nodiscard]] asio::ip::tcp::endpoint local() const override { return http_->local(); }
    void changed() override {
        if (std::exchange(looking_, true)) return;
        asio::post(io_, [this, alive = std::weak_ptr(alive_)] {
            if (alive.expired()) return;
            looking_ = false;
            watch_.look();
        });
    }

  private:
    void handle(const std::shared_ptr<http::Exchange>& exchange) {
        const http::Request& request = exchange->request();
        const bool api = request.path == "/metrics" || request.path.starts_with("/api/") || request.path == "/api";
        if (!api) return exchange->respond(files_.answer(request));
        Call call{.exchange = exchange, .path = {}, .query = {}, .caller = {}, .body = {}};
        auto match = router_.find(request.method, request.path);
        if (match.operation == nullptr && match.allowed.empty())
            return call.respond(error_answer(404, "there is no such path in this API: see /api/v1/openapi.json"));
        if (match.operation == nullptr) {
            auto response = error_answer(405, "here, the methods are: " + match.allowed);
            response.headers.emplace_back("Allow", match.allowed);
            return call.respond(std::move(response));
        }
        const Operation& operation = *match.operation;
        call.path = std::move(match.path);
        call.caller = access_.identify(request);
        if (auto refused = access_.refuse(operation, call.caller, request)) return call.respond(std::move(*refused));
        auto query = parse_query(request.query);
        if (!query) return call.respond(error_answer(400, "the query cannot be decoded"));
        call.query = std::move(*query);
        if (operation.takes_body) {
            if (!is_json(request.header("Content-Type")))
                return call.respond(error_answer(415, "the body must be application/json"));
            call.body = json::parse(request.body, nullptr, /*allow_exceptions=*/false);
            if (call.body.is_discarded()) return call.respond(error_answer(400, "the body is not JSON"));
            if (!call.body.is_object()) return call.respond(error_answer(422, "the body must be an object"));
        }
        operation.carry_out(call);
    }

    // What nobody says: logins and PINs that ran out, streams that began. And, while somebody watches, how the sessions
    // fare.
    void tick() {
        access_.end_stale_sessions();
        if (hub_.listeners() != 0) watch_.look();
        if (hub_.heard("stats")) {
            auto list = json::array();
            const auto sessions = host_.sessions();
            for (const SessionView& session : sessions)
                list.push_back({{"id", session.id}, {"stats", describe_stats(session)}});
            if (!list.empty())
                hub_.publish_live("stats", {{"at", timestamp(std::chrono::system_clock::now())}, {"sessions", list}});
        }
        timer_.expires_after(kTick);
        timer_.async_wait([this](boost::system::error_code cancelled) {
            if (!cancelled) tick();
        });
    }

    void tell_log() {
        const bool heard = hub_.heard("log");
        const auto page = log_->read(heard ? spdlog::level::trace : spdlog::level::off, told_log_, LogRing::kLines);
        told_log_ = page.last_id;
        for (const LogEntry& line : page.entries) hub_.publish_live("log", describe(line));
    }

    [[nodiscard]] std::string without_secrets(std::string text) const {
        replace_all(text, token_);
        if (const auto hash = access_.password_hash(); hash && !hash->empty()) replace_all(text, *hash);
        return text;
    }

    asio::io_context& io_;
    const ManagementOptions options_;
    const std::string token_;
    const StaticFiles files_;
    HostControl& host_;
    const std::shared_ptr<LogRing> log_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    AccessControl access_;
    Worker worker_;  // its jobs use what stands above
    EventHub hub_;
    ChangeWatch watch_;
    LibraryIndex library_;
    Api api_;
    Router router_;
    asio::steady_timer timer_;
    bool looking_ = false;
    uint64_t told_log_ = 0;
    std::unique_ptr<http::Server> http_;  // goes first: it ends what is answered later
};

}  // namespace

Result<std::unique_ptr<ManagementServer>> ManagementServer::start(asio::io_context& io, ManagementOptions options,
                                                                  HostControl& host, library::Library& library,
                                                                  std::shared_ptr<LogRing> log) {
    auto token = load_or_create_token(options.config_dir, options.token);
    if (!token) return std::unexpected(std::move(token.error()));
    const auto password = PasswordFile(options.config_dir).hash();
    if (!password) return std::unexpected(password.error());
    if (!options.bind.address().is_loopback() && password->empty()) {
        return fail(
            ErrorCode::InvalidArgument,
            "--mgmt-bind {}: other machines could reach the console and no password is set: run `punktfunk-host "
            "passwd` first",
            options.bind.address().to_string());
    }
    auto files = StaticFiles::load(options.web_root);
    if (!files) return std::unexpected(std::move(files.error()));
    auto server = std::make_unique<Server>(io, std::move(options), std::move(*token), std::move(*files), host, library,
                                           std::move(log));
    if (auto opened = server->open(); !opened) return std::unexpected(std::move(opened.error()));
    return server;
}

}  // namespace punktfunk::management
