// All pairings of a host at once: who waits for a PIN, who may go on, who is refused (spec §3.3, §3.4). One thread;
// times are passed in. Phases 1 to 4 of every client come in through handle(), the PIN through enter_pin().
//
//   handle() says Held   keep the connection: its answer comes out of take_released() later
//   handle() says Paired store the certificate where TLS looks for it, then send `stored`; send `not_stored` if that
//   failed otherwise            send the Response after every call     send what take_released() gives once a second
//   expire(now)
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ceremony.hpp"
#include "one_time_pin.hpp"
#include "punktfunk/nvhttp/calls.hpp"

namespace punktfunk::pairing {

using TimePoint = SteadyClock::time_point;

struct Held {
    uint64_t id = 0;
};

struct PairedClient {
    Bytes certificate_der;
    std::string name;  // one line, fit to be shown
};

struct Paired {
    PairedClient client;
    nvhttp::Response stored, not_stored;
};

using Outcome = std::variant<nvhttp::Response, Held, Paired>;

// For the PIN dialog. The address is the only part that a client cannot choose.
struct WaitingClient {
    uint64_t id = 0;
    std::string peer_address;
    std::string name;  // one line, fit to be shown; the same for most clients
    TimePoint expires;
};

struct Released {
    uint64_t id = 0;
    nvhttp::Response response;
};

class Registrar {
  public:
    static constexpr std::chrono::minutes kPinPatience{5};     // from phase 1 to the PIN
    static constexpr std::chrono::seconds kPhasePatience{30};  // from the PIN to the end
    static constexpr std::chrono::seconds kCooldown{1};        // between two phases 1 of one address
    static constexpr size_t kMaxCeremonies = 8, kMaxPerAddress = 2;

    explicit Registrar(HostSigner host) : host_(std::move(host)) {}
    // Ceremonies point into it.
    Registrar(const Registrar&) = delete;
    Registrar& operator=(const Registrar&) = delete;

    // `peer_address` without the port: all phases of one pairing come from one address.
    [[nodiscard]] Outcome handle(const nvhttp::PairCall& call, std::string_view peer_address, TimePoint now);

    [[nodiscard]] std::vector<WaitingClient> waiting() const;
    // One PIN is one guess. A `name`, when there is one, replaces the client's own. InvalidArgument: not four digits
    // (nothing is used up); NotAvailable: that client is gone.
    Result<void> enter_pin(uint64_t id, std::string_view pin, TimePoint now, std::string_view name = {});
    // The user says no. NotAvailable: that client is gone.
    Result<void> reject(uint64_t id);
    // The next client that sends the token of this PIN and passphrase pairs without being asked for; one attempt, right
    // or wrong. InvalidArgument: not four digits, or no passphrase.
    Result<void> arm_one_time_pin(std::string pin, std::string passphrase, TimePoint now);

    // The held connection is gone: nobody is left to answer.
    void connection_closed(uint64_t id);
    // /unpair: ends what this client has begun, if anything.
    void abort(std::string_view unique_id, std::string_view peer_address);
    void expire(TimePoint now);

    [[nodiscard]] std::vector<Released> take_released() { return std::exchange(released_, {}); }

  private:
    struct Entry {
        uint64_t id = 0;
        std::string unique_id, peer_address, name;
        TimePoint expires;
        Ceremony ceremony;
    };
    using Entries = std::vector<Entry>;

    [[nodiscard]] Outcome begin(const nvhttp::PairCall& call, const nvhttp::pair_phase::GetServerCertificate& phase,
                                std::string_view peer_address, TimePoint now);
    [[nodiscard]] bool cooled_down(std::string_view peer_address, TimePoint now);
    [[nodiscard]] Entries::iterator find(uint64_t id);
    [[nodiscard]] Entries::iterator find(std::string_view unique_id, std::string_view peer_address);
    // Ends it; a connection that is held for it gets the answer.
    void drop(Entries::iterator entry, std::string_view why);
    [[nodiscard]] nvhttp::Response host_certificate() const;

    HostSigner host_;
    Entries entries_;
    std::vector<Released> released_;
    std::map<std::string, TimePoint, std::less<>> last_begun_;  // by address, of the last kCooldown
    std::optional<OneTimePin> one_time_;
    uint64_t next_id_ = 1;
};

}  // namespace punktfunk::pairing
