#include "vdf.hpp"

#include <algorithm>

#include "titles.hpp"

namespace punktfunk::library {

namespace {

constexpr int kMaxDepth = 32;

class Parser {
  public:
    explicit Parser(std::string_view text) : rest_(text) {}

    // Up to the brace that closes it, or the end of the text for the root.
    bool read_children(VdfNode& node, int depth) {
        if (depth > kMaxDepth) return false;
        while (true) {
            skip_blanks();
            if (rest_.empty()) return depth == 0;
            if (rest_.front() == '}') {
                rest_.remove_prefix(1);
                return depth > 0;
            }
            auto key = read_token();
            if (!key) return false;
            skip_blanks();
            VdfNode child{.key = std::move(*key), .value = {}, .children = {}};
            if (!rest_.empty() && rest_.front() == '{') {
                rest_.remove_prefix(1);
                if (!read_children(child, depth + 1)) return false;
            } else {
                auto value = read_token();
                if (!value) return false;
                child.value = std::move(*value);
            }
            node.children.push_back(std::move(child));
        }
    }

  private:
    void skip_blanks() {
        while (!rest_.empty()) {
            if (std::string_view(" \t\r\n").find(rest_.front()) != std::string_view::npos) {
                rest_.remove_prefix(1);
            } else if (rest_.starts_with("//")) {
                rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
            } else if (rest_.front() == '[') {  // for which platform the line before it is
                rest_.remove_prefix(std::min(rest_.find(']'), rest_.size() - 1) + 1);
            } else {
                return;
            }
        }
    }

    std::optional<std::string> read_token() {
        std::string token;
        if (rest_.empty() || rest_.front() == '{' || rest_.front() == '}') return std::nullopt;
        if (rest_.front() != '"') {
            const auto end = std::min(rest_.find_first_of(" \t\r\n\"{}"), rest_.size());
            token = rest_.substr(0, end);
            rest_.remove_prefix(end);
            return token;
        }
        for (size_t i = 1; i < rest_.size(); ++i) {
            char c = rest_[i];
            if (c == '"') {
                rest_.remove_prefix(i + 1);
                return token;
            }
            if (c == '\\' && i + 1 < rest_.size()) {
                c = rest_[++i];
                if (c == 'n') c = '\n';
                if (c == 't') c = '\t';
            }
            token += c;
        }
        return std::nullopt;
    }

    std::string_view rest_;
};

}  // namespace

const VdfNode* VdfNode::find(std::string_view wanted) const {
    const auto name = lower_case(wanted);
    const auto found =
        std::ranges::find_if(children, [&](const VdfNode& child) { return lower_case(child.key) == name; });
    return found == children.end() ? nullptr : &*found;
}

std::string_view VdfNode::text(std::string_view wanted) const {
    const VdfNode* node = find(wanted);
    return node == nullptr ? std::string_view() : std::string_view(node->value);
}

std::optional<VdfNode> parse_vdf(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    VdfNode root;
    if (!Parser(text).read_children(root, 0)) return std::nullopt;
    return root;
}

}  // namespace punktfunk::library
