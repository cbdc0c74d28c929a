// loss-harness: what the erasure codes are worth, measured beside the theory. Exit codes: 0 as theory says, 1 not so or
// failed, 2 usage.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <fstream>

#include "plot.hpp"
#include "punktfunk/base/standard_output.hpp"
#include "report.hpp"

namespace {

using namespace punktfunk;
using namespace punktfunk::loss_harness;

constexpr int kExitOk = 0, kExitFailed = 1, kExitUsage = 2;

int complain(const std::string& message, int exit_code) {
    // Not fmt::print: it throws when the words find no room.
    (void)std::fputs(fmt::format("loss-harness: {}\n", message).c_str(), stderr);
    return exit_code;
}

// On a terminal only, and gone when done.
class Progress {
  public:
    explicit Progress(size_t total) : total_(total) {}
    ~Progress() {
        if (live_) fmt::print(stderr, "\r\033[K");
    }
    Progress(const Progress&) = delete;
    void advance(const std::string& what, size_t by) {
        done_ += by;
        if (!live_) return;
        constexpr size_t kWidth = 40;
        const size_t full = done_ * kWidth / total_;
        fmt::print(stderr, "\r\033[K[{:=<{}}{: <{}}] {:3} %  {}", "", full, "", kWidth - full, done_ * 100 / total_,
                   what);
        std::fflush(stderr);
    }

  private:
    size_t total_, done_ = 0;
    bool live_ = ::isatty(STDERR_FILENO) == 1;
};

Result<std::vector<StudyResult>> sweep(const std::vector<Study>& studies, uint64_t seed) {
    const auto work_of = [](const Cell& cell) { return cell.frames * cell.frame_packets; };
    size_t total = 0;
    for (const Study& study : studies) {
        for (const Cell& cell : study.cells) total += work_of(cell);
    }
    std::vector<StudyResult> results;
    Progress progress(total);
    for (const Study& study : studies) {
        results.push_back({study, {}});
        for (const Cell& cell : study.cells) {
            progress.advance(study.name, 0);
            auto outcome = run(cell, seed);
            if (!outcome) return std::unexpected(std::move(outcome.error()).in(study.name));
            results.back().outcomes.push_back(*outcome);
            progress.advance(study.name, work_of(cell));
        }
    }
    return results;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{
        "loss-harness: sends frames through the real data plane and a bad network, and compares how many survive with\n"
        "what theory says. Without a list of your own it runs the standard sweep.",
        "loss-harness"};
    uint64_t seed = 1;
    bool quick = false, no_udp = false;
    std::filesystem::path csv_file, json_file, svg_file;
    app.add_option("--seed", seed, "the same seed gives the same results, byte for byte")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    app.add_flag("--quick", quick, "a tenth of the standard sweep, for CI");
    app.add_flag("--no-udp", no_udp, "leave out what goes through real sockets");
    app.add_option("--csv", csv_file, "write the cells to this file");
    app.add_option("--json", json_file, "write everything to this file");
    app.add_option("--svg", svg_file, "draw a picture into this file");

    Grid grid;
    std::string code = "both", through = "process";
    const auto add_list = [&](const char* name, Axis axis, const char* help, double least, double most) {
        return app.add_option(name, grid[axis], help)
            ->delimiter(',')
            ->check(CLI::Range(least, most))
            ->capture_default_str()
            ->type_name("N,N,...")
            ->group("Own sweep: every combination of");
    };
    const CLI::Validator whole(
        [](const std::string& text) {
            return text.find_first_not_of("0123456789") == std::string::npos ? std::string()
                                                                             : "'" + text + "' is not a whole number";
        },
        "");
    const std::array own{
        add_list("--loss", Axis::Loss, "percent of the packets", 0, 100),
        add_list("--burst", Axis::Burst, "mean run of losses; 0 = independent", 0, 1000),
        add_list("--fec", Axis::FecPercent, "percent of parity", 0, 90)->check(whole),
        add_list("--block", Axis::PerBlock, "data packets a block", 1, 32768)->check(whole),
        add_list("--frame", Axis::FramePackets, "data packets a frame", 1, 32768)->check(whole),
        add_list("--reorder", Axis::Reorder, "percent held back for 2 ms", 0, 100),
        add_list("--jitter", Axis::Jitter, "up to so many ms more, at random", 0, 1000),
        add_list("--duplicate", Axis::Duplicate, "percent that come twice", 0, 100),
        app.add_option("--frames", grid.frames, "frames a cell")
            ->check(CLI::Range(1, 1'000'000))
            ->capture_default_str()
            ->group("Own sweep: every combination of"),
        app.add_option("--code", code, "gf8, gf16 or both")
            ->check(CLI::IsMember({"gf8", "gf16", "both"}))
            ->capture_default_str()
            ->group("Own sweep: every combination of"),
        app.add_option("--through", through, "process or udp")
            ->check(CLI::IsMember({"process", "udp"}))
            ->capture_default_str()
            ->group("Own sweep: every combination of"),
    };
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp& help) {
        return app.exit(help);
    } catch (const CLI::ParseError& wrong) {
        return complain(wrong.what(), kExitUsage);
    }
    if (code != "both") grid.schemes = {code == "gf8" ? fec::Scheme::Gf8 : fec::Scheme::Gf16};
    if (through == "udp") grid.transport = Transport::Udp;
    const bool is_own = std::ranges::any_of(own, [](const CLI::Option* option) { return option->count() > 0; });
    const auto studies = is_own ? std::vector{own_study(grid)} : standard_studies(quick, !no_udp);
    if (studies.front().cells.empty())
        return complain("--loss, --burst, --fec, --block: no code or no link can do any of these together", kExitUsage);

    const std::array files{csv_file, json_file, svg_file};
    for (size_t i = 0; i < files.size(); ++i) {
        if (files[i].empty()) continue;
        // Not after minutes of work.
        if (!std::ofstream(files[i], std::ios::app))
            return complain(fail_errno(errno, "opening " + files[i].string()).error().message, kExitFailed);
        if (std::count(files.begin() + i, files.end(), files[i]) > 1)
            return complain(fmt::format("{} is named for two of --csv, --json and --svg", files[i].string()),
                            kExitUsage);
    }

    const auto results = sweep(studies, seed);
    if (!results) return complain(results.error().message, kExitFailed);
    for (const StudyResult& result : *results) fmt::print("{}\n", table(result));
    const Verdict verdict = judge(*results);
    fmt::print("{}", summary(verdict, seed));
    const auto write = [](const std::filesystem::path& file, const std::string& content) -> Result<void> {
        if (file.empty()) return {};
        std::ofstream out(file);
        out << content;
        out.close();
        if (!out) return fail_errno(errno, "writing " + file.string());
        return {};
    };
    if (auto shown = flush_standard_output(); !shown) return complain(shown.error().message, kExitFailed);
    for (const auto& written : {write(csv_file, csv(*results)), write(json_file, json(*results, seed)),
                                write(svg_file, plot(*results, seed))}) {
        if (!written) return complain(written.error().message, kExitFailed);
    }
    return verdict.good() ? kExitOk : kExitFailed;
}
