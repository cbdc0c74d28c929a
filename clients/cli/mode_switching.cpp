#include "mode_switching.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "command_line.hpp"

namespace punktfunk::cli {

using namespace std::chrono_literals;

namespace {

constexpr auto kAnswerPatience = 5s;
// Pauses differ, so that they do not keep step with the frames.
constexpr auto kShortestPause = 500ms, kPauseStep = 37ms;
constexpr unsigned kPauseSteps = 7;
constexpr unsigned kMaxSwitches = 1000;

bool same_size(const wire::Mode& a, const wire::Mode& b) {
    return a.width == b.width && a.height == b.height;
}

int64_t us(SteadyClock::duration duration) {
    return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

double ms(int64_t microseconds) {
    return static_cast<double>(microseconds) / 1000;
}

}  // namespace

Result<ModeSwitchPlan> parse_mode_switches(const std::string& text, const wire::Mode& first) {
    const auto wrong = [&](const char* why) {
        return fail(ErrorCode::InvalidArgument,
                    "--mode-switches '{}': {}; it wants a number and the modes, such as 20:1280x720@60,1920x1080@60",
                    text, why);
    };
    ModeSwitchPlan plan;
    const size_t colon = text.find(':');
    const auto [end, ec] = std::from_chars(text.data(), text.data() + std::min(colon, text.size()), plan.switches);
    if (colon == std::string::npos || ec != std::errc{} || end != text.data() + colon) return wrong("no number");
    if (plan.switches == 0 || plan.switches > kMaxSwitches) return wrong("the number must be 1 to 1000");
    for (size_t at = colon + 1; at <= text.size();) {
        const size_t comma = std::min(text.find(',', at), text.size());
        const auto mode = parse_mode(text.substr(at, comma - at));
        if (!mode) return wrong("a mode is not WIDTHxHEIGHT@HZ");
        plan.modes.push_back(*mode);
        at = comma + 1;
    }
    // What tells the pictures of two modes apart is their size.
    const wire::Mode* before = &first;
    for (unsigned i = 0; i < plan.switches && i <= plan.modes.size(); ++i) {
        const wire::Mode& next = plan.modes[i % plan.modes.size()];
        if (same_size(*before, next)) return wrong("two modes that follow each other have the same size");
        before = &next;
    }
    return plan;
}

void ModeSwitching::ask_when_due(client::NativeClient& connection, SteadyClock::time_point now) {
    if (pending_ && now > asked_at_ + kAnswerPatience) {
        pending_ = false;
        next_ = now;
    }
    if (pending_ || asked_ == plan_.switches || !next_ || now < *next_) return;
    ++asked_;
    pending_ = true;
    asked_at_ = now;
    connection.request_mode(target());
}

void ModeSwitching::picture(uint32_t width, uint32_t height, SteadyClock::time_point now) {
    if (!next_) next_ = now + kShortestPause;
    const bool switched = pending_ && target().width == width && target().height == height;
    if (switched) {
        pending_ = false;
        done_.push_back({us(now - *last_picture_), us(now - asked_at_)});
        next_ = now + kShortestPause + kPauseStep * (asked_ % kPauseSteps);
    }
    last_picture_ = now;
}

std::vector<int64_t> ModeSwitching::sorted(int64_t Done::* what) const {
    std::vector<int64_t> values;
    for (const Done& done : done_) values.push_back(done.*what);
    std::ranges::sort(values);
    return values;
}

std::string ModeSwitching::text() const {
    if (asked_ == 0) return {};
    if (done_.empty()) return fmt::format("  {} mode switches asked for, none carried out\n", asked_);
    const auto gaps = sorted(&Done::gap_us), totals = sorted(&Done::total_us);
    return fmt::format(
        "  {} of {} mode switches carried out: {:.1f} ms without a new picture (worst {:.1f}), {:.1f} ms from the "
        "request to the first one (worst {:.1f})\n",
        done_.size(), asked_, ms(gaps[gaps.size() / 2]), ms(gaps.back()), ms(totals[totals.size() / 2]),
        ms(totals.back()));
}

nlohmann::json ModeSwitching::json() const {
    nlohmann::json report{{"asked", asked_}, {"carried_out", done_.size()}};
    if (done_.empty()) return report;
    for (const auto& [key, what] : {std::pair{"gap_us", &Done::gap_us}, {"request_to_picture_us", &Done::total_us}}) {
        const auto values = sorted(what);
        report[key] = {{"p50", values[values.size() / 2]}, {"worst", values.back()}};
    }
    return report;
}

}  // namespace punktfunk::cli
