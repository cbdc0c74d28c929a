// The console's password: <config-dir>/password, an argon2id hash (0600), and the token for scripts beside it. A file
// that somebody else replaced (`punktfunk-host passwd`) counts at once.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "punktfunk/base/error.hpp"

namespace punktfunk::management {

inline constexpr size_t kMinPassword = 8, kMaxPassword = 1024;  // characters, bytes

// InvalidArgument when it is too short or too long.
[[nodiscard]] Result<void> check_new_password(std::string_view password);
// Both take a tenth of a second on purpose: for a thread that may.
[[nodiscard]] Result<std::string> hash_password(const std::string& password);
[[nodiscard]] bool password_fits(const std::string& hash, const std::string& password);

class PasswordFile {
  public:
    explicit PasswordFile(const std::filesystem::path& config_dir) : file_(config_dir / "password") {}

    // Empty when none is set. An unreadable or empty file is an error: it must not look like no password.
    [[nodiscard]] Result<std::string> hash() const;
    [[nodiscard]] Result<void> store(const std::string& hash) const;

  private:
    std::filesystem::path file_;
};

// `given`, else what <config-dir>/mgmt-token holds, else a new one, which is stored there.
[[nodiscard]] Result<std::string> load_or_create_token(const std::filesystem::path& config_dir,
                                                       const std::optional<std::string>& given);

// Constant time, whatever their lengths.
[[nodiscard]] bool same_secret(std::string_view a, std::string_view b);
[[nodiscard]] std::string sha256_hex(std::string_view text);

}  // namespace punktfunk::management
