#include "punktfunk/impair/relay.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <utility>

#include "punktfunk/base/unique_fd.hpp"
#include "punktfunk/impair/departure_queue.hpp"

namespace punktfunk::impair {

using namespace std::chrono_literals;

namespace {

constexpr size_t kMaxHeldBytes = size_t{256} << 20;
constexpr int kReceivesInARow = 32;  // of one socket, before the others have their turn

// What epoll reports and datagrams on their way are addressed by. A flow's number is never used again, so that what is
// still under way to a flow that has ended finds nobody.
constexpr uint64_t kStop = 0, kTimer = 1, kCommand = 2, kFirstListener = 3, kFirstFlow = uint64_t{1} << 32;
constexpr uint64_t kToClient = uint64_t{1} << 63;

struct Flow {
    size_t route;
    net::Endpoint client;
    net::UdpSocket host_side;
    TimePoint last_used;
};

bool same_endpoint(const net::Endpoint& a, const net::Endpoint& b) {
    return a.port() == b.port() && a.same_address(b);
}

}  // namespace

struct Relay::State {
    explicit State(const RelaySettings& s)
        : settings(s), to_client(s.to_client, s.seed), to_host(s.to_host, Random(s.seed).next()) {}
    ~State() {
        const uint64_t one = 1;
        if (stop) (void)!::write(stop.get(), &one, sizeof one);
    }

    Result<void> open();
    Result<void> watch(int fd, uint64_t id) const;
    void run();
    void from_clients(size_t route, TimePoint now);
    void from_host(uint64_t id, TimePoint now);
    uint64_t flow_of(size_t route, const net::Endpoint& client, TimePoint now);
    void pass(Link& link, DirectionStats& counts, uint64_t destination, ByteView datagram, TimePoint now);
    void deliver_due(TimePoint now);
    void arm_timer() const;
    void follow_command();
    void publish();  // and takes new settings over

    RelaySettings settings;
    Link to_client, to_host;
    TimePoint to_client_last{}, to_host_last{};  // a link's time never goes back
    RelayStats counts;
    std::vector<net::UdpSocket> listeners;
    std::vector<net::Endpoint> listening;
    std::unordered_map<uint64_t, Flow> flows;
    uint64_t next_flow = kFirstFlow;
    DepartureQueue under_way{kMaxHeldBytes};
    std::vector<net::UdpSocket> abandoned;  // host sides of before a rebind
    UniqueFd epoll, timer, stop, command;
    std::atomic<bool> is_cut{false};
    mutable std::mutex mutex;
    std::optional<net::Endpoint> wanted_local;  // of a rebind
    RelayStats published;
    std::optional<LinkSettings> wanted_to_client;
    std::jthread thread;  // last: it is joined before what it uses is gone
};

Relay::Relay(std::unique_ptr<State> state) : state_(std::move(state)) {}
Relay::Relay(Relay&&) noexcept = default;
Relay& Relay::operator=(Relay&&) noexcept = default;
Relay::~Relay() = default;

Result<Relay> Relay::start(const RelaySettings& settings) {
    for (const auto& [name, link] :
         {std::pair{"to the client", &settings.to_client}, {"to the host", &settings.to_host}}) {
        if (auto valid = link->validate(); !valid) return std::unexpected(std::move(valid.error()).in(name));
    }
    if (settings.routes.empty() || settings.max_flows == 0)
        return fail(ErrorCode::InvalidArgument, "a relay needs a route and a flow");
    for (const Route& route : settings.routes) {
        if (route.listen.port() != 0 && route.listen.to_string() == route.to.to_string()) {
            return fail(ErrorCode::InvalidArgument, "{} is where the relay listens: it cannot be where the host is",
                        route.to.to_string());
        }
    }
    auto state = std::make_unique<State>(settings);
    if (auto opened = state->open(); !opened) return std::unexpected(opened.error());
    state->thread = std::jthread([s = state.get()] { s->run(); });
    return Relay(std::move(state));
}

const std::vector<net::Endpoint>& Relay::listening() const {
    return state_->listening;
}

void Relay::cut(bool cut) {
    state_->is_cut = cut;
}

void Relay::rebind(const net::Endpoint& local) {
    const std::lock_guard lock(state_->mutex);
    state_->wanted_local = local;
    const uint64_t one = 1;
    (void)!::write(state_->command.get(), &one, sizeof one);
}

void Relay::State::follow_command() {
    uint64_t drained = 0;
    (void)!::read(command.get(), &drained, sizeof drained);
    std::optional<net::Endpoint> local;
    {
        const std::lock_guard lock(mutex);
        local = std::exchange(wanted_local, std::nullopt);
    }
    if (!local) return;
    for (auto& [id, flow] : flows) {
        auto socket = net::UdpSocket::bind(*local);
        if (!socket || !socket->connect(settings.routes[flow.route].to) || !watch(socket->fd(), id)) continue;
        (void)::epoll_ctl(epoll.get(), EPOLL_CTL_DEL, flow.host_side.fd(), nullptr);
        abandoned.push_back(std::exchange(flow.host_side, std::move(*socket)));
    }
}

RelayStats Relay::stats() const {
    const std::lock_guard lock(state_->mutex);
    return state_->published;
}

Result<void> Relay::reshape(const LinkSettings& to_client) {
    if (auto valid = to_client.validate(); !valid) return valid;
    const std::lock_guard lock(state_->mutex);
    state_->wanted_to_client = to_client;
    return {};
}

Result<void> Relay::State::watch(int fd, uint64_t id) const {
    epoll_event event{.events = EPOLLIN, .data = {.u64 = id}};
    if (::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event) != 0) return fail_errno(errno, "epoll");
    return {};
}

