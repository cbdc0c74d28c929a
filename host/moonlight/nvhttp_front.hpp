// What Moonlight asks over HTTP and HTTPS, answered (spec §2, §3): who it is, what the path means, and whose part of
// the host it is for. One thread: the io_context's.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <string>

#include "apps.hpp"
#include "lobby.hpp"
#include "paired_clients.hpp"
#include "punktfunk/crypto/identity.hpp"
#include "punktfunk/http/rare_log.hpp"
#include "punktfunk/http/server.hpp"
#include "punktfunk/nvhttp/server_info.hpp"
#include "punktfunk/pairing/registrar.hpp"

namespace punktfunk::moonlight {

struct FrontOptions {
    boost::asio::ip::address bind;  // an IPv6 wildcard takes IPv4 as well
    uint16_t http_port = 0, https_port = 0;
    crypto::Identity identity;
    std::string hostname, unique_id;
    nvhttp::CodecSupport codecs;
    std::function<void()> changed;  // who is paired, or waits for a PIN; may be empty
};

class NvhttpFront {
  public:
    // The references must outlive it.
    static Result<std::unique_ptr<NvhttpFront>> listen(boost::asio::io_context& io, FrontOptions options,
                                                       PairedClients& paired, AppCatalogue& apps, Lobby& lobby);
    ~NvhttpFront();
    NvhttpFront(const NvhttpFront&) = delete;

    [[nodiscard]] uint16_t http_port() const { return http_->local().port(); }
    [[nodiscard]] uint16_t https_port() const { return https_->local().port(); }

    [[nodiscard]] std::vector<pairing::WaitingClient> waiting() const { return registrar_.waiting(); }
    // What the user typed. An id of 0 is the only client that waits. InvalidArgument: no PIN, or it is not clear whose;
    // NotAvailable: nobody waits.
    Result<pairing::WaitingClient> enter_pin(uint64_t id, std::string_view pin, std::string_view name);

  private:
    NvhttpFront(boost::asio::io_context& io, FrontOptions options, pairing::HostSigner signer, PairedClients& paired,
                AppCatalogue& apps, Lobby& lobby);
    Result<void> open(boost::asio::io_context& io);
    void handle(const std::shared_ptr<http::Exchange>& exchange);
    void pair(const nvhttp::PairCall& call, const std::shared_ptr<http::Exchange>& exchange);
    [[nodiscard]] nvhttp::Response box_art(int32_t app_id);
    void release_held();
    void tell_change() const;
    void tick();

    FrontOptions options_;
    PairedClients& paired_;
    AppCatalogue& apps_;
    Lobby& lobby_;
    pairing::Registrar registrar_;
    std::map<uint64_t, std::shared_ptr<http::Exchange>> held_;  // clients that wait for their PIN
    std::string default_art_;                                   // drawn when first asked for
    http::RareLog complaints_;
    boost::asio::steady_timer timer_;
    std::unique_ptr<http::Server> http_, https_;  // go first: they end what is held
};

}  // namespace punktfunk::moonlight
