#include "punktfunk/management/password.hpp"

#include <sodium.h>

#include <array>

#include "punktfunk/base/atomic_file.hpp"
#include "punktfunk/base/hex.hpp"
#include "punktfunk/crypto/random.hpp"

namespace punktfunk::management {

namespace {

constexpr std::string_view kTokenVariable = "PUNKTFUNK_MGMT_TOKEN=";
constexpr size_t kMaxToken = 512;

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    return text;
}

bool is_token(std::string_view text) {
    for (const char c : text) {
        if (c <= ' ' || c > '~') return false;
    }
    return !text.empty() && text.size() <= kMaxToken;
}

std::array<uint8_t, 32> sha256(std::string_view text) {
    std::array<uint8_t, crypto_hash_sha256_BYTES> digest{};
    crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
    return digest;
}

}  // namespace

Result<void> check_new_password(std::string_view password) {
    size_t count = 0;
    for (const char c : password) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
    if (count < kMinPassword || password.size() > kMaxPassword)
        return fail(ErrorCode::InvalidArgument, "a password has at least {} characters, and at most {} bytes",
                    kMinPassword, kMaxPassword);
    return {};
}

Result<std::string> hash_password(const std::string& password) {
    std::array<char, crypto_pwhash_STRBYTES> hash{};
    if (sodium_init() < 0 ||
        crypto_pwhash_str_alg(hash.data(), password.data(), password.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                              crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13) != 0) {
        return fail(ErrorCode::Exhausted, "no memory to hash the password");
    }
    return std::string(hash.data());
}

bool password_fits(const std::string& hash, const std::string& password) {
    return sodium_init() >= 0 && hash.size() < crypto_pwhash_STRBYTES &&
           crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

Result<std::string> PasswordFile::hash() const {
    auto text = read_file(file_, 4096);
    if (!text && text.error().code == ErrorCode::NotAvailable) return std::string();
    if (!text) return std::unexpected(std::move(text.error()).in("the console's password"));
    std::string hash(trimmed(*text));
    if (!hash.starts_with("$argon2"))
        return fail(ErrorCode::Io, "{} is no password's hash: set it again with `punktfunk-host passwd`",
                    file_.string());
    return hash;
}

Result<void> PasswordFile::store(const std::string& hash) const {
    return write_file_atomic(file_, hash + "\n");
}

Result<std::string> load_or_create_token(const std::filesystem::path& config_dir,
                                         const std::optional<std::string>& given) {
    if (given) {
        if (!is_token(*given))
            return fail(ErrorCode::InvalidArgument,
                        "--mgmt-token (PUNKTFUNK_MGMT_TOKEN): must be 1 to {} printable characters without spaces",
                        kMaxToken);
        return *given;
    }
    const auto file = config_dir / "mgmt-token";
    if (auto text = read_file(file, 4096)) {
        std::string_view token = trimmed(*text);
        if (token.starts_with(kTokenVariable)) token.remove_prefix(kTokenVariable.size());
        if (!is_token(token)) return fail(ErrorCode::Io, "{} holds no token: delete it for a new one", file.string());
        return std::string(token);
    } else if (text.error().code != ErrorCode::NotAvailable) {
        return std::unexpected(std::move(text.error()).in("the management token"));
    }
    std::array<uint8_t, 32> random{};
    crypto::random_bytes(random);
    const std::string token = to_hex(random);
    if (auto written = write_file_atomic(file, fmt::format("{}{}\n", kTokenVariable, token)); !written)
        return std::unexpected(std::move(written.error()));
    return token;
}

bool same_secret(std::string_view a, std::string_view b) {
    return crypto::constant_time_equal(sha256(a), sha256(b));
}

std::string sha256_hex(std::string_view text) {
    return to_hex(sha256(text));
}

}  // namespace punktfunk::management
