#include "punktfunk/discovery/mdns.hpp"

#include <avahi-client/client.h>
#include <avahi-client/lookup.h>
#include <avahi-client/publish.h>
#include <avahi-common/alternative.h>
#include <avahi-common/error.h>
#include <avahi-common/malloc.h>
#include <avahi-common/simple-watch.h>
#include <avahi-common/thread-watch.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "punktfunk/base/clock.hpp"

namespace punktfunk::discovery {

namespace {

constexpr char kService[] = "_punktfunk._udp";
constexpr char kGameStream[] = "_nvstream._tcp";
constexpr char kProtocol[] = "punktfunk/1";

std::unexpected<Error> no_daemon(int error) {
    return fail(ErrorCode::NotAvailable, "no Avahi daemon answers ({}): install and start avahi-daemon",
                avahi_strerror(error));
}

template <auto Free>
struct Deleter {
    template <typename T>
    void operator()(T* object) const {
        Free(object);
    }
};

using TextRecord = std::unique_ptr<AvahiStringList, Deleter<avahi_string_list_free>>;

// Avahi's thread calls back with the poll's lock held; nothing here is touched without it after start().
class AvahiAdvertiser final : public Advertiser {
  public:
    explicit AvahiAdvertiser(Advertisement advertisement)
        : wanted_(std::move(advertisement)), name_(wanted_.instance_name) {}
    ~AvahiAdvertiser() override {
        if (poll_) avahi_threaded_poll_stop(poll_.get());
        if (client_ != nullptr) avahi_client_free(client_);  // frees the group as well
    }

    Result<void> start() {
        poll_.reset(avahi_threaded_poll_new());
        if (!poll_) return fail(ErrorCode::Internal, "out of memory");
        if (const int error = connect(); client_ == nullptr) return no_daemon(error);
        avahi_threaded_poll_start(poll_.get());
        return {};
    }

  private:
    // 0, or why client_ is null.
    int connect() {
        int error = 0;
        group_ = nullptr;
        client_ = avahi_client_new(
            avahi_threaded_poll_get(poll_.get()), AVAHI_CLIENT_NO_FAIL,
            [](AvahiClient* client, AvahiClientState state, void* self) {
                static_cast<AvahiAdvertiser*>(self)->on_state(client, state);
            },
            this, &error);
        return error;
    }

    void on_state(AvahiClient* client, AvahiClientState state) {
        if (state == AVAHI_CLIENT_S_RUNNING) publish(client);
        if (state == AVAHI_CLIENT_S_COLLISION || state == AVAHI_CLIENT_S_REGISTERING ||
            state == AVAHI_CLIENT_CONNECTING) {
            if (group_ != nullptr) avahi_entry_group_reset(group_);
            if (state == AVAHI_CLIENT_CONNECTING) {
                group_ = nullptr;
                spdlog::warn("mDNS: the Avahi daemon is not there; announced once it is (avahi-daemon)");
            }
        }
        if (state == AVAHI_CLIENT_FAILURE) on_failure(client, avahi_client_errno(client));
    }

    // A client whose daemon has gone is of no use any more; a new one waits for the next daemon.
    void on_failure(AvahiClient* client, int error) {
        if (error == AVAHI_ERR_DISCONNECTED && client == client_) {
            avahi_client_free(client);
            error = connect();
            if (client_ != nullptr) return;
        }
        spdlog::warn("mDNS: {}; not announced", avahi_strerror(error));
    }

    void publish(AvahiClient* client) {
        if (group_ == nullptr) {
            group_ = avahi_entry_group_new(
                client,
                [](AvahiEntryGroup* group, AvahiEntryGroupState state, void* self) {
                    static_cast<AvahiAdvertiser*>(self)->on_group(group, state);
                },
                this);
        }
        if (group_ == nullptr) return spdlog::warn("mDNS: {}", avahi_strerror(avahi_client_errno(client)));
        const TextRecord text = text_record();
        const auto add = [&](const char* type, uint16_t port, AvahiStringList* its_text) {
            return avahi_entry_group_add_service_strlst(group_, AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC, {}, name_.c_str(),
                                                        type, nullptr, nullptr, port, its_text);
        };
        for (;;) {
            int rc = add(kService, wanted_.port, text.get());
            if (rc >= 0 && wanted_.gamestream_port != 0) rc = add(kGameStream, wanted_.gamestream_port, nullptr);
            if (rc == AVAHI_ERR_COLLISION) {
                avahi_entry_group_reset(group_);
                rename();
                continue;
            }
            if (rc < 0) return spdlog::warn("mDNS: {}", avahi_strerror(rc));
            break;
        }
        avahi_entry_group_commit(group_);
    }

    [[nodiscard]] TextRecord text_record() const {
        AvahiStringList* list = nullptr;
        const auto add = [&](const std::string& entry) { list = avahi_string_list_add(list, entry.c_str()); };
        add(fmt::format("proto={}", kProtocol));
        add("fp=" + wanted_.fingerprint_hex);
        add(wanted_.pairing_required ? "pair=required" : "pair=optional");
        add("id=" + wanted_.unique_id);
        add("os=linux");
        if (wanted_.management_port) add(fmt::format("mgmt={}", *wanted_.management_port));
        return TextRecord(list);
    }

