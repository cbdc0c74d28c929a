// The little XML that nvhttp answers with.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace punktfunk::nvhttp {

// & < > " escaped. What XML cannot hold (control characters, bytes that are no UTF-8) becomes U+FFFD: a strict parser
// would refuse the whole document for one of them.
[[nodiscard]] std::string xml_escape(std::string_view text);

// A document: <root status_code="..."> and what is put into it.
class XmlDocument {
  public:
    explicit XmlDocument(int status_code, std::string_view status_message = {});
    // Names are ours, text may be anybody's.
    XmlDocument& element(std::string_view name, std::string_view text);
    XmlDocument& element(std::string_view name, std::integral auto number) {
        return element(name, std::to_string(number));
    }
    XmlDocument& open(std::string_view name);
    XmlDocument& close(std::string_view name);
    [[nodiscard]] std::string finish() &&;

  private:
    std::string text_;
};

}  // namespace punktfunk::nvhttp
