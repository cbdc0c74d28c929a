// How `punktfunk-host pair` and its like speak to a running host: one JSON line each way over a Unix socket in the
// runtime directory (mode 0600; the peer must be the same user or root).
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>

#include "punktfunk/base/error.hpp"

namespace punktfunk::app {

using CommandHandler = std::function<nlohmann::json(const nlohmann::json& request)>;

class ControlSocket {
  public:
    // A socket left by a dead host is replaced; one that answers is an error (a host is already running there).
    static Result<std::unique_ptr<ControlSocket>> listen(boost::asio::io_context& io, const std::filesystem::path& path,
                                                         CommandHandler handler);
    virtual ~ControlSocket() = default;  // removes the file
};

// Sends one request and waits at most 5 s for the answer. NotAvailable when no host listens at `path`.
Result<nlohmann::json> ask_host(const std::filesystem::path& path, const nlohmann::json& request);

}  // namespace punktfunk::app
