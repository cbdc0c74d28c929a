// punktfunk-impair: a bad network between a host and its clients. Exit codes: 0 done, 1 failed, 2 usage.
#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "arguments.hpp"
#include "punktfunk/base/standard_output.hpp"
#include "punktfunk/base/stop_signals.hpp"
#include "punktfunk/impair/relay.hpp"

namespace {

using namespace punktfunk;
using namespace std::chrono_literals;
using impair::DirectionStats;
using impair::LinkSettings;
using impair::RelayStats;
using nlohmann::json;

constexpr int kExitOk = 0, kExitFailed = 1, kExitUsage = 2;

int complain(const std::string& message, int exit_code) {
    // Not fmt::print: it throws when the words find no room.
    (void)std::fputs(fmt::format("punktfunk-impair: {}\n", message).c_str(), stderr);
    return exit_code;
}

// An option whose text `parse` reads and `use` keeps.
template <typename T, typename Use>
CLI::Option* add(CLI::App& app, const std::string& name, const std::string& value, const std::string& help,
                 Result<T> (*parse)(std::string_view), Use use) {
    return app
        .add_option_function<std::string>(
            name,
            [name, parse, use](const std::string& text) {
                const auto parsed = parse(text);
                if (!parsed) throw CLI::ValidationError(name, parsed.error().message);
                use(*parsed);
            },
            help)
        ->type_name(value);
}

Result<double> parse_burst(std::string_view text) {
    char* end = nullptr;
    const std::string number(text);
    const double burst = std::strtod(number.c_str(), &end);
    if (number.empty() || *end != '\0' || !(burst >= 1 && burst <= 1e6))
        return fail(ErrorCode::InvalidArgument, "'{}' is not a mean run of losses of 1 or more datagrams", text);
    return burst;
}

// The same knobs for both links, and again for each. They take effect in the order in which they are added here, not in
// which they are written, so that a link's own value stands whatever is said for both.
void add_link_options(CLI::App& app, const std::string& group, const std::string& prefix,
                      const std::vector<LinkSettings*>& links) {
    const auto option = [&]<typename T, typename Set>(const char* name, const char* value, const char* help,
                                                      Result<T> (*parse)(std::string_view), Set set) {
        add(app, "--" + prefix + name, value, prefix.empty() ? help : "", parse, [links, set](const T& parsed) {
            for (LinkSettings* link : links) set(*link, parsed);
        })->group(group);
    };
    using std::chrono::nanoseconds;
    option("loss", "PERCENT", "of the datagrams", impair::parse_share, [](auto& l, double v) { l.loss = v; });
    option("burst", "COUNT", "mean run of losses (Gilbert-Elliott); without it losses are independent", parse_burst,
           [](auto& l, double v) { l.burst = v; });
    option("delay", "TIME", "of every datagram: 20ms, 500us", impair::parse_duration,
           [](auto& l, nanoseconds v) { l.delay = v; });
    option("jitter", "TIME", "up to so much more, at random", impair::parse_duration,
           [](auto& l, nanoseconds v) { l.jitter = v; });
    option("reorder", "PERCENT", "of the datagrams are overtaken by others", impair::parse_share,
           [](auto& l, double v) { l.reorder = v; });
    option("reorder-delay", "TIME", "for which those are held back (2ms)", impair::parse_duration,
           [](auto& l, nanoseconds v) { l.reorder_delay = v; });
    option("duplicate", "PERCENT", "of the datagrams come twice", impair::parse_share,
           [](auto& l, double v) { l.duplicate = v; });
    option("rate", "RATE", "of a bottleneck, in bit/s: 800k, 20M, 1G", impair::parse_rate,
           [](auto& l, uint64_t v) { l.rate_bps = v; });
    option("queue", "LIMIT", "in front of the bottleneck: datagrams (1000p) or bytes (64k)", impair::parse_queue,
           [](auto& l, const impair::QueueLimit& v) {
               l.queue_packets = v.packets;
               l.queue_bytes = v.bytes;
           });
}

// An option that would change nothing is a mistake of whoever wrote it.
Result<void> check_link_options(const CLI::App& app, const LinkSettings& to_client, const LinkSettings& to_host) {
    const auto idle = [&](const char* name, const char* needs, auto&& works) -> Result<void> {
        for (const auto& [prefix, links] :
             {std::pair<std::string, std::vector<const LinkSettings*>>{"", {&to_client, &to_host}},
              {"down-", {&to_client}},
              {"up-", {&to_host}}}) {
            if (app.count("--" + prefix + name) > 0 && std::ranges::none_of(links, works))
                return fail(ErrorCode::InvalidArgument, "--{0}{1} does nothing without --{0}{2}", prefix, name, needs);
        }
        return {};
    };
    if (auto queue = idle("queue", "rate", [](const LinkSettings* l) { return l->rate_bps > 0; }); !queue) return queue;
    return idle("burst", "loss", [](const LinkSettings* l) { return l->loss > 0; });
}

double percent(uint64_t part, uint64_t whole) {
    return whole == 0 ? 0 : 100 * static_cast<double>(part) / static_cast<double>(whole);
}

// What went one way since `before`.
std::string rate_text(const DirectionStats& now, const DirectionStats& before) {
    const uint64_t offered = now.link.offered - before.link.offered;
    const uint64_t gone = now.link.lost + now.link.queue_dropped - before.link.lost - before.link.queue_dropped;
    const auto bytes = static_cast<double>(now.delivered_bytes - before.delivered_bytes);
    return fmt::format("{:5}/s {:6.2f} Mb/s {:5.1f} % lost", offered, bytes * 8e-6, percent(gone, offered));
}

std::string total_text(const DirectionStats& d) {
    return fmt::format(
        "{} datagrams came, {} went on ({:.1f} MB); lost {} ({:.2f} %), dropped by the queue {}, doubled {}, held back "
        "{}",
        d.link.offered, d.delivered, static_cast<double>(d.delivered_bytes) * 1e-6, d.link.lost,
        percent(d.link.lost, d.link.offered), d.link.queue_dropped + d.overflowed, d.link.duplicated, d.link.held_back);
}

json to_json(const DirectionStats& d) {
    return {{"offered", d.link.offered},
            {"offered_bytes", d.link.offered_bytes},
            {"delivered", d.delivered},
            {"delivered_bytes", d.delivered_bytes},
            {"lost", d.link.lost},
            {"queue_dropped", d.link.queue_dropped},
            {"duplicated", d.link.duplicated},
            {"held_back", d.link.held_back},
            {"overflowed", d.overflowed}};
}

// Shows what passes, once a second on a terminal, until a signal comes or the time is over.
void watch(const impair::Relay& relay, int signals, std::chrono::duration<double> duration) {
    const bool live = ::isatty(STDERR_FILENO) == 1;
    const auto end = duration.count() > 0 ? SteadyClock::now() + std::chrono::ceil<SteadyClock::duration>(duration)
                                          : SteadyClock::time_point::max();
    RelayStats before;
    for (auto next = SteadyClock::now(); next < end;) {
        next = std::min(next + 1s, end);
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - SteadyClock::now());
        pollfd asked{.fd = signals, .events = POLLIN, .revents = 0};
        if (::poll(&asked, 1, static_cast<int>(std::max<int64_t>(left.count(), 0))) > 0) break;
        const RelayStats now = relay.stats();
        if (live) {
            fmt::print(stderr, "\r\033[Kdown {}   up {}", rate_text(now.to_client, before.to_client),
                       rate_text(now.to_host, before.to_host));
            std::fflush(stderr);
        }
        before = now;
    }
    if (live) fmt::print(stderr, "\r\033[K");
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{
        "punktfunk-impair: a bad network between a punktfunk host and its clients\n\n"
        "  punktfunk-host serve --bind 127.0.0.1 --data-port 9800 ...\n"
        "  punktfunk-impair --listen 127.0.0.2:9777 --to 127.0.0.1:9777 --also 9800 --down-loss 5\n"
        "  punktfunk-client connect 127.0.0.2 ...\n\n"
        "The video comes from a port of its own, which the host announces by number: give it with --also, and give "
        "the\n"
        "host the same number as --data-port.",
        "punktfunk-impair"};
    impair::RelaySettings settings;
    net::Endpoint listen, to;
    std::vector<impair::PortRange> also;
    double seconds = 0;
    bool as_json = false;
    add(app, "--listen", "HOST:PORT", "where the client connects to", impair::parse_endpoint,
        [&](const net::Endpoint& v) { listen = v; })
        ->required();
    add(app, "--to", "HOST:PORT", "of the host", impair::parse_endpoint, [&](const net::Endpoint& v) {
        to = v;
    })->required();
    add(app, "--also", "PORTS", "relay this port, or range of ports, too: the same numbers on both sides (repeatable)",
        impair::parse_ports, [&](const impair::PortRange& v) { also.push_back(v); })
        ->trigger_on_parse();
    app.add_option("--seed", settings.seed, "of all chance: the same seed loses the same datagrams")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    app.add_option("--seconds", seconds, "stop after so long; 0 = on Ctrl-C")
        ->check(CLI::Range(0.0, 1e6))
        ->check([](const std::string& text) { return text.find_first_of("nN") == text.npos ? "" : "not a number"; });
    app.add_flag("--json", as_json, "print the summary as JSON");
    add_link_options(app, "Both directions", "", {&settings.to_client, &settings.to_host});
    add_link_options(app, "Towards the client only", "down-", {&settings.to_client});
    add_link_options(app, "Towards the host only", "up-", {&settings.to_host});
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp& help) {
        return app.exit(help);
    } catch (const CLI::ParseError& wrong) {
        return complain(wrong.what(), kExitUsage);
    }

    if (auto checked = check_link_options(app, settings.to_client, settings.to_host); !checked)
        return complain(checked.error().message, kExitUsage);
    settings.routes.push_back({listen, to});
    for (const auto& [first, last] : also) {
        for (unsigned port = first; port <= last; ++port) {
            listen.set_port(static_cast<uint16_t>(port));
            to.set_port(static_cast<uint16_t>(port));
            settings.routes.push_back({listen, to});
        }
    }
    const UniqueFd signals = stop_signals();
    const auto relay = impair::Relay::start(settings);
    if (!relay) {
        return complain(relay.error().message,
                        relay.error().code == ErrorCode::InvalidArgument ? kExitUsage : kExitFailed);
    }
    for (size_t i = 0; i < settings.routes.size(); ++i) {
        fmt::print(stderr, "punktfunk-impair: {} -> {}\n", relay->listening()[i].to_string(),
                   settings.routes[i].to.to_string());
    }
    watch(*relay, signals.get(), std::chrono::duration<double>(seconds));
    const RelayStats stats = relay->stats();
    if (as_json) {
        fmt::print("{}\n", json{{"to_client", to_json(stats.to_client)},
                                {"to_host", to_json(stats.to_host)},
                                {"flows", stats.flows},
                                {"seed", settings.seed}}
                               .dump());
    } else {
        fmt::print("to the client: {}\nto the host:   {}\n", total_text(stats.to_client), total_text(stats.to_host));
    }
    if (auto shown = flush_standard_output(); !shown) return complain(shown.error().message, kExitFailed);
    return kExitOk;
}
