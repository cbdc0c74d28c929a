#include "nvhttp_front.hpp"

#include <spdlog/spdlog.h>

#include "box_art.hpp"
#include "interface_mac.hpp"
#include "punktfunk/http/peer_address.hpp"

namespace punktfunk::moonlight {

namespace {

constexpr size_t kMaxConnections = 256;  // each, HTTP and HTTPS
constexpr size_t kMaxBody = 4096;        // nobody sends one
constexpr std::string_view kStockName = "roth";

void send(http::Exchange& exchange, nvhttp::Response response) {
    exchange.respond({.status = static_cast<unsigned>(response.http_status),
                      .content_type = std::move(response.content_type),
                      .body = std::move(response.body),
                      .headers = {},
                      .close = true});
}

nvhttp::Response unpaired() {
    return nvhttp::error_response(200, "OK");
}

template <typename... Functions>
struct Overloaded : Functions... {
    using Functions::operator()...;
};

}  // namespace

Result<std::unique_ptr<NvhttpFront>> NvhttpFront::listen(boost::asio::io_context& io, FrontOptions options,
                                                         PairedClients& paired, AppCatalogue& apps, Lobby& lobby) {
    auto signer = pairing::HostSigner::create(options.identity);
    if (!signer) return std::unexpected(std::move(signer.error()));
    std::unique_ptr<NvhttpFront> front(
        new NvhttpFront(io, std::move(options), std::move(*signer), paired, apps, lobby));
    if (auto opened = front->open(io); !opened) return std::unexpected(std::move(opened.error()));
    return front;
}

NvhttpFront::NvhttpFront(boost::asio::io_context& io, FrontOptions options, pairing::HostSigner signer,
                         PairedClients& paired, AppCatalogue& apps, Lobby& lobby)
    : options_(std::move(options)),
      paired_(paired),
      apps_(apps),
      lobby_(lobby),
      registrar_(std::move(signer)),
      timer_(io) {}

NvhttpFront::~NvhttpFront() = default;

Result<void> NvhttpFront::open(boost::asio::io_context& io) {
    const auto listen_on = [&](uint16_t port, std::optional<crypto::Identity> identity) {
        return http::Server::listen(io,
                                    {.bind = {options_.bind, port},
                                     .identity = std::move(identity),
                                     .max_header_bytes = nvhttp::kMaxRequestLine + 4096,
                                     .max_body_bytes = kMaxBody,
                                     .max_connections = kMaxConnections},
                                    [this](const std::shared_ptr<http::Exchange>& exchange) { handle(exchange); });
    };
    auto http = listen_on(options_.http_port, std::nullopt);
    if (!http) return std::unexpected(std::move(http.error()));
    auto https = listen_on(options_.https_port, options_.identity);
    if (!https) return std::unexpected(std::move(https.error()));
    http_ = std::move(*http);
    https_ = std::move(*https);
    tick();
    return {};
}

void NvhttpFront::tick() {
    registrar_.expire(SteadyClock::now());
    release_held();
    timer_.expires_after(std::chrono::seconds(1));
    timer_.async_wait([this](boost::system::error_code cancelled) {
        if (!cancelled) tick();
    });
}

void NvhttpFront::handle(const std::shared_ptr<http::Exchange>& exchange) {
    const http::Request& request = exchange->request();
    if (request.method != "GET") {
        return exchange->respond({.status = 405, .body = "only GET is answered here\n", .headers = {}, .close = true});
    }
    const PairedClient* client =
        request.secure && request.peer_certificate ? paired_.find(*request.peer_certificate) : nullptr;
    const nvhttp::Access access{request.secure, client != nullptr};
    const auto call = nvhttp::route(request.query.empty() ? request.path : request.path + "?" + request.query, access);
    if (!call) {
        if (request.secure && client == nullptr) {
            complaints_.say(fmt::format("{} asked for {} over TLS and is not paired: refused",
                                        http::address_text(request.peer.address()), request.path.substr(0, 64)));
        }
        return send(*exchange, call.error());
    }
    // Calls that need a client only come out of route() for one.
    std::visit(Overloaded{[&](const nvhttp::ServerInfoCall&) {
                              const std::string local = http::address_text(request.local.address());
                              const std::string mac = access.trusted() ? interface_mac(request.local.address()) : "";
                              const nvhttp::HostInfo host{.hostname = options_.hostname,
                                                          .unique_id = options_.unique_id,
                                                          .http_port = http_port(),
                                                          .https_port = https_port(),
                                                          .external_ip = {},
                                                          .external_port = {},
                                                          .codecs = options_.codecs};
                              send(*exchange,
                                   nvhttp::server_info(
                                       host, {.access = access,
                                              .local_address = local,
                                              .mac = mac,
                                              .running_app = client ? lobby_.running_app(client->fingerprint) : 0}));
                          },
                          [&](const nvhttp::PairCall& pair_call) { pair(pair_call, exchange); },
                          [&](const nvhttp::UnpairCall& unpair) {
                              registrar_.abort(unpair.unique_id, http::address_text(request.peer.address()));
                              release_held();
                              if (client != nullptr) {
                                  const auto fingerprint = client->fingerprint;
                                  spdlog::info("{} unpaired itself", client->name);
                                  if (auto removed = paired_.remove(fingerprint); !removed)
                                      return send(*exchange, nvhttp::error_response(500, removed.error().message));
                                  lobby_.drop_client(fingerprint);
                                  tell_change();
                              }
                              send(*exchange, unpaired());
                          },
                          [&](const nvhttp::AppListCall&) {
                              std::vector<nvhttp::App> list;
                              for (const App& app : apps_.apps())
                                  list.push_back({.id = app.id, .title = app.name, .hdr = false});
                              send(*exchange, nvhttp::app_list(list));
                          },
                          [&](const nvhttp::AppAssetCall& asset) { send(*exchange, box_art(asset.app_id)); },
                          [&](const nvhttp::LaunchCall& launch) {
                              send(*exchange,
                                   lobby_.launch(*client, launch, request.local.address(), request.peer.address()));
                          },
                          [&](const nvhttp::CancelCall&) {
                              lobby_.quit_app(client->fingerprint);
                              send(*exchange, nvhttp::cancel_answer());
                          }},
               *call);
}

void NvhttpFront::pair(const nvhttp::PairCall& call, const std::shared_ptr<http::Exchange>& exchange) {
    const std::string peer = http::address_text(exchange->request().peer.address());
    auto outcome = registrar_.handle(call, peer, SteadyClock::now());
    std::visit(
        Overloaded{[&](nvhttp::Response& response) { send(*exchange, std::move(response)); },
                   [&](const pairing::Held& held) {
                       spdlog::info(
                           "a Moonlight client at {} wants to pair: punktfunk-host pin, and the PIN that it shows",
                           peer);
                       held_.emplace(held.id, exchange);
                       tell_change();
                       exchange->on_gone([this, id = held.id] {
                           registrar_.connection_closed(id);
                           held_.erase(id);
                           tell_change();
                       });
                   },
                   [&](pairing::Paired& paired) {
                       const bool nameless = paired.client.name == kStockName;
                       const std::string name = nameless ? "Moonlight at " + peer : paired.client.name;
                       auto stored = paired_.add(name, std::move(paired.client.certificate_der));
                       if (stored) {
                           spdlog::info("{} is paired now", name);
                           tell_change();
                       } else {
                           spdlog::error("{} could not be paired: {}", name, stored.error().message);
                       }
                       send(*exchange, std::move(stored ? paired.stored : paired.not_stored));
                   }},
        outcome);
    release_held();
}

void NvhttpFront::tell_change() const {
    if (options_.changed) options_.changed();
}

void NvhttpFront::release_held() {
    for (pairing::Released& released : registrar_.take_released()) {
        const auto held = held_.extract(released.id);
        tell_change();
        if (!held.empty()) send(*held.mapped(), std::move(released.response));
    }
}

Result<pairing::WaitingClient> NvhttpFront::enter_pin(uint64_t id, std::string_view pin, std::string_view name) {
    const auto waiting = registrar_.waiting();
    if (waiting.empty())
        return fail(ErrorCode::NotAvailable,
                    "no Moonlight client waits for a PIN: choose this host in Moonlight first, which then shows one");
    if (id == 0 && waiting.size() > 1) {
        std::string who;
        for (const auto& client : waiting)
            who += fmt::format("{}{} at {}", who.empty() ? "" : ", ", client.id, client.peer_address);
        return fail(ErrorCode::InvalidArgument, "several clients wait for a PIN: say whose it is with --client: {}",
                    who);
    }
    const auto client = id == 0 ? waiting.begin() : std::ranges::find(waiting, id, &pairing::WaitingClient::id);
    if (client == waiting.end()) return fail(ErrorCode::NotAvailable, "no client {} waits for a PIN", id);
    auto entered = registrar_.enter_pin(client->id, pin, SteadyClock::now(), name);
    release_held();
    if (!entered) return std::unexpected(std::move(entered.error()));
    return *client;
}

nvhttp::Response NvhttpFront::box_art(int32_t app_id) {
    const auto app = apps_.find(app_id);
    if (!app) return nvhttp::error_response(404, "The host has no such app");
    if (!app->image.empty()) {
        auto picture = load_box_art(app->image);
        if (picture) {
            const bool jpeg = is_jpeg(*picture);
            return nvhttp::image(std::move(*picture), jpeg ? "image/jpeg" : "image/png");
        }
        complaints_.say(fmt::format("the picture of {}: {}", app->name, picture.error().message));
    }
    if (default_art_.empty()) {
        auto drawn = default_box_art();
        if (!drawn) return nvhttp::error_response(500, drawn.error().message);
        default_art_ = std::move(*drawn);
    }
    return nvhttp::image(default_art_);
}

}  // namespace punktfunk::moonlight
