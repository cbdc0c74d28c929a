#include "library_index.hpp"

#include <utility>

#include "punktfunk/library/scan.hpp"

namespace punktfunk::management {

LibraryIndex::LibraryIndex(library::Library& library, library::Places places, Worker& worker, EventHub& hub)
    : library_(library), places_(std::move(places)), worker_(worker), hub_(hub) {}

void LibraryIndex::when_fresh(std::function<void()> then) {
    if (SteadyClock::now() < fresh_until_) return then();
    if (!scanning_) {
        scanning_ = worker_.run([places = places_] { return library::scan(places); },
                                [this](std::vector<library::Entry> found) { scanned(std::move(found)); });
    }
    if (!scanning_ || waiting_.size() >= kMostWaiting) return then();
    waiting_.push_back(std::move(then));
}

void LibraryIndex::scanned(std::vector<library::Entry> found) {
    scanning_ = false;
    fresh_until_ = SteadyClock::now() + kFresh;
    if (library_.set_installed(std::move(found))) tell();
    for (const auto& then : std::exchange(waiting_, {})) then();
}

void LibraryIndex::tell() {
    hub_.publish("library.changed", {{"entries", library_.size()}});
}

}  // namespace punktfunk::management
