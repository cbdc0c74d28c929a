// latency-probe-surface: a window over the whole output that answers every press of a pointer button with a new
// barcode.
#include <cstdio>

#include "punktfunk/base/clock.hpp"
#include "punktfunk/demo_desktop/window.hpp"
#include "punktfunk/latency_probe/barcode.hpp"

using namespace punktfunk;

int main() {
    probe::Answer answer;
    const auto paint = [&](const demo::Canvas& canvas) -> Result<bool> {
        canvas.fill(0, 0, canvas.width, canvas.height, answer.sequence % 2 == 0 ? 0x405060 : 0x605040);
        answer.painted_ns = realtime_ns();
        probe::draw(answer, [&](uint32_t left, uint32_t top, bool white) {
            canvas.fill(left, top, probe::kSquare, probe::kSquare, white ? 0xffffff : 0x000000);
        });
        return false;  // until the next press
    };
    const auto pressed = [&] {
        ++answer.sequence;
        answer.pressed_ns = realtime_ns();
    };
    auto window = demo::Window::open(
        {.app_id = "latency-probe", .width = 1280, .height = 720, .fullscreen = true, .pressed = pressed}, paint);
    auto outcome = window ? (*window)->run() : Result<void>(std::unexpected(window.error()));
    if (outcome) return 0;
    std::fprintf(stderr, "latency-probe-surface: %s\n", outcome.error().message.c_str());
    return 1;
}
