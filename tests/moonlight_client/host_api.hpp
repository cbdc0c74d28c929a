// What a client asks a host over HTTP and HTTPS (spec §2, §3), as stock clients do it. Blocking; one thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "http.hpp"
#include "xml.hpp"

namespace punktfunk::moonlight_client {

using StreamSecret = std::array<uint8_t, 16>;  // rikey

struct ServerInfo {
    std::string hostname, app_version, unique_id, mac, local_ip, state;
    uint16_t https_port = 0;
    uint32_t codec_support = 0;
    uint64_t max_luma_pixels_hevc = 0;
    bool paired = false;
    uint32_t current_game = 0;
};

struct App {
    uint32_t id = 0;
    std::string title;
    bool hdr = false;
};

struct LaunchWish {
    uint32_t app = 0;
    uint32_t width = 640, height = 360, fps = 30;
    uint32_t channels = 2;
    uint32_t core_version = 1;
    bool resume = false;         // what runs already, instead of starting it
    uint32_t gamepads = 0;       // bit n: gamepad n is connected
    bool keep_gamepads = false;  // the host's stay when the session ends
    StreamSecret key{};
    uint32_t key_id = 0;
};

class HostApi {
  public:
    HostApi(std::string ip, uint16_t http_port, crypto::Identity identity);

    using Parameters = std::vector<std::pair<std::string, std::string>>;
    enum class Channel { Http, Https };
    struct Answer {
        uint32_t status = 0;  // the XML's
        std::string message;
        Element root;
    };
    // Any call. Errors are of the transport: an HTTP status that is not 200, broken XML.
    Result<Answer> ask(Channel channel, const std::string& path, const Parameters& parameters = {}) const;

    // By HTTPS when paired; Rejected for what stock clients refuse, and below for an XML status that is not 200.
    Result<ServerInfo> server_info();
    // Five phases; waits in the first one until the host has the PIN. Crypto: wrong PIN.
    Result<void> pair(const std::string& pin);
    Result<std::vector<App>> apps();
    Result<Bytes> box_art(uint32_t app);
    Result<std::string> launch(const LaunchWish& wish);  // sessionUrl0
    Result<void> cancel();
    Result<void> unpair();

    // The host has been started anew on other ports.
    void move_to(uint16_t http_port) { http_port_ = http_port; }
    [[nodiscard]] const std::string& ip() const { return ip_; }
    [[nodiscard]] const crypto::Identity& identity() const { return identity_; }

  private:
    Result<Element> require(Result<Answer> answer) const;
    Result<ServerInfo> info_over(Channel channel);
    std::string ip_;
    uint16_t http_port_, https_port_ = 0;
    crypto::Identity identity_;
    Bytes host_certificate_;  // DER; empty until paired
};

}  // namespace punktfunk::moonlight_client
