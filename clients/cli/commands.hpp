// What punktfunk-client does. Each prints its result on standard output and its complaint, one line, as an
// Error for main() to print.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "mode_switching.hpp"
#include "punktfunk/base/error.hpp"
#include "punktfunk/wire/control.hpp"

namespace punktfunk::cli {

struct PairOptions {
    std::string host, pin, name;
    std::filesystem::path config_dir;
};
Result<void> pair_with_host(const PairOptions& options);

struct ConnectOptions {
    std::string host, name;
    std::filesystem::path config_dir;
    wire::Mode mode{1280, 720, 60};
    ModeSwitchPlan mode_switches;               // without a duration the stream ends after them
    uint32_t bitrate_kbps = 0;                  // 0: the host's default
    bool follow_path = false;                   // begin with that bitrate, then as the path allows
    uint8_t codecs = 0;                         // bits of wire::VideoCodec
    std::chrono::duration<double> duration{0};  // 0: until interrupted
    std::filesystem::path record, screenshot;   // empty: none
    std::filesystem::path sound, mic;           // empty: none
    std::string type;
    std::string launch;                           // what the host is to start, by its id there; empty: its desktop
    wire::Gamepad gamepad = wire::Gamepad::Auto;  // which controller the host makes; Auto: its choice
    bool gamepad_test = false;
    bool trust_on_first_use = false;
    bool json = false;
};
// Succeeds when frames were decoded and the stream lasted as long as asked. stop_fd becomes readable when the user
// wants to end.
Result<void> connect_to_host(const ConnectOptions& options, int stop_fd);

struct SpeedTestOptions {
    std::string host, name;
    std::filesystem::path config_dir;
    bool trust_on_first_use = false;
    bool json = false;
};
// Bursts of filler from the host, faster each time, until the path is full.
Result<void> test_speed(const SpeedTestOptions& options, int stop_fd);

struct DiscoverOptions {
    std::chrono::duration<double> duration{2};
    bool json = false;
};
Result<void> discover_hosts(const DiscoverOptions& options);

}  // namespace punktfunk::cli
