// Any peers at the registrar, in any order and at any time: nobody pairs without a client's key, the number of
// ceremonies is bounded, and a held connection is answered at most once.
#include <set>

#include "punktfunk/crypto/identity.hpp"
#include "punktfunk/pairing/registrar.hpp"
#include "require.hpp"

using namespace punktfunk;
using namespace punktfunk::pairing;
namespace phase = punktfunk::nvhttp::pair_phase;

namespace {

// Made once: a certificate is slow to make, and which one it is does not matter.
const crypto::Identity& identity() {
    static const auto made = crypto::generate_identity(crypto::IdentityKind::Host).value();
    return made;
}

class Peers {
  public:
    explicit Peers(ByteView script) : script_(script), registrar_(HostSigner::create(identity()).value()) {}

    void run() {
        while (script_.remaining() >= 2) {
            const uint8_t action = *script_.read<uint8_t>(), argument = *script_.read<uint8_t>();
            step(action % 10, argument);
            for (const Released& released : registrar_.take_released()) REQUIRE(held_.erase(released.id) == 1);
            REQUIRE(registrar_.waiting().size() <= Registrar::kMaxCeremonies);
            // Who waits has a connection that is held, and the other way round.
            REQUIRE(registrar_.waiting().size() == held_.size());
        }
    }

  private:
    void step(int action, uint8_t argument) {
        const std::string peer(1, static_cast<char>('a' + argument % 3)),
            id(1, static_cast<char>('0' + argument / 3 % 2));
        const auto say = [&](auto what) { handle({id, "roth", std::move(what)}, peer); };
        const uint64_t one = held_.empty() ? argument : *held_.begin();
        switch (action) {
            case 0:
                say(phase::GetServerCertificate{"00", {}, identity().certificate_pem, argument > 250 ? "00" : ""});
                break;
            case 1:
                say(phase::ClientChallenge{{argument}});
                break;
            case 2:
                say(phase::ServerChallengeResponse{{argument}});
                break;
            case 3:
                say(phase::ClientPairingSecret{{argument}, Bytes(256, argument)});
                break;
            case 4:
                say(phase::Malformed{"malformed"});
                break;
            case 5:
                std::ignore = registrar_.enter_pin(one, argument < 200 ? "1234" : "x", now_);
                break;
            case 6:
                std::ignore = registrar_.reject(one);
                break;
            case 7:
                registrar_.connection_closed(one);
                held_.erase(one);
                break;
            case 8:
                registrar_.abort(id, peer);
                break;
            default:
                now_ += std::chrono::seconds(argument);
                registrar_.expire(now_);
        }
    }
    void handle(const nvhttp::PairCall& call, const std::string& peer) {
        const auto outcome = registrar_.handle(call, peer, now_);
        REQUIRE(!std::holds_alternative<Paired>(outcome));
        if (const auto* held = std::get_if<Held>(&outcome)) REQUIRE(held_.insert(held->id).second);
    }

    ByteReader script_;
    Registrar registrar_;
    TimePoint now_{std::chrono::hours(1)};
    std::set<uint64_t> held_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    Peers({data, std::min<size_t>(size, 400)}).run();
    return 0;
}
