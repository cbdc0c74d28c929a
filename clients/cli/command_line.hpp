// What the command lines of our client programs share. Exit codes: 0 done, 1 failed, 2 usage.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "punktfunk/base/error.hpp"
#include "punktfunk/wire/control.hpp"

namespace punktfunk::cli {

inline constexpr int kExitOk = 0, kExitFailed = 1, kExitUsage = 2;

// Prints "program: message" and answers the exit code: usage for InvalidArgument, else failed.
int complain(std::string_view program, const Error& error);
// "1920x1080x60" or "1920x1080@60".
Result<wire::Mode> parse_mode(const std::string& text);
// Empty when HOME is not set.
std::filesystem::path default_config_dir();

}  // namespace punktfunk::cli
