// The library as the API shows it: scanned anew, on the worker, when somebody looks and the last scan is old. Control
// thread.
#pragma once

#include <functional>
#include <vector>

#include "event_hub.hpp"
#include "punktfunk/base/clock.hpp"
#include "punktfunk/http/server.hpp"
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
    // Scans, if the last scan is old.
    void refresh();
    // An answer made of a copy of the library, on the worker's thread.
    using Make = http::Response (*)(const library::Library& copy);
    // One answer for all who ask before it is begun, after a scan if the last one is old; never is a scan waited for
    // that cannot begin. Null: too much else is being done.
    void answer(Make make, std::function<void(const http::Response* made)> then);
    // Whoever listens that it has changed.
    void tell();

  private:
    void go_on();
    void scanned(std::vector<library::Entry> found);

    library::Library& library_;
    const library::Places places_;
    Worker& worker_;
    EventHub& hub_;
    SteadyClock::time_point fresh_until_{};
    bool busy_ = false;  // the worker has a job of ours
    Make make_ = nullptr;
    std::vector<std::function<void(const http::Response*)>> waiting_;
};

}  // namespace punktfunk::management
