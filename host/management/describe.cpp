#include "describe.hpp"

#include <cmath>

#include "punktfunk/base/hex.hpp"
#include "timestamps.hpp"

namespace punktfunk::management {

using nlohmann::json;

namespace {

json time_or_null(const std::optional<int64_t>& unix_seconds) {
    return unix_seconds ? json(timestamp(*unix_seconds)) : json();
}
json rounded(double value) {
    return std::round(value * 100) / 100;
}
json describe(const stream::Percentiles& p) {
    return {{"p50", p.p50_us}, {"p95", p.p95_us}, {"p99", p.p99_us}};
}
json describe(const display::Mode& mode) {
    return {{"width", mode.width}, {"height", mode.height}, {"refresh_hz", mode.refresh_hz}};
}
json fingerprint_or_null(const std::optional<crypto::Fingerprint>& fingerprint) {
    return fingerprint ? json(to_hex(*fingerprint)) : json();
}

}  // namespace

json describe(const devices::Rights& rights) {
    return {{"input", rights.input},
            {"controllers", rights.controllers},
            {"microphone", rights.microphone},
            {"launch", rights.launch}};
}

json describe_stats(const SessionView& session) {
    const stream::StreamStats& stats = session.stats;
    const auto stage = [&](const stream::Percentiles& p) { return stats.samples != 0 ? describe(p) : json(); };
    return {{"fps", session.streaming ? rounded(stats.fps) : json()},
            {"bitrate_kbps", session.streaming ? rounded(stats.sent_kbps) : json()},
            {"latency_us",
             {{"capture", stage(stats.copy)},
              {"encode", stage(stats.encode)},
              {"queue", stage(stats.queue)},
              {"send", stage(stats.send)},
              {"host", stage(stats.host)}}},
            {"frames_encoded", stats.frames_encoded},
            {"keyframes", stats.keyframes},
            {"bytes_sent", stats.bytes},
            {"rebuilds", stats.rebuilds},
            {"packets_lost", session.packets_lost ? json(*session.packets_lost) : json()},
            {"loss_percent", session.loss_percent ? rounded(*session.loss_percent) : json()},
            {"recovered", session.recovered ? json(*session.recovered) : json()},
            {"rtt_us", session.round_trip ? json(session.round_trip->count()) : json()},
            {"sound_packets", stats.sound_packets}};
}

json describe_without_stats(const SessionView& session) {
    return {{"id", session.id},
            {"protocol", session.protocol},
            {"device", {{"name", session.device_name}, {"fingerprint", fingerprint_or_null(session.fingerprint)}}},
            {"address", session.address},
            {"app", session.app},
            {"state", session.streaming ? "streaming" : "starting"},
            {"started_at", timestamp(session.started)},
            {"mode", describe(session.mode)},
            {"codec", session.codec},
            {"encoder", session.encoder.empty() ? json() : json(session.encoder)},
            {"compositor", session.compositor},
            {"bitrate_kbps", session.bitrate_kbps},
            {"rights", describe(session.rights)}};
}

json describe(const SessionView& session) {
    json all = describe_without_stats(session);
    all["stats"] = describe_stats(session);
    return all;
}

json describe_ended(const json& session) {
    return {{"id", session["id"]}, {"device", session["device"]}};
}

json describe(const DeviceView& device, const std::vector<SessionView>& sessions) {
    auto protocols = json::array(), ids = json::array();
    if (device.native) protocols.push_back("punktfunk1");
    if (device.gamestream) protocols.push_back("gamestream");
    for (const SessionView& session : sessions) {
        if (session.fingerprint == device.fingerprint) ids.push_back(session.id);
    }
    return {{"fingerprint", to_hex(device.fingerprint)},
            {"name", device.name},
            {"protocols", std::move(protocols)},
            {"rights", describe(device.terms.rights)},
            {"expires_at", time_or_null(device.terms.expires_at)},
            {"paired_at", time_or_null(device.terms.paired_at)},
            {"last_seen", time_or_null(device.terms.last_seen)},
            {"connected", !ids.empty()},
            {"session_ids", ids}};
}

json describe(const CertificateView& certificate) {
    const auto number = [](const std::optional<int64_t>& value) { return value ? json(*value) : json(); };
    return {{"fingerprint", to_hex(certificate.fingerprint)},
            {"subject", certificate.subject ? json(*certificate.subject) : json()},
            {"not_before_unix", number(certificate.not_before)},
            {"not_after_unix", number(certificate.not_after)}};
}

json describe(const Knock& knock) {
    return {{"id", knock.id},
            {"name", knock.name},
            {"fingerprint", to_hex(knock.fingerprint)},
            {"age_secs", knock.age.count()},
            {"waiting", knock.waiting}};
}

json describe_native_pairing(const PairingView& pairing, size_t paired) {
    const auto& armed = pairing.armed;
    return {{"enabled", true},
            {"armed", armed.has_value()},
            {"pin", armed ? json(armed->pin) : json()},
            {"expires_in_secs", armed ? json(armed->remaining.count()) : json()},
            {"paired_clients", paired}};
}

json describe(const PairingView& pairing, size_t paired) {
    auto waiting = json::array();
    for (const WaitingForPin& client : pairing.waiting)
        waiting.push_back({{"id", client.id}, {"address", client.address}, {"name", client.name}});
    const auto& armed = pairing.armed;
    return {{"native", describe_native_pairing(pairing, paired)},
            {"expires_at", armed ? json(timestamp(devices::unix_now() + armed->remaining.count())) : json()},
            {"ttl_secs", armed ? json(armed->ttl.count()) : json()},
            {"knocking", describe_all(pairing.knocking)},
            {"waiting_for_pin", std::move(waiting)}};
}

json describe(const NamedDevice& device) {
    return {{"name", device.name}, {"fingerprint", to_hex(device.fingerprint)}};
}

json describe(const DisplayView& display) {
    return {{"id", display.id},
            {"label", display.label},
            {"available", display.available},
            {"chosen", display.chosen},
            {"reason", display.reason}};
}

json describe(const EncoderView& encoder) {
    return {{"id", encoder.id},
            {"codec", encoder.codec},
            {"hardware", encoder.hardware},
            {"available", encoder.available},
            {"chosen", encoder.chosen},
            {"reason", encoder.reason}};
}

json describe(const SettingView& setting) {
    return {{"key", setting.key},
            {"value", setting.value},
            {"default", setting.default_value},
            {"active", setting.active},
            {"origin", setting.origin},
            {"restart_required", setting.restart_required},
            {"type", setting.type},
            {"constraints", setting.constraints},
            {"group", setting.group},
            {"description", setting.description}};
}

json describe(const LogEntry& line) {
    const char* level = line.level <= spdlog::level::debug  ? "debug"
                        : line.level == spdlog::level::info ? "info"
                        : line.level == spdlog::level::warn ? "warn"
                                                            : "error";
    return {{"id", line.id}, {"time", timestamp(line.time)}, {"level", level}, {"message", line.message}};
}

}  // namespace punktfunk::management
