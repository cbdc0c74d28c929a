#include "punktfunk/gamepad/gamepad_channel.hpp"

#include <boost/asio/post.hpp>

namespace punktfunk::gamepad {

// Outlives the channel for as long as something is on its way to the control thread. Used there only.
struct GamepadChannel::Receiver {
    GamepadSet::FeedbackHandler feedback;
};

GamepadChannel::GamepadChannel(boost::asio::io_context& io, Kind kind, std::string session,
                               GamepadSet::FeedbackHandler feedback)
    : receiver_(std::make_shared<Receiver>(std::move(feedback))),
      events_(kind),
      pads_(std::move(session), [&io, receiver = receiver_](uint8_t pad, const Feedback& asked) {
          boost::asio::post(io, [receiver, pad, asked] {
              if (receiver->feedback) receiver->feedback(pad, asked);
          });
      }) {}

GamepadChannel::~GamepadChannel() = default;

void GamepadChannel::allow(bool allowed) {
    for (const auto& [pad, change] : events_.allow(allowed)) pads_.push(pad, change);
}

void GamepadChannel::close() {
    receiver_->feedback = nullptr;
}

}  // namespace punktfunk::gamepad
