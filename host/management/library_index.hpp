// The library as the API shows it: scanned anew, on the worker, when somebody looks and the last scan is old. Control
// thread.
#pragma once

#include <functional>
#include <vector>

#include "event_hub.hpp"
#include "punktfunk/base/clock.hpp"
#include "punktfunk/library/library.hpp"
#include "punktfunk/library/places.hpp"
#include "punktfunk/management/worker.hpp"

namespace punktfunk::management {

class LibraryIndex {
  public:
    static constexpr std::chrono::seconds kFresh{10};
    static constexpr size_t kMostWaiting = 64;

    // All of it outlives the index.
    LibraryIndex(library::Library& library, library::Places places, Worker& worker, EventHub& hub);

    [[nodiscard]] library::Library& library() { return library_; }
    // Calls back at once, or after a scan; never is a scan waited for that cannot begin.
    void when_fresh(std::function<void()> then);
    // Whoever listens that it has changed.
    void tell();

  private:
    void scanned(std::vector<library::Entry> found);

    library::Library& library_;
    const library::Places places_;
    Worker& worker_;
    EventHub& hub_;
    SteadyClock::time_point fresh_until_{};
    bool scanning_ = false;
    std::vector<std::function<void()>> waiting_;
};

}  // namespace punktfunk::management
