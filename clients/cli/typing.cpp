#include "typing.hpp"

#include <array>

#include "punktfunk/wire/utf8.hpp"

namespace punktfunk::cli {

namespace {

// Windows virtual-key codes, as the wire wants them (spec §6).
constexpr uint32_t kEnter = 0x0d, kTab = 0x09, kSpace = 0x20, kLeftShift = 0xa0;

struct Stroke {
    uint32_t key;
    bool shift;
};

struct SymbolKey {
    char plain, shifted;
    uint32_t key;
};
constexpr std::array kSymbols = {SymbolKey{'1', '!', '1'},   SymbolKey{'2', '@', '2'},  SymbolKey{'3', '#', '3'},
                                 SymbolKey{'4', '$', '4'},   SymbolKey{'5', '%', '5'},  SymbolKey{'6', '^', '6'},
                                 SymbolKey{'7', '&', '7'},   SymbolKey{'8', '*', '8'},  SymbolKey{'9', '(', '9'},
                                 SymbolKey{'0', ')', '0'},   SymbolKey{';', ':', 0xba}, SymbolKey{'=', '+', 0xbb},
                                 SymbolKey{',', '<', 0xbc},  SymbolKey{'-', '_', 0xbd}, SymbolKey{'.', '>', 0xbe},
                                 SymbolKey{'/', '?', 0xbf},  SymbolKey{'`', '~', 0xc0}, SymbolKey{'[', '{', 0xdb},
                                 SymbolKey{'\\', '|', 0xdc}, SymbolKey{']', '}', 0xdd}, SymbolKey{'\'', '"', 0xde}};

std::optional<Stroke> stroke_for(char character) {
    if (character >= 'a' && character <= 'z') return Stroke{static_cast<uint32_t>(character - 'a' + 'A'), false};
    if (character >= 'A' && character <= 'Z') return Stroke{static_cast<uint32_t>(character), true};
    if (character == '\n') return Stroke{kEnter, false};
    if (character == '\t') return Stroke{kTab, false};
    if (character == ' ') return Stroke{kSpace, false};
    for (const SymbolKey& symbol : kSymbols) {
        if (character == symbol.plain) return Stroke{symbol.key, false};
        if (character == symbol.shifted) return Stroke{symbol.key, true};
    }
    return std::nullopt;
}

constexpr std::string_view kEscapedNewline = "\\n";

}  // namespace

Result<std::vector<wire::InputEvent>> text_input(std::string_view text) {
    std::vector<wire::InputEvent> events;
    for (std::string_view rest = text; !rest.empty();) {
        if (rest.starts_with(kEscapedNewline)) {
            events.push_back({.kind = wire::InputKind::TextInput, .code = '\n'});
            rest.remove_prefix(kEscapedNewline.size());
            continue;
        }
        const size_t at = text.size() - rest.size();
        const auto scalar = wire::take_scalar(rest);
        if (!scalar) return fail(ErrorCode::InvalidArgument, "byte {} of the text is not UTF-8", at + 1);
        events.push_back({.kind = wire::InputKind::TextInput, .code = *scalar});
    }
    return events;
}

Result<std::vector<wire::InputEvent>> keystrokes(std::string_view text) {
    std::vector<wire::InputEvent> events;
    const auto add = [&](wire::InputKind kind, uint32_t key) { events.push_back({.kind = kind, .code = key}); };
    for (size_t i = 0; i < text.size(); ++i) {
        const bool escaped_newline = text.substr(i).starts_with(kEscapedNewline);
        const auto stroke = stroke_for(escaped_newline ? '\n' : text[i]);
        if (!stroke) {
            return fail(ErrorCode::InvalidArgument, "character {} (byte 0x{:02x}) is on no key of a US keyboard", i + 1,
                        static_cast<uint8_t>(text[i]));
        }
        if (escaped_newline) ++i;
        if (stroke->shift) add(wire::InputKind::KeyDown, kLeftShift);
        add(wire::InputKind::KeyDown, stroke->key);
        add(wire::InputKind::KeyUp, stroke->key);
        if (stroke->shift) add(wire::InputKind::KeyUp, kLeftShift);
    }
    return events;
}

}  // namespace punktfunk::cli
