// Which key types which character: a keymap made for a text, whatever that text is. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

namespace punktfunk::input {

// A Unicode scalar that can be typed: no surrogate, and of the control characters only Backspace, Tab and Enter.
[[nodiscard]] bool is_typable(char32_t character);

class TextKeymap {
  public:
    TextKeymap();  // holds printable ASCII

    // Gives keys to the characters of `text`, which are typable, as far as there are keys; when there is none even for
    // the first, all over again. Answers how many characters from the first on have keys now: at least one of a text
    // that is not empty.
    size_t prepare(std::span<const char32_t> text);
    // Whether what xkb_text() says has changed since the last call of this.
    [[nodiscard]] bool take_changed();
    // The evdev code of a character's key.
    [[nodiscard]] std::optional<uint32_t> key(char32_t character) const;
    // As XKB_KEYMAP_FORMAT_TEXT_V1. One level: no modifier changes what a key types.
    [[nodiscard]] std::string xkb_text() const;

  private:
    bool add(char32_t character);
    std::map<char32_t, uint32_t> keys_;
    size_t used_ = 0;  // of the keys that any character may have
    bool changed_ = true;
};

}  // namespace punktfunk::input
