// Results as text, CSV, JSON and a verdict. Nothing in them depends on when or how fast they were made.
#pragma once

#include <string>
#include <vector>

#include "studies.hpp"

namespace punktfunk::loss_harness {

struct StudyResult {
    Study study;
    std::vector<Outcome> outcomes;  // one a cell
};

struct Verdict {
    size_t cells = 0, frames = 0, corrupt = 0;
    size_t outside = 0;         // cells that deviate by kTolerance or more
    double worst = 0;           // the largest deviation
    size_t repeats = 0;         // cells that met the losses of an earlier one
    size_t repeats_differ = 0;  // and lost another number of frames (of the same number sent)
    [[nodiscard]] bool good() const { return corrupt == 0 && outside == 0 && repeats_differ == 0; }
};
inline constexpr double kTolerance = 4;  // standard errors: one cell in 16 000 by chance
[[nodiscard]] Verdict judge(const std::vector<StudyResult>& results);

[[nodiscard]] std::string table(const StudyResult& result);
[[nodiscard]] std::string summary(const Verdict& verdict, uint64_t seed);
[[nodiscard]] std::string csv(const std::vector<StudyResult>& results);
[[nodiscard]] std::string json(const std::vector<StudyResult>& results, uint64_t seed);

}  // namespace punktfunk::loss_harness
