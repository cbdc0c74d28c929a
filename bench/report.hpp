// Figures, each beside what it is compared with, and how they are taken: both sides in turn, many short rounds, the
// median of each. Disturbances hit both sides alike, so the ratio holds where the figures do not.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "punktfunk/base/clock.hpp"

namespace punktfunk::bench {

struct Row {
    std::string name, unit;
    double ours = 0;
    std::optional<double> reference;
    std::string reference_name;
    std::optional<double> ratio;  // how many times better ours is
    std::optional<double> wanted_ratio;
    std::string note;  // which kernel ran, what was lost
};

class Report {
  public:
    explicit Report(std::string only) : only_(std::move(only)) {}
    // Whether rows that begin with `prefix` are asked for.
    [[nodiscard]] bool wants(const std::string& prefix) const;
    void add(Row row);  // prints it
    void heading(const std::string& text) const;
    [[nodiscard]] bool write_json(const std::filesystem::path& file) const;

  private:
    std::string only_;
    std::vector<Row> rows_;
};

struct Medians {
    double ours_ns, reference_ns;  // of one call
};

// How long one call of `work` takes, in nanoseconds, over a round of about `round`.
template <typename Work>
double round_ns(Work& work, std::chrono::nanoseconds round) {
    const auto start = SteadyClock::now();
    size_t calls = 0;
    SteadyClock::duration taken{};
    for (size_t batch = 1; taken < round; batch *= 2) {
        for (size_t i = 0; i < batch; ++i) work();
        calls += batch;
        taken = SteadyClock::now() - start;
    }
    return std::chrono::duration<double, std::nano>(taken).count() / static_cast<double>(calls);
}

double median(std::vector<double> values);

template <typename Ours, typename Reference>
Medians interleaved(Ours ours, Reference reference) {
    constexpr int kRounds = 31;
    constexpr std::chrono::milliseconds kRound{4};
    std::vector<double> mine, theirs;
    ours(), reference();
    for (int i = 0; i < kRounds; ++i) {
        mine.push_back(round_ns(ours, kRound));
        theirs.push_back(round_ns(reference, kRound));
    }
    return {median(std::move(mine)), median(std::move(theirs))};
}

// Calls of the allocator in this program so far.
[[nodiscard]] uint64_t allocations();

void fec_rows(Report& report);
void crypto_rows(Report& report);
void loop_rows(Report& report);
void gamestream_rows(Report& report);
void udp_rows(Report& report);
void convert_rows(Report& report);
void encode_rows(Report& report);
void stream_rows(Report& report);
void moonlight_rows(Report& report);

}  // namespace punktfunk::bench
