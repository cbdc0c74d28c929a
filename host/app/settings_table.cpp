// What can be set: one row a setting.
#include <boost/asio/ip/address.hpp>

#include "address.hpp"
#include "punktfunk/input/input_sink.hpp"
#include "settings.hpp"

namespace punktfunk::app {

using nlohmann::json;

namespace {

// A member of ServeOptions as a setting's value.
template <auto Member>
json get(const ServeOptions& options) {
    return options.*Member;
}
template <auto Member>
void set(ServeOptions& options, const json& value) {
    using Type = std::remove_reference_t<decltype(options.*Member)>;
    options.*Member = value.get<Type>();
}

json get_gamepad(const ServeOptions& options) {
    return options.gamepad.empty() ? "auto" : options.gamepad;
}

Result<void> check_address(const std::string& text) {
    boost::system::error_code wrong;
    (void)boost::asio::ip::make_address(text, wrong);
    if (wrong) return fail(ErrorCode::InvalidArgument, "{} is not an IP address", text);
    return {};
}
Result<void> check_endpoint(const std::string& text) {
    auto endpoint = parse_endpoint(text);
    return endpoint ? Result<void>() : std::unexpected(std::move(endpoint.error()));
}
Result<void> check_layout(const std::string& text) {
    auto layout = input::parse_keyboard_layout(text);
    return layout ? Result<void>() : std::unexpected(std::move(layout.error()));
}

#define MEMBER(name) get<&ServeOptions::name>, set<&ServeOptions::name>

const std::vector<SettingDefinition>& table() {
    static const std::vector<SettingDefinition> all{
        {"encoder",
         "enum",
         "stream",
         "--encoder",
         "",
         true,
         "Which encoders may be used; auto takes the first that works.",
         0,
         0,
         {"auto", "nvenc", "vaapi", "software"},
         MEMBER(encoder),
         nullptr},
        {"fec_percent",
         "integer",
         "stream",
         "--fec-percent",
         "PUNKTFUNK_FEC_PCT",
         false,
         "Parity per data packet that a punktfunk/1 session begins with; it then follows the path.",
         0,
         90,
         {},
         MEMBER(fec_percent),
         nullptr},
        {"max_concurrent",
         "integer",
         "stream",
         "--max-concurrent",
         "",
         false,
         "Sessions at a time, of both protocols together; 0 is no limit.",
         0,
         64,
         {},
         MEMBER(max_concurrent),
         nullptr},
        {"gamepad",
         "enum",
         "stream",
         "",
         "PUNKTFUNK_GAMEPAD",
         false,
         "The controller that clients get which leave the choice to the host.",
         0,
         0,
         {"auto", "xbox360", "dualsense"},
         get_gamepad,
         set<&ServeOptions::gamepad>,
         nullptr},
        {"sound",
         "boolean",
         "desktop",
         "--no-sound",
         "",
         true,
         "Send the desktop's sound and take clients' microphones.",
         0,
         0,
         {},
         MEMBER(sound),
         nullptr},
        {"keyboard_layout",
         "string",
         "desktop",
         "--keyboard-layout",
         "",
         true,
         "What the clients' keys mean: an XKB layout, with :variant, such as de or fr:bepo.",
         0,
         0,
         {},
         MEMBER(keyboard_layout),
         check_layout},
        {"embedded",
         "boolean",
         "desktop",
         "--embedded",
         "",
         true,
         "Always start an own desktop, even when a sway session is running.",
         0,
         0,
         {},
         MEMBER(embedded),
         nullptr},
        {"demo_desktop",
         "boolean",
         "desktop",
         "--no-demo-desktop",
         "",
         true,
         "Show a terminal and a moving clock on an own desktop.",
         0,
         0,
         {},
         MEMBER(demo_desktop),
         nullptr},
        {"bind",
         "string",
         "network",
         "--bind",
         "",
         true,
         "The address that clients are served on.",
         0,
         0,
         {},
         MEMBER(bind),
         check_address},
        {"port",
         "integer",
         "network",
         "--port",
         "",
         true,
         "punktfunk/1: UDP port of the control connection; 0 is any.",
         0,
         65535,
         {},
         MEMBER(port),
         nullptr},
        {"data_port",
         "integer",
         "network",
         "--data-port",
         "",
         true,
         "punktfunk/1: first UDP port for video, one a session; 0 is any.",
         0,
         65535,
         {},
         MEMBER(data_port),
         nullptr},
        {"gamestream",
         "boolean",
         "network",
         "--no-gamestream",
         "",
         true,
         "Serve Moonlight clients too.",
         0,
         0,
         {},
         MEMBER(gamestream),
         nullptr},
        {"port_base",
         "integer",
         "network",
         "--port-base",
         "",
         true,
         "GameStream: its HTTP port; the others are counted from it. 0 is any free ones.",
         0,
         65514,
         {},
         MEMBER(port_base),
         nullptr},
        {"mdns",
         "boolean",
         "network",
         "--no-mdns",
         "",
         true,
         "Announce the host on the network.",
         0,
         0,
         {},
         MEMBER(mdns),
         nullptr},
        {"mgmt_bind",
         "string",
         "network",
         "--mgmt-bind",
         "",
         true,
         "Address and port of this console; beyond this machine only once a password is set.",
         0,
         0,
         {},
         MEMBER(mgmt_bind),
         check_endpoint},
        {"require_pairing",
         "boolean",
         "security",
         "--open",
         "",
         false,
         "Only paired devices may connect. Without it any device on the network can use this desktop.",
         0,
         0,
         {},
         [](const ServeOptions& options) -> json { return !options.open; },
         [](ServeOptions& options, const json& value) { options.open = !value.get<bool>(); },
         nullptr},
        {"log_level",
         "enum",
         "log",
         "--log-level",
         "",
         false,
         "How much is written to the log.",
         0,
         0,
         {"debug", "info", "warn", "error"},
         MEMBER(log_level),
         nullptr}};
    return all;
}

#undef MEMBER

}  // namespace

std::span<const SettingDefinition> setting_definitions() {
    return table();
}

}  // namespace punktfunk::app
