// The erasure codes: GF(2^8) against libisal with the same matrix, GF(2^16) against copying the data once.
#include <fmt/core.h>
#include <isa-l/erasure_code.h>

#include <cstring>

#include "punktfunk/fec/erasure_code.hpp"
#include "report.hpp"

namespace punktfunk::bench {

namespace {

constexpr size_t kShard = 1408;

struct Shape {
    size_t k, m, lost = 0;
    double wanted;
    [[nodiscard]] std::string name(const char* what) const {
        return lost == 0 ? fmt::format("{}.k{}.m{}", what, k, m) : fmt::format("{}.k{}.m{}.lost{}", what, k, m, lost);
    }
};

// Shards as they lie in a packet arena: room for header and tag between them, and each at the beginning of a cache
// line.
class Arena {
  public:
    explicit Arena(const Shape& shape) : lines_((shape.k + shape.m) * kStride) {
        uint32_t state = 1;
        for (auto& line : lines_)
            for (auto& byte : line.bytes) byte = static_cast<uint8_t>((state = state * 1664525 + 1013904223) >> 24);
        for (size_t i = 0; i < shape.k; ++i) data.push_back(shard(i));
        for (size_t j = 0; j < shape.m; ++j) parity.push_back(shard(shape.k + j));
        sources.assign(data.begin(), data.end());
        received.assign(parity.begin(), parity.end());
        present.assign(shape.k, 1);
        // Spread over the block, as random loss is.
        for (size_t i = 0; i < shape.lost; ++i) present[i * shape.k / shape.lost] = 0;
    }
    std::vector<uint8_t*> data, parity;
    std::vector<const uint8_t*> sources, received;
    std::vector<uint8_t> present;

  private:
    struct alignas(64) Line {
        uint8_t bytes[64];
    };
    static constexpr size_t kStride = 1 + kShard / sizeof(Line);  // lines
    static_assert(kShard % sizeof(Line) == 0);
    uint8_t* shard(size_t index) { return lines_[index * kStride].bytes; }
    std::vector<Line> lines_;
};

class Isal {
  public:
    // The code's own matrix for encoding; for decoding any matrix of `rows` costs the same.
    Isal(const Shape& shape, size_t rows) : rows_(rows), k_(shape.k), tables_(32 * rows * shape.k) {
        std::vector<uint8_t> matrix(rows * shape.k);
        for (size_t j = 0; j < rows; ++j) {
            for (size_t i = 0; i < shape.k; ++i)
                matrix[j * shape.k + i] = gf_inv(static_cast<uint8_t>((shape.m + i) ^ j));
        }
        ec_init_tables(static_cast<int>(shape.k), static_cast<int>(rows), matrix.data(), tables_.data());
    }
    void apply(uint8_t** from, uint8_t** to) {
        ec_encode_data(static_cast<int>(kShard), static_cast<int>(k_), static_cast<int>(rows_), tables_.data(), from,
                       to);
    }

  private:
    size_t rows_, k_;
    std::vector<uint8_t> tables_;
};

Row row(std::string name, const Medians& medians, const char* reference, const Shape& shape, std::string_view kernel) {
    return {.name = std::move(name),
            .unit = "us",
            .ours = medians.ours_ns / 1000,
            .reference = medians.reference_ns / 1000,
            .reference_name = reference,
            .ratio = medians.reference_ns / medians.ours_ns,
            .wanted_ratio = shape.wanted,
            .note = std::string(kernel) + " kernel"};
}

void gf8(Report& report) {
    const auto code = fec::erasure_code(fec::Scheme::Gf8);
    fec::Workspace workspace;
    for (const Shape& shape : {Shape{10, 2, 0, 3}, Shape{50, 10, 0, 3}, Shape{100, 20, 0, 6}, Shape{200, 40, 0, 10}}) {
        Arena ours(shape), theirs(shape);
        Isal isal(shape, shape.m);
        isal.apply(theirs.data.data(), theirs.parity.data());
        (void)code->encode(ours.sources, ours.parity, kShard, workspace);
        if (std::memcmp(ours.parity[0], theirs.parity[0], kShard) != 0) fmt::print("gf8: not the same code\n");
        report.add(row(shape.name("gf8.encode"),
                       interleaved([&] { (void)code->encode(ours.sources, ours.parity, kShard, workspace); },
                                   [&] { isal.apply(theirs.data.data(), theirs.parity.data()); }),
                       "libisal, same matrix", shape, code->kernel_name()));
    }
    const Shape shape{200, 40, 20, 1};
    Arena ours(shape), theirs(shape);
    Isal isal(shape, shape.lost);
    (void)code->encode(ours.sources, ours.parity, kShard, workspace);
    report.add(
        row(shape.name("gf8.decode"),
            interleaved([&] { (void)code->reconstruct(ours.data, ours.present, ours.received, kShard, workspace); },
                        [&] { isal.apply(theirs.data.data(), theirs.parity.data()); }),
            "libisal's data kernel alone", shape, code->kernel_name()));
}

void gf16(Report& report) {
    const auto code = fec::erasure_code(fec::Scheme::Gf16);
    fec::Workspace workspace;
    const auto copy_of = [](const Arena& arena, std::vector<uint8_t>& to) {
        for (size_t i = 0; i < arena.sources.size(); ++i) std::memcpy(to.data() + i * kShard, arena.sources[i], kShard);
        asm volatile("" : : "r"(to.data()) : "memory");
    };
    for (const Shape& shape :
         {Shape{50, 10, 0, 0.25}, Shape{200, 40, 0, 0.25}, Shape{1000, 200, 0, 0.25}, Shape{4000, 800, 0, 0.18}}) {
        Arena arena(shape);
        std::vector<uint8_t> copy(shape.k * kShard);
        report.add(row(shape.name("gf16.encode"),
                       interleaved([&] { (void)code->encode(arena.sources, arena.parity, kShard, workspace); },
                                   [&] { copy_of(arena, copy); }),
                       "memcpy of the data", shape, code->kernel_name()));
    }
    for (const Shape& shape : {Shape{200, 40, 20, 0.12}, Shape{1000, 200, 100, 0.06}, Shape{1000, 200, 200, 0.02}}) {
        Arena arena(shape);
        std::vector<uint8_t> copy(shape.k * kShard);
        (void)code->encode(arena.sources, arena.parity, kShard, workspace);
        report.add(row(
            shape.name("gf16.decode"),
            interleaved([&] { (void)code->reconstruct(arena.data, arena.present, arena.received, kShard, workspace); },
                        [&] { copy_of(arena, copy); }),
            "memcpy of the data", shape, code->kernel_name()));
    }
}

}  // namespace

void fec_rows(Report& report) {
    if (report.wants("gf8") || report.wants("gf16")) report.heading("erasure codes, shards of 1408 bytes");
    if (report.wants("gf8")) gf8(report);
    if (report.wants("gf16")) gf16(report);
}

}  // namespace punktfunk::bench
