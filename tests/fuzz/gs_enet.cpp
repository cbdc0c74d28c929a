// The control port's datagrams, before anything is known of who sent them: what begins a connection, and ENet itself.
#include <array>

#include "enet_link.hpp"
#include "require.hpp"

using namespace punktfunk;

// Datagrams behind their lengths, two bytes each.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    bool connected = false;
    size_t answers = 0;
    auto link = moonlight::EnetLink::create(
        {.send =
             [&](ByteView datagram) {
                 REQUIRE(!datagram.empty() && datagram.size() <= 4096);
                 ++answers;
             },
         .connected =
             [&] {
                 REQUIRE(!connected);
                 connected = true;
             },
         .received = [&](std::span<uint8_t> packet) { REQUIRE(connected && packet.size() <= 4096); },
         .disconnected = [&] { connected = false; }});
    REQUIRE(link);
    size_t taken = 0, begins = 0;
    for (ByteView left(data, size); left.size() > 2;) {
        const size_t length = std::min<size_t>(load_be<uint16_t>(left.data()), left.size() - 2);
        const ByteView datagram = left.subspan(2, length);
        left = left.subspan(2 + length);
        if (moonlight::connect_data_of(datagram)) ++begins;
        // The server lets nothing in before a datagram begins a connection.
        if (begins == 0) continue;
        (*link)->take(datagram);
        ++taken;
        if (taken % 8 == 0) (*link)->send(Bytes{1, 2, 3});
    }
    REQUIRE(connected == (*link)->connected());
    // ENet repeats itself, and answers what it is asked; it does not make a flood of it.
    REQUIRE(answers <= 64 + 8 * size);
    return 0;
}
