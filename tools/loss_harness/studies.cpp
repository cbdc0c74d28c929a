#include "studies.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace punktfunk::loss_harness {

namespace {

std::string part_of_label(const Cell& cell, Axis axis) {
    const double value = value_of(cell, axis);
    switch (axis) {
        case Axis::Loss:
            return fmt::format("{:g} % loss", value);
        case Axis::Burst:
            return value == 0 ? "independent losses" : fmt::format("bursts of {:g}", value);
        case Axis::FecPercent:
            return fmt::format("{:g} % FEC", value);
        case Axis::PerBlock:
            return cell.per_block >= cell.frame_packets ? std::string("one block")
                                                        : fmt::format("blocks of {:g}", value);
        case Axis::FramePackets:
            return fmt::format("frames of {:g}", value);
        case Axis::Reorder:
            return fmt::format("{:g} % reordered", value);
        case Axis::Jitter:
            return fmt::format("{:g} ms jitter", value);
        case Axis::Duplicate:
            return fmt::format("{:g} % doubled", value);
    }
    return {};
}

void append(std::vector<Cell>& to, const Grid& grid) {
    const auto cells = grid.cells();
    to.insert(to.end(), cells.begin(), cells.end());
}

}  // namespace

double value_of(const Cell& cell, Axis axis) {
    // 7 and not 7.000000000000001: shares came from percentages.
    const auto percent = [](double share) { return std::round(share * 1e8) / 1e6; };
    switch (axis) {
        case Axis::Loss:
            return percent(cell.link.loss);
        case Axis::Burst:
            return cell.link.burst;
        case Axis::FecPercent:
            return cell.fec_percent;
        case Axis::PerBlock:
            return static_cast<double>(cell.per_block);
        case Axis::FramePackets:
            return static_cast<double>(cell.frame_packets);
        case Axis::Reorder:
            return percent(cell.link.reorder);
        case Axis::Jitter:
            return static_cast<double>(cell.link.jitter.count()) / 1e6;
        case Axis::Duplicate:
            return percent(cell.link.duplicate);
    }
    return 0;
}

void set_value(Cell& cell, Axis axis, double value) {
    switch (axis) {
        case Axis::Loss:
            cell.link.loss = value / 100;
            break;
        case Axis::Burst:
            cell.link.burst = value;
            break;
        case Axis::FecPercent:
            cell.fec_percent = static_cast<unsigned>(value);
            break;
        case Axis::PerBlock:
            cell.per_block = static_cast<size_t>(value);
            break;
        case Axis::FramePackets:
            cell.frame_packets = static_cast<size_t>(value);
            break;
        case Axis::Reorder:
            cell.link.reorder = value / 100;
            break;
        case Axis::Jitter:
            cell.link.jitter = std::chrono::nanoseconds(static_cast<int64_t>(value * 1e6));
            break;
        case Axis::Duplicate:
            cell.link.duplicate = value / 100;
            break;
    }
}

std::string axis_label(Axis axis) {
    switch (axis) {
        case Axis::Loss:
            return "packets lost, %";
        case Axis::Burst:
            return "mean run of losses, packets";
        case Axis::FecPercent:
            return "FEC, %";
        case Axis::PerBlock:
            return "data packets a block";
        case Axis::FramePackets:
            return "data packets a frame";
        case Axis::Reorder:
            return "packets held back, %";
        case Axis::Jitter:
            return "jitter, ms";
        case Axis::Duplicate:
            return "packets doubled, %";
    }
    return {};
}

std::vector<Cell> Grid::cells() const {
    std::vector<Cell> cells;
    for (const auto scheme : schemes) cells.push_back({.scheme = scheme, .transport = transport, .frames = frames});
    for (const Axis axis : kAxes) {
        std::vector<Cell> finer;
        for (const Cell& cell : cells) {
            for (const double value : values[static_cast<size_t>(axis)]) {
                finer.push_back(cell);
                set_value(finer.back(), axis, value);
            }
        }
        cells = std::move(finer);
    }
    std::erase_if(cells, [](const Cell& cell) { return !possible(cell); });
    return cells;
}

