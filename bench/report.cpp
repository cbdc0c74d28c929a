#include "report.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

namespace punktfunk::bench {

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values.empty() ? 0 : values[values.size() / 2];
}

bool Report::wants(const std::string& prefix) const {
    return only_.empty() || prefix.starts_with(only_) || only_.starts_with(prefix);
}

void Report::heading(const std::string& text) const {
    fmt::print("\n{:<34} {:>11} {:>11}  {:>7} {:>7}  {}\n", text, "ours", "reference", "ratio", "wanted",
               "unit; against");
    std::fflush(stdout);
}

void Report::add(Row row) {
    const auto number = [](const std::optional<double>& value, const char* suffix = "") {
        return value ? fmt::format("{:.{}f}{}", *value,
                                   *value < 10     ? 3
                                   : *value < 1000 ? 1
                                                   : 0,
                                   suffix)
                     : std::string("-");
    };
    std::string remark = row.unit;
    if (!row.reference_name.empty()) remark += "; " + row.reference_name;
    if (!row.note.empty()) remark += " (" + row.note + ")";
    fmt::print("{:<34} {:>11} {:>11}  {:>7} {:>7}  {}\n", row.name, number(row.ours), number(row.reference),
               row.ratio ? fmt::format("{:.2f}", *row.ratio) : "-",
               row.wanted_ratio ? fmt::format("{:.2f}", *row.wanted_ratio) : "-", remark);
    std::fflush(stdout);
    rows_.push_back(std::move(row));
}

bool Report::write_json(const std::filesystem::path& file) const {
    const auto or_null = [](const auto& value) { return value ? nlohmann::json(*value) : nlohmann::json(nullptr); };
    auto list = nlohmann::json::array();
    for (const Row& row : rows_) {
        list.push_back({{"name", row.name},
                        {"unit", row.unit},
                        {"ours", row.ours},
                        {"reference", or_null(row.reference)},
                        {"reference_name", row.reference_name},
                        {"ratio", or_null(row.ratio)},
                        {"wanted_ratio", or_null(row.wanted_ratio)},
                        {"note", row.note}});
    }
    std::ofstream out(file);
    out << list.dump(1) << "\n";
    out.flush();
    return out.good();
}

}  // namespace punktfunk::bench
