// A host that serves GameStream clients, and such clients, paired as a user would do it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "host_fixture.hpp"
#include "punktfunk/moonlight_client/host_api.hpp"
#include "punktfunk/moonlight_client/stream.hpp"

namespace punktfunk::test {

using moonlight_client::HostApi;
using moonlight_client::Stream;
using moonlight_client::StreamOptions;
using moonlight_client::StreamReport;

class MoonlightHost {
  public:
    // On free ports.
    explicit MoonlightHost(std::vector<std::string> extra_arguments = {});
    [[nodiscard]] HostFixture& host() { return *host_; }
    [[nodiscard]] uint16_t http_port() const { return host_->ready().at("gamestream").at("http").get<uint16_t>(); }
    // Into the apps.json that is read with the next request: the only one beside the desktop.
    void write_app(const nlohmann::json& app);

    // A client of its own making that knows the host's address and nothing else.
    [[nodiscard]] HostApi stranger();
    // Paired: the client shows a PIN, and its user types it at the host. Throws std::runtime_error when that fails.
    [[nodiscard]] HostApi paired();
    // The same in parts: what the client gets when `typed` is entered at the host.
    [[nodiscard]] Result<void> pair(HostApi& client, const std::string& shown, const std::string& typed);

    // Throws std::runtime_error with the host's log when the host refuses.
    [[nodiscard]] std::unique_ptr<Stream> stream(HostApi& client, StreamOptions options = {});

  private:
    std::unique_ptr<HostFixture> host_;
};

// The id of the app with this title; 0 when there is none.
uint32_t app_named(HostApi& client, const std::string& title);
// For failure messages.
std::string describe(const StreamReport& report);

}  // namespace punktfunk::test
