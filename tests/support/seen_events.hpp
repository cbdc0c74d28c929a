// What a program that prints its input events (wev) has seen.
#pragma once

#include <filesystem>
#include <regex>
#include <set>
#include <string>

#include "desktop.hpp"

namespace punktfunk::test {

class SeenEvents {
  public:
    explicit SeenEvents(std::filesystem::path log) : log_(std::move(log)) {}
    [[nodiscard]] std::string text() const { return content(log_); }
    [[nodiscard]] bool has(const std::string& what) const { return text().find(what) != std::string::npos; }
    // Keys (XKB's numbers) and buttons that are down at the end of it, and how many presses there were.
    struct Held {
        std::set<int> keys, buttons;
        int presses = 0;
    };
    [[nodiscard]] Held held() const {
        static const std::regex event(R"( (key|button): (\d+)(?: \([a-z]*\))?[;,] state: (\d))");
        Held held;
        const std::string all = text();
        for (std::sregex_iterator match(all.begin(), all.end(), event), end; match != end; ++match) {
            auto& down = (*match)[1] == "key" ? held.keys : held.buttons;
            const int code = std::stoi((*match)[2]);
            if ((*match)[3] == "1") {
                down.insert(code);
                ++held.presses;
            } else {
                down.erase(code);
            }
        }
        return held;
    }
    [[nodiscard]] bool nothing_held() const { return held().keys.empty() && held().buttons.empty(); }
    static std::string command(const std::filesystem::path& log) {
        return "stdbuf -oL wev -f wl_keyboard -f wl_pointer > " + log.string() + " 2>&1";
    }

  private:
    std::filesystem::path log_;
};

}  // namespace punktfunk::test
