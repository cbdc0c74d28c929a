#include "library_index.hpp"

#include <memory>
#include <utility>

#include "punktfunk/library/scan.hpp"

namespace punktfunk::management {

LibraryIndex::LibraryIndex(library::Library& library, library::Places places, Worker& worker, EventHub& hub)
    : library_(library), places_(std::move(places)), worker_(worker), hub_(hub) {}

void LibraryIndex::refresh() {
    if (busy_ || SteadyClock::now() < fresh_until_) return;
    busy_ = worker_.run([places = places_] { return library::scan(places); },
                        [this](std::vector<library::Entry> found) {
                            scanned(std::move(found));
                            go_on();
                        });
}

void LibraryIndex::answer(Make make, std::function<void(const http::Response*)> then) {
    if (waiting_.size() >= kMostWaiting) return then(nullptr);
    make_ = make;
    waiting_.push_back(std::move(then));
    go_on();
}

void LibraryIndex::go_on() {
    if (busy_ || waiting_.empty()) return;
    refresh();
    if (busy_) return;
    const auto asked =
        std::make_shared<std::vector<std::function<void(const http::Response*)>>>(std::exchange(waiting_, {}));
    busy_ = worker_.run([make = make_, copy = library_] { return make(copy); },
                        [this, asked](const http::Response& made) {
                            busy_ = false;
                            for (const auto& then : *asked) then(&made);
                            go_on();
                        });
    if (busy_) return;
    for (const auto& then : *asked) then(nullptr);
}

void LibraryIndex::scanned(std::vector<library::Entry> found) {
    busy_ = false;
    fresh_until_ = SteadyClock::now() + kFresh;
    if (library_.set_installed(std::move(found))) tell();
}

void LibraryIndex::tell() {
    hub_.publish("library.changed", {{"entries", library_.size()}});
}

}  // namespace punktfunk::management
