// punktfunk-demo-motion: a window in which something moves every frame, or a known still picture.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "punktfunk/base/clock.hpp"
#include "punktfunk/demo_desktop/window.hpp"

using namespace punktfunk;

int main(int argc, char** argv) {
    std::string pattern = "motion";
    std::filesystem::path dump;
    CLI::App app("A window with something to stream.", "punktfunk-demo-motion");
    app.add_option("--pattern", pattern,
                   "motion: 320x240, moves every frame; bars: a still test picture on the whole output; noise: nothing "
                   "compresses it, on the whole output")
        ->check(CLI::IsMember({"motion", "bars", "noise"}));
    app.add_option("--dump", dump, "bars: write what is painted to this PPM file");
    CLI11_PARSE(app, argc, argv);

    const auto start = SteadyClock::now();
    const auto move = [&](const demo::Canvas& canvas) -> Result<bool> {
        demo::paint_motion(canvas, std::chrono::duration<double>(SteadyClock::now() - start).count());
        return true;
    };
    const auto noise = [seed = uint64_t{1}](const demo::Canvas& canvas) mutable -> Result<bool> {
        demo::paint_noise(canvas, seed);
        return true;
    };
    // Grey comes first, so that whoever shows a frame from before shows the wrong picture.
    const auto still = [&, painted_grey = false](const demo::Canvas& canvas) mutable -> Result<bool> {
        if (!painted_grey) {
            canvas.fill(0, 0, canvas.width, canvas.height, 0x808080);
            painted_grey = true;
            return true;
        }
        demo::paint_bars(canvas);
        if (!dump.empty()) {
            if (auto written = demo::write_ppm(canvas, dump); !written) return std::unexpected(written.error());
        }
        return false;
    };
    const demo::Window::Paint paint = pattern == "bars"    ? demo::Window::Paint(still)
                                      : pattern == "noise" ? demo::Window::Paint(noise)
                                                           : demo::Window::Paint(move);
    auto window = demo::Window::open(
        {.app_id = "punktfunk-" + pattern, .width = 320, .height = 240, .fullscreen = pattern != "motion"}, paint);
    auto outcome = window ? (*window)->run() : Result<void>(std::unexpected(window.error()));
    if (outcome) return 0;
    std::fprintf(stderr, "punktfunk-demo-motion: %s\n", outcome.error().message.c_str());
    return 1;
}
