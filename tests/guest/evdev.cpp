#include "evdev.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <ostream>
#include <stdexcept>

#include "process.hpp"

namespace punktfunk::test {

namespace {

std::string text_of(int fd, unsigned long request) {
    std::array<char, 256> text{};
    return ::ioctl(fd, request, text.data()) < 0 ? "" : text.data();
}
std::string name_of(int fd) {
    return text_of(fd, EVIOCGNAME(256));
}

// A driver of its own kind (hid-playstation) leaves the node's phys empty; its HID device says it.
std::string phys_of(int fd, const std::filesystem::path& node) {
    if (std::string phys = text_of(fd, EVIOCGPHYS(256)); !phys.empty()) return phys;
    std::ifstream uevent("/sys/class/input/" + node.filename().string() + "/device/device/uevent");
    const std::string key = "HID_PHYS=";
    for (std::string line; std::getline(uevent, line);) {
        if (line.starts_with(key)) return line.substr(key.size());
    }
    return "";
}

// The first node of such a device that can be opened now.
std::optional<std::pair<UniqueFd, std::string>> find(const std::string& phys, const std::string& name_end) {
    std::error_code ec;
    for (const auto& entry : std::filesystem::directory_iterator("/dev/input", ec)) {
        if (!entry.path().filename().string().starts_with("event")) continue;
        UniqueFd fd(::open(entry.path().c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
        if (fd && phys_of(fd.get(), entry.path()) == phys && name_of(fd.get()).ends_with(name_end))
            return std::pair(std::move(fd), entry.path().string());
    }
    return std::nullopt;
}

}  // namespace

void PrintTo(const EvdevEvent& event, std::ostream* out) {
    *out << "type " << event.type << " code " << event.code << " value " << event.value;
}

EvdevNode EvdevNode::open(const std::string& phys, const std::string& name_end) {
    std::optional<std::pair<UniqueFd, std::string>> found;
    eventually(kPatience, [&] {
        found = find(phys, name_end);
        return found.has_value();
    });
    if (!found) throw std::runtime_error("no input device '" + phys + "' with a name that ends in '" + name_end + "'");
    return {std::move(found->first), std::move(found->second)};
}

bool EvdevNode::exists(const std::string& phys) {
    return find(phys, "").has_value();
}

std::string EvdevNode::name() const {
    return name_of(fd_.get());
}

input_id EvdevNode::id() const {
    input_id id{};
    (void)::ioctl(fd_.get(), EVIOCGID, &id);
    return id;
}

input_absinfo EvdevNode::axis(int code) const {
    input_absinfo info{};
    (void)::ioctl(fd_.get(), EVIOCGABS(code), &info);
    return info;
}

std::vector<int> EvdevNode::codes(int type) const {
    std::array<uint8_t, (KEY_CNT + 7) / 8> bits{};
    (void)::ioctl(fd_.get(), EVIOCGBIT(type, bits.size()), bits.data());
    std::vector<int> codes;
    for (int code = 0; code < KEY_CNT; ++code) {
        if ((bits[static_cast<size_t>(code) / 8] & 1 << code % 8) != 0) codes.push_back(code);
    }
    return codes;
}

int EvdevNode::effects_at_a_time() const {
    int count = 0;
    (void)::ioctl(fd_.get(), EVIOCGEFFECTS, &count);
    return count;
}

std::vector<EvdevEvent> EvdevNode::frame(std::chrono::milliseconds patience) {
    std::vector<EvdevEvent> events;
    for (;;) {
        input_event event{};
        if (::read(fd_.get(), &event, sizeof event) == sizeof event) {
            if (event.type == EV_FF) continue;  // what was asked of the device shows up here too
            if (event.type != EV_SYN) {
                events.push_back({event.type, event.code, event.value});
            } else if (event.code == SYN_REPORT) {
                std::ranges::sort(events);
                return events;
            }
            continue;
        }
        if (errno != EAGAIN) return {};
        pollfd readable{.fd = fd_.get(), .events = POLLIN, .revents = 0};
        if (::poll(&readable, 1, static_cast<int>(patience.count())) <= 0) return {};
    }
}

bool EvdevNode::sees(const EvdevEvent& event) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < end) {
        const auto events = frame();
        if (events.empty()) return false;
        if (std::ranges::find(events, event) != events.end()) return true;
    }
    return false;
}

bool EvdevNode::gone() {
    return eventually(kPatience, [&] {
        input_event event{};
        return ::read(fd_.get(), &event, sizeof event) < 0 && errno == ENODEV;
    });
}

int EvdevNode::upload(uint16_t strong, uint16_t weak, std::chrono::milliseconds length, int id) {
    ff_effect effect{};
    effect.type = FF_RUMBLE;
    effect.id = static_cast<int16_t>(id);
    effect.u.rumble.strong_magnitude = strong;
    effect.u.rumble.weak_magnitude = weak;
    effect.replay.length = static_cast<uint16_t>(length.count());
    // A node is there a moment before uinput takes effects for it.
    bool uploaded = false;
    eventually(kPatience, [&] {
        uploaded = ::ioctl(fd_.get(), EVIOCSFF, &effect) == 0;
        return uploaded || errno != ENODEV;
    });
    return uploaded ? effect.id : -1;
}

bool EvdevNode::erase(int id) {
    return ::ioctl(fd_.get(), EVIOCRMFF, id) == 0;
}

void EvdevNode::send(int type, int code, int value) {
    input_event event{};
    event.type = static_cast<uint16_t>(type);
    event.code = static_cast<uint16_t>(code);
    event.value = value;
    if (::write(fd_.get(), &event, sizeof event) != sizeof event) throw std::runtime_error("writing to " + path_);
}

void EvdevNode::play(int id, int times) {
    send(EV_FF, id, times);
}

void EvdevNode::set_gain(uint16_t gain) {
    send(EV_FF, FF_GAIN, gain);
}

std::filesystem::path EvdevNode::hid_device() const {
    return std::filesystem::canonical("/sys/class/input/" + std::filesystem::path(path_).filename().string() +
                                      "/device/device");
}

}  // namespace punktfunk::test
