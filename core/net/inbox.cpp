#include "inbox.hpp"

#include <netinet/udp.h>

#include <algorithm>
#include <cstring>

namespace punktfunk::net {

namespace {

Endpoint ipv4(const in_addr& address) {
    Endpoint endpoint;
    auto& four = reinterpret_cast<sockaddr_in&>(endpoint.storage);
    four.sin_family = AF_INET;
    four.sin_addr = address;
    endpoint.length = sizeof four;
    return endpoint;
}
Endpoint ipv6(const in6_addr& address) {
    Endpoint endpoint;
    auto& six = reinterpret_cast<sockaddr_in6&>(endpoint.storage);
    six.sin6_family = AF_INET6;
    six.sin6_addr = address;
    endpoint.length = sizeof six;
    return endpoint;
}

}  // namespace

// The length of the datagrams in a message, of which the last may be shorter, when it came and where to.
void Inbox::read_control(msghdr& message, size_t length) {
    segment_ = length;
    arrived_ns_ = 0;
    destination_.length = 0;
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level == SOL_UDP && header->cmsg_type == UDP_GRO) {
            int segment = 0;
            std::memcpy(&segment, CMSG_DATA(header), sizeof segment);
            if (segment > 0) segment_ = static_cast<size_t>(segment);
        } else if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_TIMESTAMPNS) {
            timespec at{};
            std::memcpy(&at, CMSG_DATA(header), sizeof at);
            arrived_ns_ = static_cast<uint64_t>(at.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(at.tv_nsec);
        } else if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_PKTINFO) {
            in_pktinfo info{};
            std::memcpy(&info, CMSG_DATA(header), sizeof info);
            destination_ = ipv4(info.ipi_spec_dst);
        } else if (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_PKTINFO) {
            in6_pktinfo info{};
            std::memcpy(&info, CMSG_DATA(header), sizeof info);
            destination_ = ipv6(info.ipi6_addr);
        }
    }
}

int Inbox::fill(int fd, Endpoint* from) {
    filled_ = slot_ = offset_ = 0;
    if (!bytes_) bytes_ = std::make_unique_for_overwrite<uint8_t[]>(kSlots * kStride);
    const size_t slots = from != nullptr ? 1 : kSlots;
    for (size_t i = 0; i < slots; ++i) {
        parts_[i] = {bytes_.get() + i * kStride, kSlotBytes};
        msghdr& message = messages_[i].msg_hdr;
        message = {};
        message.msg_iov = &parts_[i];
        message.msg_iovlen = 1;
        message.msg_control = controls_[i].bytes;
        message.msg_controllen = sizeof controls_[i].bytes;
    }
    if (from != nullptr) {
        messages_[0].msg_hdr.msg_name = &from->storage;
        messages_[0].msg_hdr.msg_namelen = sizeof from->storage;
    }
    const int received = ::recvmmsg(fd, messages_.data(), static_cast<unsigned>(slots), MSG_DONTWAIT, nullptr);
    if (received > 0) filled_ = static_cast<size_t>(received);
    if (from != nullptr && received > 0) from->length = messages_[0].msg_hdr.msg_namelen;
    return received;
}

bool Inbox::next(std::span<uint8_t>& out) {
    if (slot_ == filled_) return false;
    const size_t length = messages_[slot_].msg_len;
    if (offset_ == 0) read_control(messages_[slot_].msg_hdr, length);
    out = {bytes_.get() + slot_ * kStride + offset_, std::min(segment_, length - offset_)};
    offset_ += segment_;
    if (offset_ >= length) {
        ++slot_;
        offset_ = 0;
    }
    return true;
}

}  // namespace punktfunk::net
