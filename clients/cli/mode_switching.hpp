// `connect --mode-switches`: asks for one mode after the other while the stream runs, and measures what the viewer sees
// of each: the time without a new picture, from the last one of the old size to the first one of the new.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "punktfunk/base/clock.hpp"
#include "punktfunk/client/native_client.hpp"

namespace punktfunk::cli {

struct ModeSwitchPlan {
    unsigned switches = 0;
    std::vector<wire::Mode> modes;  // in turn, each of another size than the one before it
};
// "20:1280x720@60,1920x1080@60": twenty switches, these in turn. `first` is the mode the stream begins with.
Result<ModeSwitchPlan> parse_mode_switches(const std::string& text, const wire::Mode& first);

class ModeSwitching {
  public:
    explicit ModeSwitching(ModeSwitchPlan plan) : plan_(std::move(plan)) {}

    // Asks for the next mode when its time has come.
    void ask_when_due(client::NativeClient& connection, SteadyClock::time_point now);
    // A picture of this size has been decoded.
    void picture(uint32_t width, uint32_t height, SteadyClock::time_point now);
    // Every switch has been carried out, or given up after some seconds.
    [[nodiscard]] bool finished() const { return asked_ == plan_.switches && !pending_; }

    // "20 mode switches: ..."; empty without a plan.
    [[nodiscard]] std::string text() const;
    [[nodiscard]] nlohmann::json json() const;

  private:
    struct Done {
        int64_t gap_us = 0;    // last picture of the old size to first one of the new
        int64_t total_us = 0;  // asked to first picture
    };
    [[nodiscard]] const wire::Mode& target() const { return plan_.modes[(asked_ - 1) % plan_.modes.size()]; }
    [[nodiscard]] std::vector<int64_t> sorted(int64_t Done::* what) const;

    ModeSwitchPlan plan_;
    unsigned asked_ = 0;
    bool pending_ = false;
    std::optional<SteadyClock::time_point> next_, last_picture_;
    SteadyClock::time_point asked_at_;
    std::vector<Done> done_;
};

}  // namespace punktfunk::cli
