// A connection to the PipeWire daemon of one session. One thread: it runs the library's loop inside wait().
#pragma once

#include <pipewire/pipewire.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "punktfunk/base/error.hpp"

namespace punktfunk::audio {

class PipeWireConnection {
  public:
    // Waits until the daemon at this socket has answered.
    static Result<std::unique_ptr<PipeWireConnection>> open(const std::string& socket,
                                                            std::chrono::milliseconds patience);
    ~PipeWireConnection();
    PipeWireConnection(const PipeWireConnection&) = delete;

    [[nodiscard]] pw_core* core() const { return core_; }
    // Does what the daemon asks for, until one of the descriptors (-1: none) is readable or the time is up. Closed when
    // the daemon is gone.
    Result<void> wait(std::chrono::milliseconds timeout, int one_fd, int other_fd);
    // Ends the connection from one of its own callbacks: wait() answers with this.
    void fail_with(Error error);

  private:
    PipeWireConnection() = default;
    Result<void> start(const std::string& socket, std::chrono::milliseconds patience);
    void iterate();

    pw_loop* loop_ = nullptr;
    pw_context* context_ = nullptr;
    pw_core* core_ = nullptr;
    spa_hook listener_{};
    bool answered_ = false;
    std::optional<Error> error_;
};

}  // namespace punktfunk::audio
