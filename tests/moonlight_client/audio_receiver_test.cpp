// What the test client makes of a sound stream, and that it is as strict as it says.
#include "audio_receiver.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "punktfunk/gs_audio/packetizer.hpp"

namespace punktfunk::moonlight_client {
namespace {

const Bytes kSilence{0xEC, 0xFF, 0xFE};  // 5 ms of it, CELT, stereo

struct Heard {
    std::vector<std::string> faults;
    AudioReceiver receiver;
    gs_audio::Packetizer packetizer;

    explicit Heard(const std::optional<gs_audio::AudioKey>& key = {})
        : receiver(*AudioReceiver::create({.layout = {}, .key = key},
                                          [this](std::string what) { faults.push_back(std::move(what)); })),
          packetizer(*gs_audio::Packetizer::create({.key = key})) {}
    Heard(const Heard&) = delete;

    // `change` alters a datagram on its way, and answers whether it arrives.
    using Change = std::function<bool(size_t number, Bytes& datagram)>;
    void send(ByteView opus, const Change& change = {}) {
        const auto datagrams = packetizer.packetize(opus).value();  // a view of the packetizer's
        for (const ByteView sent : datagrams) {
            Bytes datagram(sent.begin(), sent.end());
            if (!change || change(sent_, datagram)) receiver.push(datagram);
            ++sent_;
        }
    }

  private:
    size_t sent_ = 0;
};

TEST(Audio, AGoodStreamIsHeardWithoutAFault) {
    for (const bool encrypted : {false, true}) {
        Heard heard(encrypted ? std::optional(gs_audio::AudioKey{{{1, 2, 3}}, 0xFFFFFFFE}) : std::nullopt);
        for (int i = 0; i < 8; ++i) heard.send(kSilence);
        EXPECT_EQ(heard.faults, std::vector<std::string>{});
        EXPECT_EQ(heard.receiver.counts().packets, 8u);
        EXPECT_EQ(heard.receiver.sound().samples.size(), 8u * 240 * 2);
    }
}

TEST(Audio, WhatIsLostIsRestoredOrConcealed) {
    Heard heard;
    // Of the first six datagrams, a block, two are lost; of the second three.
    for (int i = 0; i < 12; ++i) {
        heard.send(kSilence, [](size_t number, Bytes&) {
            return number != 1 && number != 2 && number != 7 && number != 8 && number != 9;
        });
    }
    EXPECT_EQ(heard.faults, std::vector<std::string>{});
    EXPECT_EQ(heard.receiver.counts().recovered, 2u);
    EXPECT_EQ(heard.receiver.counts().lost, 3u);
    EXPECT_EQ(heard.receiver.sound().samples.size(), 12u * 240 * 2);
}

TEST(Audio, WhatAStockClientTripsOverIsAFault) {
    const auto faulty = [](const Heard::Change& change) {
        Heard heard;
        for (int i = 0; i < 8; ++i) heard.send(kSilence, change);
        return !heard.faults.empty();
    };
    EXPECT_FALSE(faulty([](size_t, Bytes&) { return true; }));
    EXPECT_TRUE(faulty([](size_t, Bytes& datagram) {
        if (datagram[1] == 97) store_be<uint32_t>(&datagram[4], load_be<uint32_t>(&datagram[4]) * 48);
        return true;
    })) << "timestamps in samples";
    EXPECT_TRUE(faulty([](size_t number, Bytes& datagram) {
        if (number == 2) datagram.push_back(0);
        return true;
    })) << "no constant bit rate";
    EXPECT_TRUE(faulty([](size_t, Bytes& datagram) {
        datagram[1] = 96;
        return true;
    })) << "another payload type";
    EXPECT_TRUE(faulty([](size_t, Bytes& datagram) {
        if (datagram[1] == 97) datagram[12] = 0xFC;  // 20 ms
        return true;
    })) << "packets of another duration";
}

}  // namespace
}  // namespace punktfunk::moonlight_client
