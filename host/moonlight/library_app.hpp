// Something that can be started beside what apps.json lists.
#pragma once

#include <filesystem>
#include <string>

namespace punktfunk::moonlight {

struct LibraryApp {
    std::string name, command;
    std::filesystem::path image;  // a PNG or a JPEG; empty: none
};

}  // namespace punktfunk::moonlight
