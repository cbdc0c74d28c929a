// A Wayland window over shared memory that asks to be painted again and again, or whenever a button is pressed in it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "punktfunk/base/error.hpp"
#include "punktfunk/demo_desktop/pictures.hpp"

namespace punktfunk::demo {

struct WindowOptions {
    std::string app_id;
    uint32_t width = 0, height = 0;  // unless the compositor decides
    bool fullscreen = false;
    // Called when a pointer button goes down in the window; the window is painted again after it.
    std::function<void()> pressed;
};

class Window {
  public:
    // Paints the next picture. False: it stays, nothing more is painted until the size changes.
    using Paint = std::function<Result<bool>(const Canvas& canvas)>;

    // On the display that WAYLAND_DISPLAY names.
    static Result<std::unique_ptr<Window>> open(const WindowOptions& options, Paint paint);
    ~Window();

    // Until the window is closed (success), the compositor goes away or painting fails.
    Result<void> run();

    struct State;

  private:
    explicit Window(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace punktfunk::demo
