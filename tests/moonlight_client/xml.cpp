#include "xml.hpp"

#include <algorithm>
#include <optional>

namespace punktfunk::moonlight_client {

namespace {

constexpr int kMaxDepth = 8;
constexpr std::string_view kSpace = " \t\r\n";

class Parser {
  public:
    explicit Parser(std::string_view text) : rest_(text) {}

    std::optional<Element> document() {
        if (take("<?")) {
            const size_t end = rest_.find("?>");
            if (end == std::string_view::npos) return std::nullopt;
            rest_.remove_prefix(end + 2);
        }
        skip_space();
        auto root = element(0);
        skip_space();
        if (!root || !rest_.empty()) return std::nullopt;
        return root;
    }

  private:
    bool take(std::string_view what) {
        if (!rest_.starts_with(what)) return false;
        rest_.remove_prefix(what.size());
        return true;
    }
    void skip_space() { rest_.remove_prefix(std::min(rest_.find_first_not_of(kSpace), rest_.size())); }
    std::string name() {
        const size_t length = std::min(rest_.find_first_of(" \t\r\n/>=<&\"'"), rest_.size());
        const std::string found(rest_.substr(0, length));
        rest_.remove_prefix(length);
        return found;
    }
    // Characters and entities up to one of `ends`, which stays.
    bool text(std::string_view ends, std::string& to) {
        static constexpr std::pair<std::string_view, char> kEntities[] = {
            {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
        while (!rest_.empty() && ends.find(rest_.front()) == std::string_view::npos) {
            if (rest_.front() == '&') {
                const auto* entity = std::ranges::find_if(kEntities, [&](const auto& e) { return take(e.first); });
                if (entity == std::end(kEntities)) return false;
                to += entity->second;
            } else {
                if (rest_.front() == '<') return false;
                to += rest_.front();
                rest_.remove_prefix(1);
            }
        }
        return !rest_.empty();
    }
    bool attributes(Element& element) {
        for (skip_space(); !rest_.empty() && rest_.front() != '/' && rest_.front() != '>'; skip_space()) {
            const std::string attribute = name();
            const char quote = rest_.size() > 1 ? rest_[1] : '\0';
            if (attribute.empty() || !take("=") || (quote != '"' && quote != '\'')) return false;
            rest_.remove_prefix(1);
            std::string value;
            if (!text({&quote, 1}, value) || !element.attributes.emplace(attribute, value).second) return false;
            rest_.remove_prefix(1);
        }
        return true;
    }
    std::optional<Element> element(int depth) {
        Element element;
        if (depth > kMaxDepth || !take("<")) return std::nullopt;
        element.name = name();
        if (element.name.empty() || !attributes(element)) return std::nullopt;
        if (take("/>")) return element;
        if (!take(">")) return std::nullopt;
        for (;;) {
            if (!text("<", element.text)) return std::nullopt;
            if (take("</")) {
                if (name() != element.name) return std::nullopt;
                skip_space();
                return take(">") ? std::optional(std::move(element)) : std::nullopt;
            }
            auto child = this->element(depth + 1);
            if (!child) return std::nullopt;
            element.children.push_back(std::move(*child));
        }
    }

    std::string_view rest_;
};

}  // namespace

const Element* Element::child(std::string_view child_name) const {
    const auto found = std::ranges::find(children, child_name, &Element::name);
    return found == children.end() ? nullptr : &*found;
}

std::string Element::text_of(std::string_view child_name) const {
    const Element* found = child(child_name);
    return found == nullptr ? std::string() : found->text;
}

Result<Element> parse_xml(std::string_view document) {
    if (auto root = Parser(document).document()) return std::move(*root);
    return fail(ErrorCode::ProtocolViolation, "the host's XML is not well formed: {}", document.substr(0, 200));
}

}  // namespace punktfunk::moonlight_client
