#include "metrics.hpp"

#include <fmt/format.h>

#include "describe.hpp"

namespace punktfunk::management {

namespace {

std::string label_text(std::string_view value) {
    std::string escaped;
    for (const char c : value) {
        if (c == '\\' || c == '"') escaped += '\\';
        if (c == '\n') {
            escaped += "\\n";
        } else {
            escaped += c;
        }
    }
    return escaped;
}

class Text {
  public:
    void family(std::string_view name, std::string_view type, std::string_view help) {
        text_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
    }
    void sample(std::string_view name, std::string_view labels, double value) {
        text_ +=
            labels.empty() ? fmt::format("{} {}\n", name, value) : fmt::format("{}{{{}}} {}\n", name, labels, value);
    }
    [[nodiscard]] std::string take() { return std::move(text_); }

  private:
    std::string text_;
};

}  // namespace

std::string metrics_text(const HostControl& host, size_t event_listeners) {
    const auto sessions = host.sessions();
    Text text;
    text.family("punktfunk_build_info", "gauge", "The host's version.");
    text.sample("punktfunk_build_info", fmt::format("version=\"{}\"", kVersion), 1);
    text.family("punktfunk_start_time_seconds", "gauge", "When the host began to serve, since the Unix epoch.");
    text.sample("punktfunk_start_time_seconds", "",
                std::chrono::duration<double>(host.facts().started.time_since_epoch()).count());
    text.family("punktfunk_sessions", "gauge", "Sessions that run.");
    for (const char* protocol : {"punktfunk1", "gamestream"}) {
        text.sample("punktfunk_sessions", fmt::format("protocol=\"{}\"", protocol),
                    static_cast<double>(std::ranges::count(sessions, protocol, &SessionView::protocol)));
    }
    text.family("punktfunk_paired_devices", "gauge", "Devices that are paired.");
    text.sample("punktfunk_paired_devices", "", static_cast<double>(host.devices().size()));
    text.family("punktfunk_event_listeners", "gauge", "Open event streams.");
    text.sample("punktfunk_event_listeners", "", static_cast<double>(event_listeners));

    struct Column {
        const char *name, *type, *help;
        std::optional<double> (*of)(const SessionView&);
    };
    static constexpr Column kColumns[]{
        {"punktfunk_session_fps", "gauge", "Pictures sent in the last second.",
         [](const SessionView& s) { return std::optional(s.stats.fps); }},
        {"punktfunk_session_sent_kbps", "gauge", "Video sent in the last second, kbit/s.",
         [](const SessionView& s) { return std::optional(s.stats.sent_kbps); }},
        {"punktfunk_session_frames_encoded_total", "counter", "Pictures encoded.",
         [](const SessionView& s) { return std::optional(static_cast<double>(s.stats.frames_encoded)); }},
        {"punktfunk_session_keyframes_total", "counter", "Keyframes among them.",
         [](const SessionView& s) { return std::optional(static_cast<double>(s.stats.keyframes)); }},
        {"punktfunk_session_sent_bytes_total", "counter", "Video, encoded.",
         [](const SessionView& s) { return std::optional(static_cast<double>(s.stats.bytes)); }},
        {"punktfunk_session_rebuilds_total", "counter", "How often the picture broke and was made anew.",
         [](const SessionView& s) { return std::optional(static_cast<double>(s.stats.rebuilds)); }},
        {"punktfunk_session_loss_ratio", "gauge", "Packets lost, before recovery.",
         [](const SessionView& s) {
             return s.loss_percent ? std::optional(*s.loss_percent / 100) : std::optional<double>();
         }},
        {"punktfunk_session_packets_recovered_total", "counter",
         "Packets that parity brought back, as the client tells.",
         [](const SessionView& s) {
             return s.recovered ? std::optional(static_cast<double>(*s.recovered)) : std::optional<double>();
         }},
        {"punktfunk_session_rtt_seconds", "gauge", "Round trip to the client.", [](const SessionView& s) {
             return s.round_trip ? std::optional(std::chrono::duration<double>(*s.round_trip).count())
                                 : std::optional<double>();
         }}};
    const auto labels = [](const SessionView& s) {
        return fmt::format("session=\"{}\",protocol=\"{}\",device=\"{}\"", s.id, s.protocol, label_text(s.device_name));
    };
    for (const Column& column : kColumns) {
        text.family(column.name, column.type, column.help);
        for (const SessionView& session : sessions) {
            if (const auto value = column.of(session)) text.sample(column.name, labels(session), *value);
        }
    }
    text.family("punktfunk_session_latency_seconds", "gauge",
                "Percentiles of the latest thousand new pictures, by stage.");
    for (const SessionView& session : sessions) {
        if (session.stats.samples == 0) continue;
        const auto stage = [&](const char* name, const stream::Percentiles& p) {
            for (const auto& [quantile, us] : {std::pair{"0.5", p.p50_us}, {"0.95", p.p95_us}, {"0.99", p.p99_us}}) {
                text.sample("punktfunk_session_latency_seconds",
                            fmt::format("{},stage=\"{}\",quantile=\"{}\"", labels(session), name, quantile),
                            static_cast<double>(us) / 1e6);
            }
        };
        stage("capture", session.stats.copy);
        stage("encode", session.stats.encode);
        stage("queue", session.stats.queue);
        stage("send", session.stats.send);
        stage("host", session.stats.host);
    }
    return text.take();
}

}  // namespace punktfunk::management