Result<void> Relay::State::open() {
    epoll.reset(::epoll_create1(EPOLL_CLOEXEC));
    timer.reset(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
    stop.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    command.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!epoll || !timer || !stop || !command) return fail_errno(errno, "relay");
    if (auto watched = watch(stop.get(), kStop); !watched) return watched;
    if (auto watched = watch(timer.get(), kTimer); !watched) return watched;
    if (auto watched = watch(command.get(), kCommand); !watched) return watched;
    for (const Route& route : settings.routes) {
        auto socket = net::UdpSocket::bind(route.listen);
        if (!socket) return std::unexpected(socket.error());
        auto local = socket->local_endpoint();
        if (!local) return std::unexpected(local.error());
        if (auto watched = watch(socket->fd(), kFirstListener + listeners.size()); !watched) return watched;
        socket->stamp_arrivals();
        listeners.push_back(std::move(*socket));
        listening.push_back(*local);
    }
    return {};
}

void Relay::State::run() {
    ::pthread_setname_np(::pthread_self(), "pf-impair");
    std::array<epoll_event, 32> events;
    for (;;) {
        const int ready = ::epoll_wait(epoll.get(), events.data(), events.size(), -1);
        if (ready < 0 && errno != EINTR) return;
        const auto now = SteadyClock::now();
        for (int i = 0; i < ready; ++i) {
            const uint64_t id = events[static_cast<size_t>(i)].data.u64;
            if (id == kStop) return;
            if (id == kCommand) {
                follow_command();
            } else if (id >= kFirstFlow) {
                from_host(id, now);
            } else if (id >= kFirstListener) {
                from_clients(id - kFirstListener, now);
            }
        }
        publish();  // whoever has received a datagram finds it counted
        deliver_due(SteadyClock::now());
        publish();
        arm_timer();
    }
}

void Relay::State::from_clients(size_t route, TimePoint now) {
    for (int i = 0; i < kReceivesInARow; ++i) {
        net::Endpoint client;
        const auto received = listeners[route].receive(
            0ms, -1,
            [&](std::span<uint8_t> datagram) {
                if (const uint64_t id = flow_of(route, client, now); id != 0) {
                    to_host_last = std::max(to_host_last, listeners[route].arrived());
                    pass(to_host, counts.to_host, id, datagram, to_host_last);
                }
            },
            &client);
        if (!received || *received == 0) return;
    }
}

