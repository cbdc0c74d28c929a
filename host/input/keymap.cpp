#include "keymap.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "punktfunk/base/unique_fd.hpp"

namespace punktfunk::input {

namespace {

using Context = wayland::Owned<xkb_context, xkb_context_unref>;

// XKB's own complaints are pages long; who calls says it in a line.
Context quiet_context() {
    Context context(xkb_context_new(XKB_CONTEXT_NO_ENVIRONMENT_NAMES));
    if (context) xkb_context_set_log_level(context.get(), XKB_LOG_LEVEL_CRITICAL);
    return context;
}

bool is_name(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
}

Keymap compile(const KeyboardLayout& layout) {
    const xkb_rule_names names{.rules = nullptr,
                               .model = "pc105",
                               .layout = layout.name.c_str(),
                               .variant = layout.variant.c_str(),
                               .options = nullptr};
    const Context context = quiet_context();
    return Keymap(context ? xkb_keymap_new_from_names(context.get(), &names, XKB_KEYMAP_COMPILE_NO_FLAGS) : nullptr);
}

}  // namespace

Result<Keymap> compile_layout(const KeyboardLayout& layout) {
    if (auto keymap = compile(layout)) return keymap;
    if (!compile({})) return fail(ErrorCode::NotAvailable, "there are no keyboard layouts here: install xkb-data");
    return fail(ErrorCode::InvalidArgument,
                "XKB has no keyboard layout '{}'{}{}; layouts are like us, de, fr:bepo (see man xkeyboard-config)",
                layout.name, layout.variant.empty() ? "" : " with the variant ", layout.variant);
}

Result<Keymap> compile_text(const std::string& text) {
    const Context context = quiet_context();
    Keymap keymap(context ? xkb_keymap_new_from_string(context.get(), text.c_str(), XKB_KEYMAP_FORMAT_TEXT_V1,
                                                       XKB_KEYMAP_COMPILE_NO_FLAGS)
                          : nullptr);
    if (!keymap) return fail(ErrorCode::InvalidArgument, "not a keymap");
    return keymap;
}

Result<KeyboardLayout> parse_keyboard_layout(std::string_view text) {
    const size_t colon = std::min(text.find(':'), text.size());
    const std::string_view variant = text.substr(std::min(colon + 1, text.size()));
    KeyboardLayout layout{std::string(text.substr(0, colon)), std::string(variant)};
    if (layout.name.empty() || !is_name(layout.name) || !is_name(layout.variant) ||
        (colon < text.size() && variant.empty())) {
        return fail(ErrorCode::InvalidArgument, "'{}' is not LAYOUT or LAYOUT:VARIANT, such as de or fr:bepo", text);
    }
    if (auto keymap = compile_layout(layout); !keymap) return std::unexpected(keymap.error());
    return layout;
}

Result<void> send_keymap(zwp_virtual_keyboard_v1* keyboard, const std::string& text) {
    const size_t size = text.size() + 1;
    const UniqueFd memory(::memfd_create("punktfunk-keymap", MFD_CLOEXEC));
    if (!memory || ::write(memory.get(), text.c_str(), size) != static_cast<ssize_t>(size))
        return fail_errno(errno, "keymap memory");
    zwp_virtual_keyboard_v1_keymap(keyboard, WL_KEYBOARD_KEYMAP_FORMAT_XKB_V1, memory.get(),
                                   static_cast<uint32_t>(size));
    return {};
}

}  // namespace punktfunk::input
