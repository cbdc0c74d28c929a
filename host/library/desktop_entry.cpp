#include "desktop_entry.hpp"

#include <map>

namespace punktfunk::library {

namespace {

using Keys = std::map<std::string, std::string, std::less<>>;

// The keys of [Desktop Entry]; the first of a name counts.
Keys read_keys(std::string_view text) {
    Keys keys;
    bool inside = false;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.starts_with('[')) {
            if (inside) break;
            inside = line == "[Desktop Entry]";
            continue;
        }
        const auto equals = line.find('=');
        if (!inside || line.starts_with('#') || equals == std::string_view::npos) continue;
        std::string_view key = line.substr(0, equals), value = line.substr(equals + 1);
        while (key.ends_with(' ')) key.remove_suffix(1);
        while (value.starts_with(' ')) value.remove_prefix(1);
        keys.emplace(key, value);
    }
    return keys;
}

// A string value's escapes.
std::string unescape(std::string_view value) {
    std::string text;
    for (size_t i = 0; i < value.size(); ++i) {
        if (value[i] != '\\' || i + 1 == value.size()) {
            text += value[i];
            continue;
        }
        switch (value[++i]) {
            case 's':
                text += ' ';
                break;
            case 'n':
                text += '\n';
                break;
            case 't':
                text += '\t';
                break;
            case 'r':
                text += '\r';
                break;
            case '\\':
                text += '\\';
                break;
            default:
                text += {'\\', value[i]};
        }
    }
    return text;
}

// Exec's own quoting, and its field codes: nothing is opened with the program, so those that stand for files, for the
// icon and for the entry itself go.
std::optional<std::vector<std::string>> split_exec(std::string_view exec) {
    std::vector<std::string> words;
    std::string word;
    bool quoted = false, any = false;
    const auto finish = [&] {
        if (any) words.push_back(word);
        word.clear();
        any = false;
    };
    for (size_t i = 0; i < exec.size(); ++i) {
        const char c = exec[i];
        if (c == '"') {
            quoted = !quoted;
            any = true;
        } else if (quoted && c == '\\' && i + 1 < exec.size()) {
            word += exec[++i];
        } else if (!quoted && (c == ' ' || c == '\t' || c == '\n')) {
            finish();
        } else if (c == '%' && i + 1 < exec.size()) {
            if (exec[++i] != '%') continue;  // a word of nothing but a code is no word
            word += '%';
            any = true;
        } else {
            word += c;
            any = true;
        }
    }
    if (quoted) return std::nullopt;
    finish();
    return words;
}

}  // namespace

std::optional<DesktopEntry> parse_desktop_entry(std::string_view text) {
    const Keys keys = read_keys(text);
    const auto value = [&](std::string_view key) {
        const auto found = keys.find(key);
        return found == keys.end() ? std::string() : unescape(found->second);
    };
    if (value("Type") != "Application") return std::nullopt;
    auto command = split_exec(value("Exec"));
    if (!command || command->empty() || command->front().empty() || value("Name").empty()) return std::nullopt;
    const std::string desktops = value("OnlyShowIn");
    const bool for_sway = desktops.empty() || (";" + desktops + ";").find(";sway;") != std::string::npos;
    return DesktopEntry{.name = value("Name"),
                        .command = std::move(*command),
                        .icon = value("Icon"),
                        .try_exec = value("TryExec"),
                        .directory = value("Path"),
                        .terminal = value("Terminal") == "true",
                        .shown = for_sway && value("NoDisplay") != "true" && value("Hidden") != "true"};
}

}  // namespace punktfunk::library
