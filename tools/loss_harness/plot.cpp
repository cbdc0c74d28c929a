#include "plot.hpp"

#include <algorithm>
#include <cmath>

namespace punktfunk::loss_harness {

namespace {

constexpr double kPanelWidth = 560, kPanelHeight = 380, kMargin = 24, kHeader = 64, kFooter = 34;
constexpr double kLeft = 62, kTop = 40, kPlotWidth = 470, kPlotHeight = 272;
constexpr int kCurvePoints = 120;
// Told apart by people with any colour vision (Okabe and Ito).
constexpr std::array kColours{"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000", "#999999"};

constexpr const char* kStyle = R"(<style>
  text { font-family: "DejaVu Sans", Arial, sans-serif; font-size: 12px; fill: #3a4653; }
  .title { font-size: 14px; font-weight: bold; fill: #16202e; }
  .headline { font-size: 19px; font-weight: bold; fill: #16202e; }
  .grid { stroke: #e3e8ed; stroke-width: 1; }
  .frame { fill: none; stroke: #8a97a4; stroke-width: 1; }
  .curve { fill: none; stroke-width: 1.8; }
  .bar { stroke-width: 1.2; }
  .end { text-anchor: end; }
  .middle { text-anchor: middle; }
</style>
)";

std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) out += c == '<' ? "&lt;" : c == '&' ? "&amp;" : std::string(1, c);
    return out;
}

// The horizontal axis of a panel; bursts spread over decades and are drawn by their logarithm.
class Scale {
  public:
    Scale(Axis axis, double least, double most)
        : log_(axis == Axis::Burst && least > 0),
          least_(log_ ? least : 0),
          most_(most > least_ ? most * (log_ ? 1 : 1.04) : least_ + 1) {}
    [[nodiscard]] double at(double value) const {
        const double share =
            log_ ? std::log(value / least_) / std::log(most_ / least_) : (value - least_) / (most_ - least_);
        return kLeft + share * kPlotWidth;
    }
    [[nodiscard]] double value(double share) const {
        return log_ ? least_ * std::pow(most_ / least_, share) : least_ + share * (most_ - least_);
    }
    [[nodiscard]] std::vector<double> ticks() const {
        std::vector<double> all;
        if (log_) {
            for (double tick = 1; tick <= most_ * 1.001; tick *= 2) {
                if (tick >= least_) all.push_back(tick);
            }
            return all;
        }
        double step = std::pow(10, std::floor(std::log10(most_)));
        for (const double finer : {0.5, 0.4, 0.5}) {
            if (most_ / step < 5) step *= finer;
        }
        for (double tick = 0; tick <= most_; tick += step) all.push_back(tick);
        return all;
    }

  private:
    bool log_;
    double least_, most_;
};

double height_of(double survival) {
    return kTop + (1 - survival) * kPlotHeight;
}

std::string mark(const Cell& cell, double x, double y, const char* colour) {
    if (cell.transport == Transport::Udp) {
        return fmt::format(
            "<path d=\"M{:.1f},{:.1f} l6,6 l-6,6 l-6,-6 z\" fill=\"#ffffff\" stroke=\"{}\" "
            "stroke-width=\"2\"/>\n",
            x, y - 6, colour);
    }
    if (cell.scheme == fec::Scheme::Gf8) {
        return fmt::format(
            "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"5.2\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.4\"/>\n", x, y,
            colour);
    }
    return fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"2.6\" fill=\"{}\"/>\n", x, y, colour);
}

std::string axes(const Study& study, const Scale& scale) {
    std::string out;
    for (int percent = 0; percent <= 100; percent += 20) {
        const double y = height_of(percent / 100.0);
        out += fmt::format(
            "<path class=\"grid\" d=\"M{},{:.1f} h{}\"/><text class=\"end\" x=\"{}\" y=\"{:.1f}\">{} %</text>\n", kLeft,
            y, kPlotWidth, kLeft - 8, y + 4, percent);
    }
    for (const double tick : scale.ticks()) {
        const double x = scale.at(tick);
        out += fmt::format(
            "<path class=\"grid\" d=\"M{:.1f},{} v{}\"/><text class=\"middle\" x=\"{:.1f}\" y=\"{}\">{:g}</text>\n", x,
            kTop, kPlotHeight, x, kTop + kPlotHeight + 18, tick);
    }
    out += fmt::format("<rect class=\"frame\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>\n", kLeft, kTop,
                       kPlotWidth, kPlotHeight);
    out += fmt::format("<text class=\"title\" x=\"{}\" y=\"{}\">{}</text>\n", kLeft, kTop - 14, escaped(study.title));
    out += fmt::format("<text class=\"middle\" x=\"{}\" y=\"{}\">{}</text>\n", kLeft + kPlotWidth / 2,
                       kTop + kPlotHeight + 40, axis_label(study.x));
    out += fmt::format("<text class=\"middle\" transform=\"translate(14,{}) rotate(-90)\">frames that survive</text>\n",
                       kTop + kPlotHeight / 2);
    return out;
}

std::string curve(Cell cell, Axis x, const Scale& scale, const char* colour) {
    std::string path;
    for (int i = 0; i <= kCurvePoints; ++i) {
        set_value(cell, x, scale.value(static_cast<double>(i) / kCurvePoints));
        if (!possible(cell)) continue;
        const auto expected = expect(impair::LossChain::of(cell.link.loss, cell.link.burst),
                                     split(cell.frame_packets, cell.per_block, cell.fec_percent), 1);
        path += fmt::format("{}{:.1f},{:.1f}", path.empty() ? "M" : " L", scale.at(value_of(cell, x)),
                            height_of(expected.survival));
    }
    return fmt::format("<path class=\"curve\" stroke=\"{}\" d=\"{}\"/>\n", colour, path);
}

// Two standard errors, as theory has them, around what was measured.
std::string error_bar(const Cell& cell, const Outcome& outcome, double x, const char* colour) {
    const auto frames = static_cast<double>(cell.frames);
    const double survived = static_cast<double>(outcome.survived) / frames;
    const double reach = 2 * outcome.expected.frames_sd / frames;
    return fmt::format("<path class=\"bar\" stroke=\"{}\" d=\"M{:.1f},{:.1f} V{:.1f}\"/>\n", colour, x,
                       height_of(std::min(survived + reach, 1.0)), height_of(std::max(survived - reach, 0.0)));
}

std::string panel(const StudyResult& result) {
    const Study& study = result.study;
    std::vector<std::string> curves;  // labels, in the order of their first cell
    double least = 1e300, most = 0;
    for (const Cell& cell : study.cells) {
        const std::string label = study.curve_of(cell);
        if (std::ranges::find(curves, label) == curves.end()) curves.push_back(label);
        least = std::min(least, value_of(cell, study.x));
        most = std::max(most, value_of(cell, study.x));
    }
    const Scale scale(study.x, least, most);
    std::string lines, marks;
    for (size_t c = 0; c < curves.size(); ++c) {
        const char* colour = kColours[c % kColours.size()];
        bool drawn = false;
        for (size_t i = 0; i < result.outcomes.size(); ++i) {
            const Cell& cell = study.cells[i];
            if (study.curve_of(cell) != curves[c]) continue;
            if (!std::exchange(drawn, true)) lines += curve(cell, study.x, scale, colour);
            const double x = scale.at(value_of(cell, study.x));
            const double y =
                height_of(static_cast<double>(result.outcomes[i].survived) / static_cast<double>(cell.frames));
            marks += error_bar(cell, result.outcomes[i], x, colour) + mark(cell, x, y, colour);
        }
    }
    std::string legend;
    const double legend_x = kLeft + 14;
    double y = kTop + kPlotHeight - 12 - 19.0 * static_cast<double>(curves.size() - 1);
    for (size_t c = 0; c < curves.size(); ++c, y += 19) {
        legend += fmt::format(
            "<path class=\"curve\" stroke=\"{}\" d=\"M{},{:.1f} h24\"/><text x=\"{}\" y=\"{:.1f}\">{}</text>\n",
            kColours[c % kColours.size()], legend_x, y, legend_x + 31, y + 4, escaped(curves[c]));
    }
    return axes(study, scale) + lines + marks + legend;
}

std::string key(double x, double y) {
    const char* colour = "#3a4653";
    std::string out;
    const auto entry = [&](const std::string& drawing, const char* text, double width) {
        out += drawing + fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", x + 14, y + 4, text);
        x += width;
    };
    out += fmt::format("<path class=\"curve\" stroke=\"{}\" d=\"M{},{} h22\"/>", colour, x, y);
    x += 16;
    entry("", "theory, exact", 140);
    entry(mark({.scheme = fec::Scheme::Gf16}, x, y, colour), "GF(2^16)", 100);
    entry(mark({.scheme = fec::Scheme::Gf8}, x, y, colour), "GF(2^8)", 94);
    entry(mark({.transport = Transport::Udp}, x, y, colour), "through a UDP relay", 172);
    entry(fmt::format("<path class=\"bar\" stroke=\"{}\" d=\"M{:.1f},{:.1f} v16\"/>", colour, x, y - 8),
          "two standard errors", 0);
    return out;
}

}  // namespace

std::string plot(const std::vector<StudyResult>& results, uint64_t seed) {
    std::vector<const StudyResult*> pictured;
    for (const StudyResult& result : results) {
        if (result.study.pictured && !result.study.cells.empty()) pictured.push_back(&result);
    }
    const size_t columns = pictured.size() > 1 ? 2 : 1, rows = (pictured.size() + columns - 1) / columns;
    const double width = std::max(2 * kMargin + static_cast<double>(columns) * kPanelWidth, 720.0);
    const double height = kHeader + static_cast<double>(rows) * kPanelHeight + kFooter;
    std::string out = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\">\n{2}"
        "<rect width=\"{0}\" height=\"{1}\" fill=\"#ffffff\"/>\n",
        width, height, kStyle);
    out += fmt::format("<text class=\"headline\" x=\"{}\" y=\"38\">Frames that survive a lossy network</text>\n",
                       kMargin + kLeft);
    for (size_t i = 0; i < pictured.size(); ++i) {
        out += fmt::format("<g transform=\"translate({},{})\">\n{}</g>\n",
                           kMargin + static_cast<double>(i % columns) * kPanelWidth,
                           kHeader + static_cast<double>(i / columns) * kPanelHeight, panel(*pictured[i]));
    }
    out += key(kMargin + kLeft, height - 24);
    out += fmt::format("<text class=\"end\" x=\"{}\" y=\"{}\">loss-harness, seed {}</text>\n</svg>\n",
                       width - kMargin - 28, height - 20, seed);
    return out;
}

}  // namespace punktfunk::loss_harness
