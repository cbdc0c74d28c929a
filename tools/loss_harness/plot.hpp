// The results as a picture: SVG, a panel a study, the theory as curves and what was measured as marks on them.
#pragma once

#include <string>
#include <vector>

#include "report.hpp"

namespace punktfunk::loss_harness {

[[nodiscard]] std::string plot(const std::vector<StudyResult>& results, uint64_t seed);

}  // namespace punktfunk::loss_harness
