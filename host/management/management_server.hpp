// The management API and the console, on one port (spec §10): HTTPS with the host's certificate. What it says and does
// is in api/openapi.json; what it asks of the host is HostControl. Control thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "punktfunk/crypto/identity.hpp"
#include "punktfunk/library/library.hpp"
#include "punktfunk/library/places.hpp"
#include "punktfunk/management/host_control.hpp"
#include "punktfunk/management/log_ring.hpp"

namespace punktfunk::management {

struct ManagementOptions {
    boost::asio::ip::tcp::endpoint bind;
    crypto::Identity identity;
    std::filesystem::path config_dir;  // password, mgmt-token, web-sessions.json
    std::optional<std::string> token;  // instead of the file's
    library::Places library_places;    // where games and programs are looked for
    std::filesystem::path web_root;    // the built console; empty: a page that says how to build it
};

class ManagementServer {
  public:
    // `host`, `library` and `log` must outlive it. InvalidArgument for an address beyond this machine while no password
    // is set, and for a web root that is none.
    static Result<std::unique_ptr<ManagementServer>> start(boost::asio::io_context& io, ManagementOptions options,
                                                           HostControl& host, library::Library& library,
                                                           std::shared_ptr<LogRing> log);
    virtual ~ManagementServer() = default;
    [[nodiscard]] virtual boost::asio::ip::tcp::endpoint local() const = 0;
    // Something of what HostControl shows may have changed. Cheap, from inside anything.
    virtual void changed() = 0;
};

}  // namespace punktfunk::management
