#include "timestamps.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace punktfunk::management {

using namespace std::chrono;

std::string timestamp(system_clock::time_point time) {
    const auto ms = floor<milliseconds>(time);
    const auto day = floor<days>(ms);
    const year_month_day date(day);
    const hh_mm_ss clock(ms - day);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                       clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

std::string timestamp(int64_t unix_seconds) {
    constexpr int64_t kYear9999 = 253'402'300'799;
    return timestamp(system_clock::time_point(seconds(std::clamp<int64_t>(unix_seconds, 0, kYear9999))));
}

namespace {

// Reads a text from its front.
class Reader {
  public:
    explicit Reader(std::string_view text) : rest_(text) {}
    [[nodiscard]] bool good() const { return good_; }
    [[nodiscard]] bool at_end() const { return rest_.empty(); }
    int number(size_t digits) {
        int value = 0;
        for (size_t i = 0; i < digits; ++i) {
            const char c = take();
            if (c < '0' || c > '9') good_ = false;
            value = value * 10 + (c - '0');
        }
        return value;
    }
    void expect(std::string_view either) {
        if (either.find(take()) == std::string_view::npos) good_ = false;
    }
    bool skip(char c) {
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }
    void digits() {
        size_t count = 0;
        while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
            rest_.remove_prefix(1);
            ++count;
        }
        if (count == 0) good_ = false;
    }

  private:
    char take() {
        if (rest_.empty()) return '\0';
        const char c = rest_.front();
        rest_.remove_prefix(1);
        return c;
    }
    std::string_view rest_;
    bool good_ = true;
};

}  // namespace

std::optional<int64_t> parse_timestamp(std::string_view text) {
    if (text.size() > 40) return std::nullopt;
    Reader reader(text);
    const int y = reader.number(4);
    reader.expect("-");
    const int mo = reader.number(2);
    reader.expect("-");
    const int d = reader.number(2);
    reader.expect("Tt");
    const int h = reader.number(2);
    reader.expect(":");
    const int mi = reader.number(2);
    reader.expect(":");
    const int s = reader.number(2);
    if (reader.skip('.')) reader.digits();
    int offset = 0;
    if (!reader.skip('Z') && !reader.skip('z')) {
        const bool east = reader.skip('+');
        if (!east) reader.expect("-");
        const int oh = reader.number(2);
        reader.expect(":");
        const int om = reader.number(2);
        if (oh > 23 || om > 59) return std::nullopt;
        offset = (oh * 60 + om) * (east ? 60 : -60);
    }
    const year_month_day date{year(y), month(static_cast<unsigned>(mo)), day(static_cast<unsigned>(d))};
    if (!reader.good() || !reader.at_end() || !date.ok() || h > 23 || mi > 59 || s > 60) return std::nullopt;
    return int64_t{sys_days(date).time_since_epoch().count()} * 86400 + h * 3600 + mi * 60 + s - offset;
}

}  // namespace punktfunk::management