std::string Study::curve_of(const Cell& cell) const {
    std::string label;
    for (const Axis axis : kAxes) {
        const bool varies = std::ranges::any_of(
            cells, [&](const Cell& other) { return value_of(other, axis) != value_of(cell, axis); });
        if (axis == x || !varies) continue;
        label += (label.empty() ? "" : ", ") + part_of_label(cell, axis);
    }
    return label.empty() ? "all" : label;
}

std::vector<Study> standard_studies(bool quick, bool udp) {
    const size_t frames = quick ? 100 : 400;
    const auto thinned = [&](std::vector<double> values) {
        std::vector<double> kept;
        for (size_t i = 0; i < values.size(); i += quick ? 4 : 1) kept.push_back(values[i]);
        return kept;
    };
    const auto over_udp = [&](Study& study, Grid grid) {
        if (!udp) return;
        grid.schemes = {fec::Scheme::Gf16};
        grid.frames = quick ? 50 : 200;
        append(study.cells, grid);  // in process as well: the same losses must cost the same frames
        grid.transport = Transport::Udp;
        append(study.cells, grid);
    };

    Study blocks{"blocks", "Independent losses, 20 % FEC: by block size", Axis::Loss};
    Grid grid{.frames = frames};
    grid[Axis::Loss] = thinned({1, 3, 5, 7, 9, 10, 11, 13, 15, 17, 20});
    grid[Axis::PerBlock] = {16, 48, 192};
    append(blocks.cells, grid);
    grid[Axis::Loss] = {2, 6, 10};
    grid[Axis::PerBlock] = {48};
    over_udp(blocks, grid);

    Study fec{"fec", "Independent losses, one block a frame: by FEC", Axis::Loss};
    grid = {.frames = frames};
    grid[Axis::Loss] = thinned({1, 2, 4, 5, 7, 9, 11, 13, 16, 19, 22});
    grid[Axis::FecPercent] = {5, 10, 20, 30};
    append(fec.cells, grid);
    grid[Axis::Loss] = {6};
    grid[Axis::FecPercent] = {10};
    over_udp(fec, grid);

    Study bursts{"bursts", "4 % lost in bursts, 20 % FEC: by block size", Axis::Burst};
    grid = {.frames = frames};
    grid[Axis::Loss] = {4};
    grid[Axis::Burst] = thinned({1, 1.5, 2, 3, 4, 8, 12, 16, 32});
    grid[Axis::PerBlock] = {16, 48, 192};
    append(bursts.cells, grid);
    grid[Axis::Burst] = {4, 16};
    grid[Axis::PerBlock] = {48};
    over_udp(bursts, grid);

    // What GF(2^8) has to split GF(2^16) protects as a whole.
    Study large{"large", "1024 packets (1.4 MB): GF(2^8) in blocks, GF(2^16) in one", Axis::Loss};
    grid = {.schemes = {fec::Scheme::Gf8}, .frames = frames / 4};
    grid[Axis::FramePackets] = {1024};
    grid[Axis::Loss] = thinned({6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18});
    grid[Axis::PerBlock] = {200};
    append(large.cells, grid);
    grid.schemes = {fec::Scheme::Gf16};
    grid[Axis::PerBlock] = {4096};
    append(large.cells, grid);

    Study order{"order", "8 % lost, blocks of 48: reordering, jitter and doubles change nothing", Axis::Reorder, false};
    grid = {.frames = frames / 4};
    grid[Axis::Loss] = {8};
    grid[Axis::PerBlock] = {48};
    grid[Axis::Reorder] = {0, 10, 50};
    grid[Axis::Jitter] = {0, 5, 40};
    grid[Axis::Duplicate] = {0, 5, 25};
    append(order.cells, grid);
    grid[Axis::Reorder] = {10};
    grid[Axis::Jitter] = {1};
    grid[Axis::Duplicate] = {25};
    over_udp(order, grid);

    return {std::move(blocks), std::move(fec), std::move(bursts), std::move(large), std::move(order)};
}

Study own_study(const Grid& grid) {
    Study study{"own", "Own sweep", Axis::Loss, true, grid.cells()};
    const auto* several =
        std::ranges::find_if(kAxes, [&](Axis axis) { return grid.values[static_cast<size_t>(axis)].size() > 1; });
    if (several != kAxes.end()) study.x = *several;
    return study;
}

}  // namespace punktfunk::loss_harness
