#include "report.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

namespace punktfunk::loss_harness {

namespace {

const char* code_name(fec::Scheme scheme) {
    return scheme == fec::Scheme::Gf8 ? "gf8" : "gf16";
}
const char* transport_name(Transport transport) {
    return transport == Transport::Udp ? "udp" : "process";
}
double share(uint64_t part, uint64_t whole) {
    return static_cast<double>(part) / static_cast<double>(std::max<uint64_t>(whole, 1));
}

}  // namespace

Verdict judge(const std::vector<StudyResult>& results) {
    Verdict verdict;
    std::map<std::pair<uint64_t, size_t>, uint64_t> survived;  // by losses met and frames sent
    for (const StudyResult& result : results) {
        for (size_t i = 0; i < result.outcomes.size(); ++i) {
            const Cell& cell = result.study.cells[i];
            const Outcome& outcome = result.outcomes[i];
            const double deviation = std::abs(outcome.deviation(cell.frames));
            ++verdict.cells;
            verdict.frames += cell.frames;
            verdict.corrupt += outcome.corrupt;
            verdict.outside += deviation >= kTolerance;
            verdict.worst = std::max(verdict.worst, deviation);
            const auto [first, fresh] = survived.try_emplace({cell_seed(cell, 0), cell.frames}, outcome.survived);
            verdict.repeats += !fresh;
            verdict.repeats_differ += first->second != outcome.survived;
        }
    }
    return verdict;
}

std::string table(const StudyResult& result) {
    std::string text = fmt::format("{}\n{:<5}{:>6}{:>6}{:>5}{:>7}{:>7}{:>9}{:>8}{:>8}  {:<8}{:>7}{:>10}{:>9}{:>7}\n",
                                   result.study.title, "code", "frame", "block", "FEC", "loss", "burst", "reorder",
                                   "jitter", "double", "through", "frames", "survived", "theory", "dev.");
    for (size_t i = 0; i < result.outcomes.size(); ++i) {
        const Cell& cell = result.study.cells[i];
        const Outcome& outcome = result.outcomes[i];
        const auto value = [&](Axis axis, const char* unit) {
            const double v = value_of(cell, axis);
            return v == 0 ? std::string("-") : fmt::format("{:g}{}", v, unit);
        };
        text += fmt::format("{:<5}{:>6}{:>6}{:>5}{:>7}{:>7}{:>9}{:>8}{:>8}  {:<8}{:>7}{:>9.2f}%{:>8.2f}%{:>+7.2f}{}\n",
                            code_name(cell.scheme), cell.frame_packets, cell.per_block, value(Axis::FecPercent, "%"),
                            value(Axis::Loss, "%"), value(Axis::Burst, ""), value(Axis::Reorder, "%"),
                            value(Axis::Jitter, "ms"), value(Axis::Duplicate, "%"), transport_name(cell.transport),
                            cell.frames, 100 * share(outcome.survived, cell.frames), 100 * outcome.expected.survival,
                            outcome.deviation(cell.frames),
                            std::abs(outcome.deviation(cell.frames)) >= kTolerance ? "  !" : "");
    }
    return text;
}

std::string summary(const Verdict& v, uint64_t seed) {
    std::string text = fmt::format(
        "{} cells, {} frames, seed {}: the largest deviation from theory is {:.2f} standard errors, {} outside {:g}; "
        "{} corrupt frames\n",
        v.cells, v.frames, seed, v.worst, v.outside, kTolerance, v.corrupt);
    if (v.repeats > 0) {
        text += fmt::format("{} cells met another's losses with another code, order of arrival or transport: {}\n",
                            v.repeats,
                            v.repeats_differ == 0 ? "all lost as many frames"
                                                  : fmt::format("{} lost another number of frames", v.repeats_differ));
    }
    return text;
}

std::string csv(const std::vector<StudyResult>& results) {
    std::string text =
        "study,code,through,frame_packets,block_packets,fec_percent,loss_percent,burst,reorder_percent,jitter_ms,"
        "duplicate_percent,frames,packets,packets_lost,survived,corrupt,recovered_shards,theory,standard_error_frames,"
        "deviation\n";
    for (const StudyResult& result : results) {
        for (size_t i = 0; i < result.outcomes.size(); ++i) {
            const Cell& cell = result.study.cells[i];
            const Outcome& o = result.outcomes[i];
            text +=
                fmt::format("{},{},{},{},{},{},{:g},{:g},{:g},{:g},{:g},{},{},{},{},{},{},{:.9f},{:.4f},{:.3f}\n",
                            result.study.name, code_name(cell.scheme), transport_name(cell.transport),
                            cell.frame_packets, cell.per_block, cell.fec_percent, value_of(cell, Axis::Loss),
                            cell.link.burst, value_of(cell, Axis::Reorder), value_of(cell, Axis::Jitter),
                            value_of(cell, Axis::Duplicate), cell.frames, o.packets, o.lost, o.survived, o.corrupt,
                            o.recovered_shards, o.expected.survival, o.expected.frames_sd, o.deviation(cell.frames));
        }
    }
    return text;
}

std::string json(const std::vector<StudyResult>& results, uint64_t seed) {
    const auto rounded = [](double value) { return std::round(value * 1e9) / 1e9; };
    auto studies = nlohmann::ordered_json::array();
    for (const StudyResult& result : results) {
        auto cells = nlohmann::ordered_json::array();
        for (size_t i = 0; i < result.outcomes.size(); ++i) {
            const Cell& cell = result.study.cells[i];
            const Outcome& o = result.outcomes[i];
            cells.push_back({{"code", code_name(cell.scheme)},
                             {"through", transport_name(cell.transport)},
                             {"frame_packets", cell.frame_packets},
                             {"block_packets", cell.per_block},
                             {"fec_percent", cell.fec_percent},
                             {"loss_percent", value_of(cell, Axis::Loss)},
                             {"burst", cell.link.burst},
                             {"reorder_percent", value_of(cell, Axis::Reorder)},
                             {"jitter_ms", value_of(cell, Axis::Jitter)},
                             {"duplicate_percent", value_of(cell, Axis::Duplicate)},
                             {"frames", cell.frames},
                             {"packets", o.packets},
                             {"packets_lost", o.lost},
                             {"survived", o.survived},
                             {"corrupt", o.corrupt},
                             {"recovered_shards", o.recovered_shards},
                             {"theory", rounded(o.expected.survival)},
                             {"standard_error_frames", rounded(o.expected.frames_sd)},
                             {"deviation", rounded(o.deviation(cell.frames))}});
        }
        studies.push_back({{"name", result.study.name}, {"title", result.study.title}, {"cells", std::move(cells)}});
    }
    const Verdict verdict = judge(results);
    return nlohmann::ordered_json{{"seed", seed},
                                  {"good", verdict.good()},
                                  {"cells", verdict.cells},
                                  {"outside", verdict.outside},
                                  {"largest_deviation", rounded(verdict.worst)},
                                  {"corrupt_frames", verdict.corrupt},
                                  {"repeats", verdict.repeats},
                                  {"repeats_that_differ", verdict.repeats_differ},
                                  {"studies", std::move(studies)}}
               .dump(1) +
           "\n";
}

}  // namespace punktfunk::loss_harness
