#include <deque>
#include <mutex>
#include <vector>

#include "transport.hpp"

namespace punktfunk::abi {

namespace {

// A host that nobody polls must not fill the memory: as much as a reassembler may hold.
constexpr size_t kMaxQueuedBytes = size_t{256} << 20;
constexpr size_t kMaxSpare = 1024;

// One direction. Buffers go around, so that a steady stream allocates nothing.
class Channel {
  public:
    explicit Channel(uint32_t drop_period) : drop_period_(drop_period) {}

    bool put(ByteView datagram) {
        const std::lock_guard lock(mutex_);
        // Lost on the way, as the network loses: the sender does not hear of it.
        if (drop_period_ != 0 && count_++ % drop_period_ == 0) return true;
        if (queued_bytes_ + datagram.size() > kMaxQueuedBytes) return false;
        Bytes buffer;
        if (!spare_.empty()) {
            buffer = std::move(spare_.back());
            spare_.pop_back();
        }
        buffer.assign(datagram.begin(), datagram.end());
        queued_bytes_ += buffer.size();
        queue_.push_back(std::move(buffer));
        return true;
    }
    // Exchanges `buffer` for the next datagram.
    bool take(Bytes& buffer) {
        const std::lock_guard lock(mutex_);
        if (queue_.empty()) return false;
        if (spare_.size() < kMaxSpare) spare_.push_back(std::move(buffer));
        buffer = std::move(queue_.front());
        queue_.pop_front();
        queued_bytes_ -= buffer.size();
        return true;
    }

  private:
    const uint32_t drop_period_;
    std::mutex mutex_;
    std::deque<Bytes> queue_;
    std::vector<Bytes> spare_;
    size_t queued_bytes_ = 0;
    uint64_t count_ = 0;
};

class LoopbackEnd final : public Transport {
  public:
    LoopbackEnd(std::shared_ptr<Channel> out, std::shared_ptr<Channel> in) : out_(std::move(out)), in_(std::move(in)) {}

    size_t send(ByteView arena, size_t size) override {
        size_t taken = 0;
        for (; arena.size() >= size; arena = arena.subspan(size)) taken += out_->put(arena.first(size)) ? 1 : 0;
        return taken;
    }
    Result<size_t> receive(const Sink& sink) override {
        if (!in_->take(current_)) return size_t{0};
        sink(current_);
        return size_t{1};
    }

  private:
    std::shared_ptr<Channel> out_, in_;
    Bytes current_;
};

}  // namespace

LoopbackPair loopback_pair(uint32_t host_drop_period, uint32_t client_drop_period) {
    const auto to_client = std::make_shared<Channel>(host_drop_period);
    const auto to_host = std::make_shared<Channel>(client_drop_period);
    return {std::make_unique<LoopbackEnd>(to_client, to_host), std::make_unique<LoopbackEnd>(to_host, to_client)};
}

}  // namespace punktfunk::abi
