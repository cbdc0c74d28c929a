// Child processes for tests: started with arguments, output kept in files, ended and reaped whatever the test does.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "punktfunk/base/unique_fd.hpp"

namespace punktfunk::test {

class Process {
  public:
    // Standard output and error go to <directory>/<name>.out and .err.
    Process(const std::filesystem::path& directory, const std::string& name, std::vector<std::string> arguments);
    ~Process();  // SIGTERM, 5 s, SIGKILL
    Process(Process&&) = delete;

    // The exit code (128 + signal when killed by one), or nullopt when it is still running after `timeout`.
    std::optional<int> wait(std::chrono::milliseconds timeout);
    void signal(int number) const;
    [[nodiscard]] pid_t pid() const { return pid_; }
    [[nodiscard]] std::string out() const;
    [[nodiscard]] std::string err() const;

  private:
    pid_t pid_ = -1;
    UniqueFd pidfd_;
    std::optional<int> exit_code_;
    std::filesystem::path out_, err_;
};

// A private directory that goes with the object. Other users may pass through it (the session user has to).
class TempDir {
  public:
    TempDir();
    ~TempDir();
    TempDir(const TempDir&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

// Waits until `condition` holds, looking again every few milliseconds. False on timeout.
bool eventually(std::chrono::milliseconds timeout, const std::function<bool()>& condition);

}  // namespace punktfunk::test
