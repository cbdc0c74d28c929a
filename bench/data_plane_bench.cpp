// Access unit to sealed packets and back, in process, and what of it allocates.
#include <benchmark/benchmark.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "punktfunk/base/clock.hpp"
#include "punktfunk/session/packetizer.hpp"
#include "punktfunk/session/reassembler.hpp"

namespace {
// Counts for this program only; an allocator has no other place to keep a number.
std::atomic<uint64_t> allocations{0};
}  // namespace

// GCC inlines these and then takes malloc and free for a pair of its own.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
void* operator new(size_t size) {
    allocations.fetch_add(1, std::memory_order_relaxed);
    if (void* memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}
void* operator new(size_t size, std::align_val_t alignment) {
    allocations.fetch_add(1, std::memory_order_relaxed);
    const auto align = static_cast<size_t>(alignment);
    if (void* memory = std::aligned_alloc(align, (size + align - 1) / align * align)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, size_t) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
    std::free(memory);
}
void operator delete(void* memory, size_t, std::align_val_t) noexcept {
    std::free(memory);
}

namespace punktfunk {
namespace {

session::SessionConfig config(fec::Scheme scheme) {
    return {.scheme = scheme,
            .fec_percent = 20,
            .max_data_per_block = static_cast<uint16_t>(scheme == fec::Scheme::Gf16 ? 4096 : 200),
            .shard_payload = 1408,
            .encrypt = true,
            .key = crypto::random_session_key()};
}

Bytes picture(size_t size) {
    Bytes bytes(size);
    uint32_t state = 1;
    for (auto& byte : bytes) byte = static_cast<uint8_t>((state = state * 1664525 + 1013904223) >> 24);
    return bytes;
}

void report(benchmark::State& state, size_t frame_bytes, uint64_t allocated) {
    const auto frames = static_cast<double>(state.iterations());
    state.SetBytesProcessed(static_cast<int64_t>(frames * static_cast<double>(frame_bytes)));
    state.counters["ms_per_MiB"] = benchmark::Counter(frames * static_cast<double>(frame_bytes) / (1 << 20) / 1000,
                                                      benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
    state.counters["allocs_per_frame"] = static_cast<double>(allocated) / frames;
}

// FEC, headers, seal.
void packetize(benchmark::State& state, fec::Scheme scheme) {
    auto packetizer = session::Packetizer::create(config(scheme)).value();
    const Bytes frame = picture(static_cast<size_t>(state.range(0)));
    for (int warm = 0; warm < 3; ++warm) (void)packetizer.packetize(frame, 1, session::kDeltaFrame);
    const uint64_t before = allocations;
    for (auto _ : state) benchmark::DoNotOptimize(packetizer.packetize(frame, 1, session::kDeltaFrame));
    report(state, frame.size(), allocations - before);
}

// The whole way: FEC, headers, seal, open, reassemble.
void loop(benchmark::State& state, fec::Scheme scheme) {
    const auto shared = config(scheme);
    auto packetizer = session::Packetizer::create(shared).value();
    auto opener = crypto::Opener::create(shared.key, crypto::Direction::HostToClient).value();
    auto reassembler = session::Reassembler::create(shared).value();
    const Bytes frame = picture(static_cast<size_t>(state.range(0)));
    Bytes wire;
    const auto one_frame = [&] {
        const auto batch = packetizer.packetize(frame, 1, session::kDeltaFrame).value();
        wire.assign(batch.arena.begin(), batch.arena.end());
        bool complete = false;
        for (size_t i = 0; i < batch.count; ++i) {
            const auto opened =
                opener.open_in_place(std::span(wire).subspan(i * batch.packet_bytes, batch.packet_bytes));
            if (reassembler.push(opened, 1)) complete = true;
        }
        if (!complete) state.SkipWithError("the frame did not come back");
    };
    for (int warm = 0; warm < 20; ++warm) one_frame();
    const uint64_t before = allocations;
    for (auto _ : state) one_frame();
    report(state, frame.size(), allocations - before);
}

BENCHMARK_CAPTURE(packetize, gf16, fec::Scheme::Gf16)->Arg(64 << 10)->Arg(1 << 20)->Arg(8 << 20);
BENCHMARK_CAPTURE(packetize, gf8, fec::Scheme::Gf8)->Arg(64 << 10)->Arg(1 << 20);
BENCHMARK_CAPTURE(loop, gf16, fec::Scheme::Gf16)->Arg(64 << 10)->Arg(1 << 20)->Arg(8 << 20);
BENCHMARK_CAPTURE(loop, gf8, fec::Scheme::Gf8)->Arg(64 << 10)->Arg(1 << 20);

}  // namespace
}  // namespace punktfunk

BENCHMARK_MAIN();