void Relay::State::from_host(uint64_t id, TimePoint now) {
    const auto found = flows.find(id);
    if (found == flows.end()) return;
    found->second.last_used = now;
    // What waited for this thread has not waited on the link.
    const net::UdpSocket& socket = found->second.host_side;
    const auto received = found->second.host_side.receive(0ms, -1, [&](std::span<uint8_t> datagram) {
        to_client_last = std::max(to_client_last, socket.arrived());
        pass(to_client, counts.to_client, id | kToClient, datagram, to_client_last);
    });
    if (!received) flows.erase(found);
}

// The flow's number; 0 when it cannot be opened.
uint64_t Relay::State::flow_of(size_t route, const net::Endpoint& client, TimePoint now) {
    for (auto& [id, flow] : flows) {
        if (flow.route != route || !same_endpoint(flow.client, client)) continue;
        flow.last_used = now;
        return id;
    }
    if (flows.size() >= settings.max_flows)
        flows.erase(std::ranges::min_element(flows, {}, [](const auto& entry) { return entry.second.last_used; }));
    const net::Endpoint& host = settings.routes[route].to;
    const auto any = net::Endpoint::parse(host.storage.ss_family == AF_INET6 ? "::" : "0.0.0.0", 0);
    auto socket = net::UdpSocket::bind(any.value());
    if (!socket || !socket->connect(host)) return 0;
    socket->stamp_arrivals();
    const uint64_t id = next_flow++;
    if (!watch(socket->fd(), id)) return 0;
    flows.emplace(id, Flow{route, client, std::move(*socket), now});
    return id;
}

void Relay::State::pass(Link& link, DirectionStats& direction, uint64_t destination, ByteView datagram, TimePoint now) {
    if (is_cut) return;
    for (const TimePoint when : link.push(datagram.size(), now)) {
        if (!under_way.hold(when, destination, datagram)) ++direction.overflowed;
    }
}

void Relay::State::deliver_due(TimePoint now) {
    while (const auto* item = under_way.take(now)) {
        const bool towards_client = (item->destination & kToClient) != 0;
        const auto found = flows.find(item->destination & ~kToClient);
        if (found == flows.end()) continue;
        Flow& flow = found->second;
        bool sent = false;
        if (towards_client) {
            sent = ::sendto(listeners[flow.route].fd(), item->bytes.data(), item->bytes.size(),
                            MSG_DONTWAIT | MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&flow.client.storage),
                            flow.client.length) >= 0;
        } else {
            // The answer to an earlier datagram ("nobody listens") is reported in place of sending this one.
            sent = flow.host_side.send(item->bytes) || flow.host_side.send(item->bytes);
        }
        if (!sent) continue;
        DirectionStats& direction = towards_client ? counts.to_client : counts.to_host;
        ++direction.delivered;
        direction.delivered_bytes += item->bytes.size();
    }
}

void Relay::State::arm_timer() const {
    itimerspec spec{};
    if (const auto next = under_way.next()) {
        // steady_clock is CLOCK_MONOTONIC; a time that has passed fires at once.
        const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(next->time_since_epoch()).count();
        spec.it_value = {.tv_sec = ns / 1'000'000'000, .tv_nsec = ns % 1'000'000'000};
    }
    (void)::timerfd_settime(timer.get(), TFD_TIMER_ABSTIME, &spec, nullptr);
}

void Relay::State::publish() {
    counts.to_client.link = to_client.stats();
    counts.to_host.link = to_host.stats();
    counts.flows = flows.size();
    const std::lock_guard lock(mutex);
    published = counts;
    if (const auto wanted = std::exchange(wanted_to_client, std::nullopt)) to_client.reshape(*wanted);
}

}  // namespace punktfunk::impair
