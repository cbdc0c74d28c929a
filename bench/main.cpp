// punktfunk-bench: every figure of the project beside what it is compared with. Nothing here can fail a build.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "report.hpp"

int main(int argc, char** argv) {
    using namespace punktfunk::bench;
    CLI::App cli{"punktfunk-bench: figures beside their references, measured in turn"};
    std::string only, json;
    cli.add_option(
        "--only", only,
        "rows whose names begin like this: gf8, gf16, aead, loop, gamestream, udp, convert, encode, stream, moonlight");
    cli.add_option("--json", json, "write the rows here too");
    CLI11_PARSE(cli, argc, argv);

    Report report(only);
    fec_rows(report);
    crypto_rows(report);
    loop_rows(report);
    gamestream_rows(report);
    udp_rows(report);
    convert_rows(report);
    encode_rows(report);
    stream_rows(report);
    moonlight_rows(report);
    if (!json.empty() && !report.write_json(json)) {
        std::fprintf(stderr, "punktfunk-bench: %s could not be written\n", json.c_str());
        return 1;
    }
}