    void on_group(AvahiEntryGroup* group, AvahiEntryGroupState state) {
        if (state == AVAHI_ENTRY_GROUP_ESTABLISHED) spdlog::info("announced on the network as '{}'", name_);
        if (state == AVAHI_ENTRY_GROUP_COLLISION) {
            rename();
            avahi_entry_group_reset(group);
            publish(avahi_entry_group_get_client(group));
        }
    }

    void rename() {
        char* next = avahi_alternative_service_name(name_.c_str());
        name_ = next;
        avahi_free(next);
    }

    Advertisement wanted_;
    std::string name_;
    std::unique_ptr<AvahiThreadedPoll, Deleter<avahi_threaded_poll_free>> poll_;
    AvahiClient* client_ = nullptr;
    AvahiEntryGroup* group_ = nullptr;
};

// One browse: everything happens on the caller's thread inside avahi_simple_poll_iterate.
struct Browse {
    AvahiClient* client = nullptr;
    std::vector<DiscoveredHost> found;
    bool failed = false;

    void add(DiscoveredHost host) {
        const auto known = std::ranges::find_if(found, [&](const DiscoveredHost& h) {
            return h.unique_id.empty() ? h.name == host.name : h.unique_id == host.unique_id;
        });
        if (known == found.end()) {
            found.push_back(std::move(host));
        } else if (known->address.find(':') != std::string::npos && host.address.find(':') == std::string::npos) {
            *known = std::move(host);  // the control connection is IPv4 (spec §1.1)
        }
    }
};

void take_txt(AvahiStringList* txt, const char* key, std::string& out) {
    char* value = nullptr;
    AvahiStringList* item = avahi_string_list_find(txt, key);
    if (item == nullptr || avahi_string_list_get_pair(item, nullptr, &value, nullptr) < 0) return;
    if (value != nullptr) out = value;
    avahi_free(value);
}

void on_resolved(AvahiServiceResolver* resolver, AvahiIfIndex, AvahiProtocol, AvahiResolverEvent event,
                 const char* name, const char*, const char*, const char*, const AvahiAddress* address, uint16_t port,
                 AvahiStringList* txt, AvahiLookupResultFlags, void* user) {
    if (event == AVAHI_RESOLVER_FOUND) {
        char text[AVAHI_ADDRESS_STR_MAX] = "";
        avahi_address_snprint(text, sizeof text, address);
        DiscoveredHost host{.name = name, .address = text, .port = port};
        std::string pair;
        take_txt(txt, "fp", host.fingerprint_hex);
        take_txt(txt, "id", host.unique_id);
        take_txt(txt, "proto", host.protocol);
        take_txt(txt, "os", host.os);
        take_txt(txt, "pair", pair);
        host.pairing_required = pair != "optional";
        if (host.protocol == kProtocol) static_cast<Browse*>(user)->add(std::move(host));
    }
    avahi_service_resolver_free(resolver);
}

void on_browsed(AvahiServiceBrowser*, AvahiIfIndex interface, AvahiProtocol protocol, AvahiBrowserEvent event,
                const char* name, const char* type, const char* domain, AvahiLookupResultFlags, void* user) {
    auto* browse = static_cast<Browse*>(user);
    if (event == AVAHI_BROWSER_FAILURE) browse->failed = true;
    if (event != AVAHI_BROWSER_NEW) return;
    (void)avahi_service_resolver_new(browse->client, interface, protocol, name, type, domain, AVAHI_PROTO_INET, {},
                                     on_resolved, browse);
}

}  // namespace

Result<std::unique_ptr<Advertiser>> advertise(const Advertisement& advertisement) {
    auto advertiser = std::make_unique<AvahiAdvertiser>(advertisement);
    if (auto started = advertiser->start(); !started) return std::unexpected(started.error());
    return advertiser;
}

Result<std::vector<DiscoveredHost>> browse(std::chrono::milliseconds duration) {
    const std::unique_ptr<AvahiSimplePoll, Deleter<avahi_simple_poll_free>> poll(avahi_simple_poll_new());
    int error = 0;
    const std::unique_ptr<AvahiClient, Deleter<avahi_client_free>> client(avahi_client_new(
        avahi_simple_poll_get(poll.get()), {}, [](AvahiClient*, AvahiClientState, void*) {}, nullptr, &error));
    if (!client) return no_daemon(error);
    Browse browse{.client = client.get()};
    const std::unique_ptr<AvahiServiceBrowser, Deleter<avahi_service_browser_free>> browser(avahi_service_browser_new(
        client.get(), AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC, kService, nullptr, {}, on_browsed, &browse));
    if (!browser) return no_daemon(avahi_client_errno(client.get()));
    const auto deadline = SteadyClock::now() + duration;
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now()).count();
        if (left <= 0 || browse.failed || avahi_simple_poll_iterate(poll.get(), static_cast<int>(left)) != 0) break;
    }
    return std::move(browse.found);
}

}  // namespace punktfunk::discovery
