#include "moonlight.hpp"

#include <algorithm>
#include <fstream>
#include <future>
#include <stdexcept>

namespace punktfunk::test {

using namespace std::chrono_literals;

MoonlightHost::MoonlightHost(std::vector<std::string> extra_arguments) {
    extra_arguments.insert(extra_arguments.end(), {"--port-base", "0", "--all-codecs"});
    host_ = std::make_unique<HostFixture>(std::move(extra_arguments));
    if (!host_->ready().contains("gamestream"))
        throw std::runtime_error("the host serves no GameStream:\n" + host_->process().err());
}

void MoonlightHost::write_app(const nlohmann::json& app) {
    const auto file = host_->directory() / "host" / "apps.json";
    std::ofstream(file.string() + ".new") << nlohmann::json{{"apps", nlohmann::json::array({app})}}.dump();
    std::filesystem::rename(file.string() + ".new", file);
}

HostApi MoonlightHost::stranger() {
    // RSA: what host's identities have too.
    return {"127.0.0.1", http_port(), *crypto::generate_identity(crypto::IdentityKind::Host)};
}

Result<void> MoonlightHost::pair(HostApi& client, const std::string& shown, const std::string& typed) {
    auto paired = std::async(std::launch::async, [&] { return client.pair(shown); });
    // The host takes a PIN once a client waits for it.
    (void)eventually(10s, [&] {
        if (paired.wait_for(0s) == std::future_status::ready) return true;
        try {
            (void)host_->command({"pin", typed});
            return true;
        } catch (const std::runtime_error&) {
            return false;
        }
    });
    return paired.get();
}

HostApi MoonlightHost::paired() {
    HostApi client = stranger();
    Result<void> done;
    // The host lets ceremonies through at a rate.
    const bool good = eventually(20s, [&] {
        done = pair(client, "4071", "4071");
        return done || done.error().code != ErrorCode::Rejected;
    });
    if (!good || !done) throw std::runtime_error("pairing: " + done.error().message + "\n" + host_->process().err());
    return client;
}

std::unique_ptr<Stream> MoonlightHost::stream(HostApi& client, StreamOptions options) {
    if (options.app == 0) options.app = app_named(client, "Desktop");
    auto started = Stream::start(client, options);
    if (!started) throw std::runtime_error("launch: " + started.error().message + "\n" + host_->process().err());
    return std::move(*started);
}

uint32_t app_named(HostApi& client, const std::string& title) {
    const auto apps = client.apps();
    if (!apps) return 0;
    const auto found = std::ranges::find(*apps, title, &moonlight_client::App::title);
    return found == apps->end() ? 0 : found->id;
}

std::string describe(const StreamReport& report) {
    std::string text = fmt::format(
        "connected {}, datagrams {} ({} dropped), frames {} (IDR {}), decoded {} ({} errors), lost {}, discarded {}, "
        "recovered packets {}, IDR requests {}, invalidations {}, without parity {}, in four blocks {}, shards of a "
        "block {}, sound {} ({} recovered, {} lost, {} undecodable), {}x{}, ended {}\n",
        report.connected, report.video_datagrams, report.video_dropped, report.frames, report.idr_frames,
        report.decoded, report.decode_errors, report.frames_lost, report.discarded, report.recovered_packets,
        report.idr_requests, report.invalidations, report.unprotected_frames, report.full_frames, report.most_shards,
        report.audio_packets, report.audio_recovered, report.audio_lost, report.audio_undecodable, report.width,
        report.height, report.ended ? std::to_string(static_cast<int>(*report.ended)) : "no");
    for (const std::string& fault : report.faults) text += "fault: " + fault + "\n";
    return text;
}

}  // namespace punktfunk::test
