// For tests: what a sequence parameter set says about references and order (H.264 §7.3.2.1, §E.1; H.265 §7.3.2.2).
#pragma once

#include <optional>

#include "punktfunk/base/bytes.hpp"

namespace punktfunk::moonlight {

struct Sequence {
    uint32_t references = 0, reordered = 0, buffered = 0;  // pictures: referred to, out of order, kept by the decoder
};

class BitReader {
  public:
    // Behind the NAL unit's header; without the bytes that keep start codes apart.
    explicit BitReader(ByteView payload) {
        for (size_t i = 0, zeros = 0; i < payload.size(); ++i) {
            if (zeros >= 2 && payload[i] == 3) {
                zeros = 0;
                continue;
            }
            zeros = payload[i] == 0 ? zeros + 1 : 0;
            bytes_.push_back(payload[i]);
        }
    }
    uint32_t bits(int count) {
        uint32_t value = 0;
        for (int i = 0; i < count; ++i, ++at_) {
            const uint8_t byte = at_ / 8 < bytes_.size() ? bytes_[at_ / 8] : 0;
            value = value << 1 | (byte >> (7 - at_ % 8) & 1);
        }
        return value;
    }
    bool flag() { return bits(1) != 0; }
    uint32_t golomb() {
        int zeros = 0;
        while (zeros < 32 && !flag()) ++zeros;
        return (1u << zeros) - 1 + bits(zeros);
    }
    void skip(int count) { at_ += static_cast<size_t>(count); }

  private:
    Bytes bytes_;
    size_t at_ = 0;
};

inline void skip_hrd(BitReader& in) {
    const uint32_t count = in.golomb() + 1;
    in.skip(8);
    for (uint32_t i = 0; i < count; ++i) (void)in.golomb(), (void)in.golomb(), in.skip(1);
    in.skip(20);
}

// nullopt when it leaves the decoder to guess.
inline std::optional<Sequence> h264_sequence(ByteView sps) {
    BitReader in(sps.subspan(1));
    Sequence sequence;
    const uint32_t profile = in.bits(8);
    in.skip(16);
    (void)in.golomb();
    if (profile >= 100) {
        (void)in.golomb(), (void)in.golomb(), (void)in.golomb();
        in.skip(1);
        if (in.flag()) return std::nullopt;  // scaling matrices: no encoder here makes them
    }
    (void)in.golomb();
    if (in.golomb() == 0) (void)in.golomb();
    sequence.references = in.golomb();
    in.skip(1);
    (void)in.golomb(), (void)in.golomb();
    if (!in.flag()) in.skip(1);
    in.skip(1);
    if (in.flag()) (void)in.golomb(), (void)in.golomb(), (void)in.golomb(), (void)in.golomb();
    if (!in.flag()) return std::nullopt;  // no VUI
    if (in.flag() && in.bits(8) == 255) in.skip(32);
    if (in.flag()) in.skip(1);
    if (in.flag()) {
        in.skip(4);
        if (in.flag()) in.skip(24);
    }
    if (in.flag()) (void)in.golomb(), (void)in.golomb();
    if (in.flag()) in.skip(65);
    const bool nal_hrd = in.flag();
    if (nal_hrd) skip_hrd(in);
    const bool vcl_hrd = in.flag();
    if (vcl_hrd) skip_hrd(in);
    if (nal_hrd || vcl_hrd) in.skip(1);
    in.skip(1);
    if (!in.flag()) return std::nullopt;  // no bitstream_restriction
    in.skip(1);
    for (int i = 0; i < 4; ++i) (void)in.golomb();
    sequence.reordered = in.golomb();
    sequence.buffered = in.golomb();
    return sequence;
}

// Of one temporal layer.
inline std::optional<Sequence> hevc_sequence(ByteView sps) {
    BitReader in(sps.subspan(2));
    in.skip(4);
    if (in.bits(3) != 0) return std::nullopt;
    in.skip(1 + 96);
    (void)in.golomb();
    if (in.golomb() == 3) in.skip(1);
    (void)in.golomb(), (void)in.golomb();
    if (in.flag()) (void)in.golomb(), (void)in.golomb(), (void)in.golomb(), (void)in.golomb();
    (void)in.golomb(), (void)in.golomb(), (void)in.golomb();
    in.skip(1);
    Sequence sequence;
    sequence.buffered = in.golomb();  // beside the one that is decoded
    sequence.references = sequence.buffered;
    sequence.reordered = in.golomb();
    return sequence;
}

}  // namespace punktfunk::moonlight
