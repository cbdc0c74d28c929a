// How every program of ours that streams gets to a host: look up the name, load the identity, check what is known of
// the host, connect.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "punktfunk/client/native_client.hpp"

namespace punktfunk::cli {

struct Address {
    std::string text;  // as given
    std::string ip;
    uint16_t port = 9777;
};
// "host", "host:port", "[v6]:port"; names are looked up.
Result<Address> resolve(const std::string& text);

struct Target {
    std::string host;  // for resolve()
    std::filesystem::path config_dir;
    bool trust_on_first_use = false;
    std::optional<client::BitrateLimits> follow_path;  // see client::ConnectOptions
};

// Rejected when the host is not known and is not to be trusted on first use; InvalidArgument for a host that is none;
// else as NativeClient::connect. stop_fd: see there.
Result<std::unique_ptr<client::NativeClient>> connect(const Target& target, wire::Hello hello, int stop_fd);

}  // namespace punktfunk::cli
