#include "desktop.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace punktfunk::test {

std::string content(const std::filesystem::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

Desktop::Desktop(const display::Mode& mode, std::vector<std::string> startup) {
    auto backend = display::make_sway_backend({.runtime_dir = directory_.path(),
                                               .attach_socket = {},
                                               .embedded_only = true,
                                               .session_user = "punktfunk",
                                               .startup = std::move(startup),
                                               .demo_desktop = false,
                                               .motion_program = {},
                                               .runtime_dirs_to_scan = {}});
    if (!backend) throw std::runtime_error(backend.error().message);
    backend_ = std::move(*backend);
    auto display = backend_->create(mode);
    if (!display) throw std::runtime_error(display.error().message);
    display_ = std::move(*display);
}

}  // namespace punktfunk::test
