// What is swept: studies, each a few grids of cells, and how their cells are told apart.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "experiment.hpp"

namespace punktfunk::loss_harness {

enum class Axis : uint8_t { Loss, Burst, FecPercent, PerBlock, FramePackets, Reorder, Jitter, Duplicate };
inline constexpr std::array kAxes{Axis::Loss,         Axis::Burst,   Axis::FecPercent, Axis::PerBlock,
                                  Axis::FramePackets, Axis::Reorder, Axis::Jitter,     Axis::Duplicate};

// Shares in percent, bursts in packets, jitter in milliseconds: as people say them.
[[nodiscard]] double value_of(const Cell& cell, Axis axis);
void set_value(Cell& cell, Axis axis, double value);
[[nodiscard]] std::string axis_label(Axis axis);

// Every combination of the values; what no code or link can do is left out.
struct Grid {
    std::vector<fec::Scheme> schemes{fec::Scheme::Gf8, fec::Scheme::Gf16};
    Transport transport = Transport::InProcess;
    size_t frames = 1000;
    std::array<std::vector<double>, kAxes.size()> values{{{5}, {0}, {20}, {192}, {192}, {0}, {0}, {0}}};

    std::vector<double>& operator[](Axis axis) { return values[static_cast<size_t>(axis)]; }
    [[nodiscard]] std::vector<Cell> cells() const;
};

struct Study {
    std::string name, title;
    Axis x = Axis::Loss;  // of its picture
    bool pictured = true;
    std::vector<Cell> cells;

    // What tells a cell's curve from the others of the picture: the values that vary, other than x.
    [[nodiscard]] std::string curve_of(const Cell& cell) const;
};

// The standard sweep; `quick` is a tenth of the work.
[[nodiscard]] std::vector<Study> standard_studies(bool quick, bool udp);
// One study of one grid; x is the first axis with several values.
[[nodiscard]] Study own_study(const Grid& grid);

}  // namespace punktfunk::loss_harness
