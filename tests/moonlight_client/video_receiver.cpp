#include "video_receiver.hpp"

#include <algorithm>
#include <utility>

#include "bitstream_rules.hpp"
#include "obu_rules.hpp"

namespace punktfunk::moonlight_client {

namespace {

constexpr size_t kHeaders = 32, kFrameHeader = 8, kSeal = 32;
constexpr int kPatienceFrames = 120;

}  // namespace

// The fields of spec §6.2, read anew: the depacketizer's own reading is the host's as well.
struct VideoReceiver::Header {
    uint8_t first, flags, multi_fec, blocks;
    uint16_t sequence;
    uint32_t timestamp, frame, fec;

    explicit Header(const uint8_t* packet)
        : first(packet[0]),
          flags(packet[24]),
          multi_fec(packet[26]),
          blocks(packet[27]),
          sequence(load_be<uint16_t>(packet + 2)),
          timestamp(load_be<uint32_t>(packet + 4)),
          frame(load_le<uint32_t>(packet + 20)),
          fec(load_le<uint32_t>(packet + 28)) {}
    [[nodiscard]] uint16_t data() const { return static_cast<uint16_t>(fec >> 22); }
    [[nodiscard]] uint16_t shard() const { return static_cast<uint16_t>(fec >> 12 & 0x3FF); }
    [[nodiscard]] uint8_t percent() const { return static_cast<uint8_t>(fec >> 4); }
    [[nodiscard]] uint16_t parity() const { return static_cast<uint16_t>((data() * percent() + 99) / 100); }
    [[nodiscard]] uint8_t block() const { return blocks >> 4 & 3; }
    [[nodiscard]] uint8_t last_block() const { return blocks >> 6; }
};

VideoReceiver::VideoReceiver(const Options& options, Effects effects, gs_video::Depacketizer depacketizer)
    : options_(options), effects_(std::move(effects)), depacketizer_(std::move(depacketizer)), random_(options.seed) {}

Result<VideoReceiver> VideoReceiver::create(const Options& options, Effects effects) {
    auto depacketizer = gs_video::Depacketizer::create({.packet_bytes = static_cast<uint16_t>(options.packet_bytes)});
    if (!depacketizer) return std::unexpected(depacketizer.error());
    VideoReceiver receiver(options, std::move(effects), std::move(*depacketizer));
    if (options.encrypted) receiver.cipher_ = crypto::make_aes_gcm(options.key);
    return receiver;
}

void VideoReceiver::fault(std::string what) {
    if (told_.insert(what).second) effects_.fault("video: " + what);
}

void VideoReceiver::push(std::span<uint8_t> datagram) {
    ++counts_.datagrams;
    const auto packet = unseal(datagram);
    if (packet.size() <= kHeaders) return fault("a datagram that is too short, or does not open");
    const Header header(packet.data());
    check(header, packet.size());
    if (std::uniform_real_distribution<>()(random_) < options_.loss) {
        ++counts_.dropped;
        return;
    }
    tally(header);
    const auto malformed = depacketizer_.stats().malformed;
    const auto frame = depacketizer_.push(packet);
    if (depacketizer_.stats().malformed != malformed) fault("a packet that is malformed");
    counts_.frames_lost = depacketizer_.stats().frames_lost;
    counts_.recovered_packets = depacketizer_.stats().recovered_packets;
    if (frame) take(*frame);
}

std::span<uint8_t> VideoReceiver::unseal(std::span<uint8_t> datagram) {
    if (!cipher_) return datagram;
    if (datagram.size() <= kSeal) return {};
    crypto::Nonce nonce;
    std::ranges::copy(datagram.first<12>(), nonce.begin());
    const auto packet = datagram.subspan(kSeal);
    if (nonce[11] != 'V') fault("an IV that may be another stream's");
    const auto counter = load_le<uint64_t>(nonce.data());
    if (counts_.datagrams > 1 && counter <= last_seal_) fault("an IV that does not grow");
    last_seal_ = counter;
    if (!cipher_->open(nonce, {}, packet, datagram.subspan<16, crypto::kTagBytes>())) return {};
    if (load_le<uint32_t>(&datagram[12]) != load_le<uint32_t>(&packet[20])) fault("a seal for another frame");
    return packet;
}

// Every datagram that arrives, those that are dropped on purpose too.
void VideoReceiver::check(const Header& header, size_t size) {
    const bool may_be_short = header.block() == header.last_block() && header.shard() + 1 == header.data();
    if (size != options_.packet_bytes + 16 && !may_be_short) fault("a packet of another size than announced");
    if ((header.first & 0x10) == 0) fault("RTP without its extension bit");
    if (header.data() == 0 || header.shard() >= header.data() + header.parity()) fault("a shard outside of its block");
    const bool first = header.shard() == 0, last = header.shard() + 1 == header.data();
    if (header.shard() < header.data() && header.flags != (1 | (last ? 2 : 0) | (first ? 4 : 0)))
        fault("start and end are not marked in every block");
    if (header.multi_fec != 0x10) fault("no multi-block FEC");
    if (header.frame == 0) fault("frame number 0");
    if (header.timestamp == 0 && header.frame > 1) fault("RTP timestamp 0");
    if (!begun_) {
        begun_ = true;
        if (header.sequence >= 0x8000) fault("the first RTP sequence is 0x8000 or more");
        if (header.frame != 1) fault(fmt::format("the first frame is number {}", header.frame));
    } else if (header.sequence == static_cast<uint16_t>(last_sequence_ + 1)) {
        if (header.frame != last_frame_ && header.frame != last_frame_ + 1) fault("a frame number is skipped");
    }
    last_sequence_ = header.sequence;
    last_frame_ = header.frame;
    count_shards(header);
}

void VideoReceiver::count_shards(const Header& header) {
    const uint32_t shards = uint32_t{header.data()} + header.parity();
    if (shards > 255) fault("a block of more than 255 shards");
    counts_.most_shards = std::max(counts_.most_shards, shards);
    if (header.parity() == 0 && std::exchange(last_unprotected_, header.frame) != header.frame)
        ++counts_.unprotected_frames;
    if (header.last_block() == 3 && std::exchange(last_full_, header.frame) != header.frame) ++counts_.full_frames;
}

void VideoReceiver::tally(const Header& header) {
    if (!block_.begun || block_.frame != header.frame || block_.index != header.block()) {
        if (block_.begun &&
            (header.frame < block_.frame || (header.frame == block_.frame && header.block() < block_.index))) {
            return;  // late
        }
        report_block();
        block_ = {.frame = header.frame,
                  .index = header.block(),
                  .last = header.last_block(),
                  .percent = header.percent(),
                  .data = header.data(),
                  .parity = header.parity(),
                  .base = static_cast<uint16_t>(header.sequence - header.shard()),
                  .highest = header.shard(),
                  .present = std::vector<bool>(size_t{header.data()} + header.parity()),
                  .begun = true};
    }
    if (header.shard() >= block_.present.size()) return;
    block_.present[header.shard()] = true;
    block_.highest = std::max(block_.highest, header.shard());
}

// 0x5502, of a block in which data was missing.
void VideoReceiver::report_block() {
    const auto data_end = block_.present.begin() + block_.data;
    const auto received = std::count(block_.present.begin(), data_end, true);
    if (!options_.tells_fec_status || !block_.begun || received == block_.data) return;
    constexpr auto kWindow = std::chrono::milliseconds(100);
    constexpr int kReportsInWindow = 8;
    if (const auto now = SteadyClock::now(); now > report_window_ + kWindow) {
        report_window_ = now;
        reports_in_window_ = 0;
    }
    if (++reports_in_window_ > kReportsInWindow) return;
    ++counts_.fec_reports;
    const auto highest = block_.present.begin() + block_.highest + 1;
    const auto first_gap = std::find(block_.present.begin(), highest, false) - block_.present.begin();
    const auto u16 = [](auto value) { return static_cast<uint16_t>(value); };
    effects_.send(
        gs_control::FrameFecStatus{.frame = block_.frame,
                                   .highest_received_sequence = u16(block_.base + block_.highest),
                                   .next_contiguous_sequence = u16(block_.base + first_gap),
                                   .missing_before_highest = u16(std::count(block_.present.begin(), highest, false)),
                                   .total_data = block_.data,
                                   .total_parity = block_.parity,
                                   .received_data = u16(received),
                                   .received_parity = u16(std::count(data_end, block_.present.end(), true)),
                                   .fec_percent = block_.percent,
                                   .block = block_.index,
                                   .block_count = static_cast<uint8_t>(block_.last + 1)});
}

void VideoReceiver::check_bitstream(ByteView access_unit, bool idr) {
    const bool av1 = options_.codec == Codec::Av1;
    const bool begins =
        av1 ? has_sequence_header(access_unit) : begins_with_parameter_sets(options_.codec, access_unit);
    if (idr != begins) fault("the frame's type and its bitstream do not agree");
    if (av1) {
        if (auto wrong = fault_of_temporal_unit(access_unit)) fault(std::move(*wrong));
    } else if (idr) {
        if (auto wrong = fault_of_idr(options_.codec, access_unit, options_.packet_bytes - 16 - kFrameHeader))
            fault("IDR: " + *wrong);
    }
}

void VideoReceiver::take(const gs_video::ReceivedFrame& frame) {
    using gs_video::FrameType;
    counts_.host_latency += frame.host_latency;
    const bool idr = frame.type == FrameType::Idr;
    check_bitstream(frame.access_unit, idr);
    if (frame.frame_index == 1 && !idr) fault("the first frame is no IDR");
    if (frame.long_term_reference && options_.invalidates_frames)
        effects_.send(gs_control::AcknowledgeFrame{frame.frame_index});
    if (!waiting_ && frame.frame_index != next_frame_) waiting_ = true;
    const bool recovers =
        idr ||
        (!waits_for_idr_ && (frame.type == FrameType::AfterInvalidation || frame.type == FrameType::IntraRefreshed));
    if (waiting_ && !recovers) return ask_for_recovery(frame.frame_index);
    waiting_ = asked_ = waits_for_idr_ = false;
    discarded_in_a_row_ = 0;
    next_frame_ = frame.frame_index + 1;
    ++counts_.frames;
    if (idr) ++counts_.idr_frames;
    if (effects_.decode(frame.access_unit, idr)) return;
    waiting_ = waits_for_idr_ = asked_ = true;
    ++counts_.idr_requests;
    effects_.send(gs_control::RequestIdr{});
}

// A whole frame arrived that is of no use.
void VideoReceiver::ask_for_recovery(uint32_t last) {
    ++counts_.discarded;
    if (options_.invalidates_frames && !waits_for_idr_) {
        ++counts_.invalidations;
        return effects_.send(gs_control::InvalidateFrames{next_frame_, last});
    }
    if (asked_ && ++discarded_in_a_row_ < kPatienceFrames) return;
    asked_ = true;
    discarded_in_a_row_ = 0;
    waits_for_idr_ = true;
    ++counts_.idr_requests;
    effects_.send(gs_control::RequestIdr{});
}

}  // namespace punktfunk::moonlight_client
